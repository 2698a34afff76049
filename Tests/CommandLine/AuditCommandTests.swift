import Configuration
import Engine
import Foundation
import Journal
import Journey
import Kafka
import Testing

/// The audit's commands as they are typed, on a data directory that an engine has left.
@Suite struct AuditCommandTests {
    private let winback: WinbackProgram
    private let folder: TemporaryFolder
    private static let start = Instant(milliseconds: 1_800_000_000_000)

    init() throws {
        winback = try WinbackProgram()
        folder = try TemporaryFolder()
        try writeJournal()
    }

    private var data: String { folder.url.appendingPathComponent("data").path }

    private func writeJournal() throws {
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
        let settings = JournalSettings(segmentBytes: 1 << 20, maximumFrameBytes: 256 << 10)
        let engine = try OfflineEngine(
            configuration: configuration, partitions: 1, activation: Self.start, fileSystem: POSIXFileSystem(),
            journal: settings)
        let batch = MessageBatch(capacity: 10)
        for (offset, tenant) in ["academy", "school"].enumerated() {
            let event = """
                {"specversion":"1.0","id":"e-\(offset)","source":"/checkout","type":"checkout.started",
                 "time":"2027-01-15T08:00:00Z","data":{"tenant":"\(tenant)",
                 "prospect":{"id":"ann","email":"ann@\(tenant).example"},"product":{"id":"gold"}}}
                """
            Array(event.utf8).withUnsafeBytes { value in
                _ = batch.append(
                    partition: 0, offset: Int64(offset), timestampMilliseconds: Self.start.milliseconds, key: nil,
                    value: value)
            }
        }
        try engine.fold(batch)
        try engine.commit()
        while try engine.tick(Self.start + .hours(1)) > 0 { try engine.commit() }
        try engine.commit()
        try engine.close()
        // The last commit has succeeded.
        let shard = try ShardJournal.open(
            directory: data + "/shards/0", fileSystem: POSIXFileSystem(), settings: settings)
        try shard.sync()
        shard.confirm(Confirmation(position: shard.head.position, hash: shard.head.hash, offset: 2))
        try shard.markCleanStop()
        try shard.close()
        try DataDirectory.openForReading(data, fileSystem: POSIXFileSystem()).setEventTopics(["checkout-events"])
    }

    private func audit(_ arguments: String...) throws -> WinbackProgram.Ending {
        try winback.run(["audit"] + arguments + ["--data", data])
    }

    @Test func anAnswerIsReadFromTopToBottom() throws {
        let ending = try audit("explain", "--prospect", "ann", "--tenant", "academy")
        #expect(ending.code == 0, "\(ending.errors)")
        let lines = ending.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 7)
        #expect(lines[0] == "Prospect ann, ann@academy.example, of tenant academy")
        #expect(lines[1] == "Partition 0 had been read up to 2027-01-15 09:00:00. All times are UTC.")
        #expect(
            lines[2]
                == "2027-01-15 08:00:00  A checkout was started (checkout.started), product gold. [checkout-events, partition 0,"
                + " offset 0 · event e-0 of /checkout · journal position 4096]")
        #expect(
            lines[3]
                == "                     It opened a journey under the policy abandoned-checkout: reminder 1 of 1 (spot-saved) is"
                + " due at 2027-01-15 09:00:00, 1h after the last activity, unless something ends or moves the journey before."
                + " [abandoned-checkout version 1: opensOn: [checkout.started]; anchor: lastActivity; step 1: {after: 1h,"
                + " template: spot-saved}]")
        #expect(lines[4].hasPrefix("2027-01-15 09:00:00  Reminder 1 of 1 (spot-saved) went out as command "))
        #expect(lines[5] == "So:")
        #expect(lines[6].hasPrefix("- Reminder 1 of 1 (spot-saved) of the abandoned-checkout journey of"))
        #expect(lines[6].contains(" was sent at 2027-01-15 09:00:00 as command "))
    }

    @Test func anIDOfSeveralTenantsIsAskedBack() throws {
        let ending = try audit("explain", "--prospect", "ann")
        #expect(ending.code == 64)
        #expect(
            ending.errors.contains("several tenants have a prospect ann: academy, school; say which one with --tenant"))
    }

    @Test func ofNobodyItIsSaidWhatWasSearched() throws {
        let ending = try audit("explain", "--email", "eve@example.com")
        #expect(ending.code == 66)
        #expect(ending.output.isEmpty)
        #expect(ending.errors.contains("knows nothing of the address eve@example.com"))
        #expect(ending.errors.contains("1 partition of checkout-events, tenants academy, school"))
        #expect(ending.errors.contains("2027-01-15T08:00:00Z"))
    }

    @Test func aWrongQuestionIsAUsageError() throws {
        for arguments in [
            ["explain"], ["explain", "--email", "none"], ["explain", "--journey", "12"],
            ["explain", "--command", "12-1"],
            ["explain", "--message", "events"], ["explain", "--email", "a@example.com", "--prospect", "a"],
            ["explain", "--email", "a@example.com", "--as-of", "yesterday"], ["state", "--status", "sleeping"],
            ["commands", "--from", "2027-01-02", "--to", "2027-01-01"], ["export"],
        ] {
            let ending = try winback.run(["audit"] + arguments + ["--data", data])
            #expect(ending.code == 64, "\(arguments): \(ending.errors)")
        }
        #expect(try winback.run(["audit", "state", "--data", folder.url.path]).code == 77)
    }

    @Test func tablesAreReadByPrograms() throws {
        let state = try audit("state", "--as-of", "2027-01-15T08:30:00Z", "--csv")
        #expect(state.code == 0, "\(state.errors)")
        #expect(state.output.split(separator: "\n").count == 3)
        #expect(state.output.contains("ann@school.example,ann,school,gold,abandoned-checkout,1,waiting,0 of 1,"))
        let commands = try audit("commands", "--email", "ann@academy.example", "--json")
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(commands.output.utf8)) as? [[String: Any]])
        #expect(rows.count == 1)
        #expect(rows.first?["emittedAt"] as? String == "2027-01-15T09:00:00.000Z")
        let timeline = try audit("timeline", "--prospect", "ann", "--tenant", "academy", "--csv")
        #expect(timeline.output.contains("checkout.started,checkout-events,0,0,,opened,"))
        let explain = try audit("explain", "--email", "ann@academy.example", "--json")
        let people = try #require(try JSONSerialization.jsonObject(with: Data(explain.output.utf8)) as? [[String: Any]])
        #expect((people.first?["person"] as? [String: Any])?["tenant"] as? String == "academy")
    }

    @Test func anExportSaysWhereItIsAndThatPersonalDataIsTheUsersToProtect() throws {
        let target = folder.url.appendingPathComponent("export").path
        let ending = try audit("export", "--to", target, "--format", "csv", "--personal")
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(ending.output.contains("2 journeys, 2 commands in \(target)/facts.csv"))
        #expect(ending.errors.contains("Protect them"))
        #expect(try String(contentsOfFile: target + "/commands.csv", encoding: .utf8).contains("ann@school.example"))
    }
}
