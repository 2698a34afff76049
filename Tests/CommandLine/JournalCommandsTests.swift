import Configuration
import Engine
import Foundation
import Journal
import Journey
import Kafka
import Testing

@Suite struct JournalCommandsTests {
    private let winback: WinbackProgram
    private let folder: TemporaryFolder
    private var data: String { folder.url.appendingPathComponent("data").path }
    private var archive: String { folder.url.appendingPathComponent("archive").path }

    init() throws {
        winback = try WinbackProgram()
        folder = try TemporaryFolder()
    }

    /// A partition of several segments; conversions bring no personal data, so that all but the last can be archived.
    private func makeData() throws -> OfflineEngine {
        var configuration = try Configuration.parse(
            text: """
                kafka: {bootstrap.servers: "localhost:9092"}
                templates: [spot-saved]
                policies:
                  - name: abandoned-checkout
                    opensOn: [checkout.started]
                    convertsOn: [checkout.completed]
                    steps: [{after: 1h, template: spot-saved}]
                """)
        configuration.data = data
        let start = Instant(milliseconds: 1_800_000_000_000)
        let engine = try OfflineEngine(
            configuration: configuration, partitions: 1, activation: start, fileSystem: POSIXFileSystem(),
            journal: JournalSettings(segmentBytes: 16384, maximumFrameBytes: 4096))
        let batch = MessageBatch(capacity: 1)
        for number in 0..<200 {
            let type = number == 199 ? "checkout.started" : "checkout.completed"
            let event =
                #"{"specversion":"1.0","id":"e-\#(number)","source":"/c","type":"\#(type)","time":"2027-01-15T08:00:00Z","data":{"prospect":{"id":"p-\#(number)","email":"p-\#(number)@example.com"}}}"#
            batch.release()
            Array(event.utf8).withUnsafeBytes { value in
                _ = batch.append(
                    partition: 0, offset: Int64(number), timestampMilliseconds: start.milliseconds, key: nil,
                    value: value)
            }
            try engine.fold(batch)
            try engine.commit()
        }
        return engine
    }

    private func rows(_ arguments: [String]) throws -> [[String: Any]] {
        let ending = try winback.run(["journal", "ls", "--json"] + arguments)
        #expect(ending.code == 0, "\(ending.errors)")
        return try #require(
            try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [[String: Any]])
    }

    @Test func segmentsAreListedAndThenArchivedAndStillListed() throws {
        try makeData().close()
        let before = try rows(["--data", data])
        let segments = before.filter { $0["kind"] as? String == "segment" }
        try #require(segments.count > 3)
        #expect(segments.compactMap { $0["events"] as? Int }.reduce(0, +) >= 198)
        #expect(segments.allSatisfy { $0["place"] as? String == "here" && $0["index"] as? Bool == false })
        #expect(segments.last?["state"] as? String == "open")
        #expect(segments[0]["from"] as? String == "2027-01-15T08:00:00.000Z")

        let ending = try winback.run(["journal", "archive", "--before", "2027-01-16", "--to", archive, "--data", data])
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(ending.output.contains("partition 0: \(segments.count - 1) segments moved"), "\(ending.output)")
        #expect(ending.output.contains("is not finished"))

        let after = try winback.run(["journal", "ls", "--data", data])
        #expect(after.errors.contains("known since 2027-01-15T08:00:00Z"))
        #expect(try rows(["--data", data]).filter { $0["kind"] as? String == "segment" }.count == 1)
        let whole = try rows(["--data", data, "--archive", archive])
        #expect(whole.filter { $0["place"] as? String == "archived" }.count == segments.count - 1)
        #expect(whole.filter { $0["kind"] as? String == "snapshot" && $0["state"] as? String == "sound" }.count >= 2)
        let results = try winback.run(["results", "--data", data, "--since", "2027-01-01", "--until", "2027-02-01"])
        #expect(results.errors.contains("known since 2027-01-15T08:00:00Z"))

        let again = try winback.run(["journal", "archive", "--before", "2027-01-16", "--to", archive, "--data", data])
        #expect(again.code == 0)
        #expect(again.output.contains("Nothing was moved."))
    }

    @Test func aRunningEngineKeepsItsJournal() throws {
        let engine = try makeData()
        defer { try? engine.close() }
        let ending = try winback.run(["journal", "archive", "--before", "1d", "--to", archive, "--data", data])
        #expect(ending.code == 75)
        #expect(ending.errors.contains("stop that one first"))
    }

    @Test(arguments: [
        ["--to", "x"], ["--before", "1d"], ["--before", "soon", "--to", "x"], ["--before", "1d", "--to", "x", "y"],
    ])
    func anArchivingWithoutADateOrAFolderIsRefused(arguments: [String]) throws {
        let ending = try winback.run(["journal", "archive", "--data", data] + arguments)
        #expect(ending.code == 64)
        #expect(!ending.errors.isEmpty)
    }

    @Test func aDirectoryThatIsNoneIsNotMade() throws {
        for command in [["journal", "ls"], ["journal", "archive", "--before", "1d", "--to", archive]] {
            let ending = try winback.run(command + ["--data", data])
            #expect(ending.code == 66)
            #expect(!FileManager.default.fileExists(atPath: data))
        }
    }
}
