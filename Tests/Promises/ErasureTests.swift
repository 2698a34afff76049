import Foundation
import KafkaTestSupport
import Testing

/// Erased means gone, in every partition, and nothing older brings the person back.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct ErasureTests {
    private static let jane = "Jane.Doe@example.com"

    private static func opening(_ prospect: String, _ email: String, in partition: Int, at time: Date = Date())
        -> Message
    {
        var event = Event.opening(prospect)
        event.email = email
        event.time = time
        var message = event.structured
        message.partition = partition
        return message
    }

    private static func command(_ stage: Stage, _ words: [String]) throws -> EngineProcess {
        try stage.start(command: words + ["--data", stage.data.path])
    }

    private static func leads(_ stage: Stage) throws -> Set<String> {
        let command = try command(stage, ["leads", "--json"])
        #expect(try command.exitCode() == 0, "\(command.log)")
        let rows = try JSONSerialization.jsonObject(with: Data(command.log.utf8)) as? [[String: Any]]
        return Set(try #require(rows, "\(command.log)").compactMap { $0["prospect"] as? String })
    }

    @Test func everyoneWithTheAddressIsGoneInEveryPartition() async throws {
        try await Stage.play(Stage.Settings(partitions: 3, wait: "30s")) { stage in
            let early = Date()
            let engine = try stage.run()
            try stage.witness.produce(
                stage.events,
                [
                    Self.opening("jane-1", Self.jane, in: 0), Self.opening("jane-2", "jane.doe@EXAMPLE.com", in: 1),
                    Self.opening("john", "john@example.com", in: 2),
                ])
            try stage.waitUntilFolded(3)
            #expect(try Self.leads(stage) == ["jane-1", "jane-2", "john"])

            for text in [Self.jane, "jane-1", "jane-2"] {
                #expect(try !Self.files(stage, with: text).isEmpty, "\(text)")
            }
            let asks = try Self.command(stage, ["erase", "--email", Self.jane])
            #expect(try asks.exitCode() == 64, "\(asks.log)")
            let erase = try Self.command(stage, ["erase", "--email", " \(Self.jane) ", "--yes"])
            #expect(try erase.exitCode() == 0, "\(erase.log)")
            #expect(erase.log.components(separatedBy: "erased").count == 4, "\(erase.log)")
            // What is acknowledged is so.
            #expect(try Self.leads(stage) == ["john"])
            for text in [Self.jane, "jane.doe", "jane-1", "jane-2"] {
                #expect(try Self.files(stage, with: text) == [], "\(text)")
            }
            #expect(try !Self.files(stage, with: "john@example.com").isEmpty)
            #expect(try Self.status(stage).code == 0)

            // Older ones that come later, of people who were known and who were not; and one that is newer.
            try stage.witness.produce(
                stage.events,
                [
                    Self.opening("jane-1", Self.jane, in: 0, at: early),
                    Self.opening("jane-3", Self.jane, in: 2, at: early),
                    Self.opening("jane-4", Self.jane, in: 1),
                ])
            try stage.waitUntilFolded(9)
            #expect(try Self.leads(stage) == ["john", "jane-4"])
            // The same from the journal alone.
            try engine.stop()
            #expect(try Self.leads(stage) == ["john", "jane-4"])
            let second = try stage.run()
            // A checkout is reminded sooner: once one is, everything older in its partition has been decided.
            var mark = Event(type: "checkout.started", prospect: "mark").structured
            mark.partition = 2
            try stage.witness.produce(stage.events, [Self.opening("jane-5", Self.jane, in: 2, at: early), mark])
            _ = try eventually("the reminders of those who are left", within: 120) {
                Set(try stage.reminded()).isSuperset(of: ["john", "jane-4", "mark"]) ? true : nil
            }
            try second.stop()
            let reminded = Set(try stage.reminded())
            #expect(reminded == ["john", "jane-4", "mark"])
            for log in [engine.log, second.log] { #expect(!log.lowercased().contains("jane.doe")) }
        }
    }

    /// The files of the data directory that hold a text.
    private static func files(_ stage: Stage, with text: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: stage.data.path).filter { path in
            let data = FileManager.default.contents(atPath: stage.data.appendingPathComponent(path).path)
            return data?.range(of: Data(text.utf8)) != nil
        }
    }

    private static func status(_ stage: Stage) throws -> (code: Int32, said: String) {
        let command = try command(stage, ["erase", "--status"])
        return (try command.exitCode(), command.log)
    }

    /// A journal that was set aside and can't be read is what holds it up, until somebody deletes it; the engine is killed
    /// meanwhile.
    @Test func whatIsNotDestroyedIsNotAcknowledgedAndTheNextStartFinishesIt() async throws {
        try await Stage.play(Stage.Settings(partitions: 1, wait: "60s")) { stage in
            let first = try stage.run()
            try stage.publish([.opening("first-person")])
            try stage.waitUntilFolded(1)
            try stage.publish([.opening("second-person")])
            try stage.waitUntilFolded(2)
            try first.stop()
            let aside = stage.data.appendingPathComponent("shards.before-1")
            try FileManager.default.createDirectory(at: aside, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                at: stage.data.appendingPathComponent("shards/0"), to: aside.appendingPathComponent("0"))
            let segment = aside.appendingPathComponent("0/0000000000004096.segment")
            var bytes = try Data(contentsOf: segment)
            bytes[60] ^= 1
            try bytes.write(to: segment)

            let second = try stage.run()
            let erase = try Self.command(
                stage, ["erase", "--prospect", "first-person", "--tenant", "shop", "--yes", "--timeout", "5"])
            #expect(try erase.exitCode() == 75, "\(erase.log)")
            #expect(erase.log.contains("erase --status"), "\(erase.log)")
            let heldUp = try Self.status(stage)
            #expect(heldUp.code == 75 && heldUp.said.contains("delete \(aside.path)"), "\(heldUp.said)")
            #expect(second.log.contains("delete"))
            second.kill()
            let killed = try Self.status(stage)
            #expect(killed.code == 75 && killed.said.contains("its next start does it"), "\(killed.said)")
            try FileManager.default.removeItem(at: aside)
            let third = try stage.run()
            // The number of records comes with the engine's next word.
            _ = try eventually("the erasure of one record is done", within: 60) {
                let status = try Self.status(stage)
                return status.code == 0 && status.said.contains("\tdone\t1\t") ? true : nil
            }
            #expect(try Self.files(stage, with: "first-person") == [])
            #expect(try !Self.files(stage, with: "second-person").isEmpty)
            try third.stop()
        }
    }

    /// Whenever it is killed, an erasure that was asked for is done in the end, and nothing of it is left.
    @Test func howeverOftenTheEngineIsKilledTheDataIsGoneInTheEnd() async throws {
        try await Stage.play(Stage.Settings(partitions: 2, wait: "60s")) { stage in
            var engine = try stage.run()
            let names = (0..<8).map { "erased-\($0)" }
            try stage.publish(names.map { .opening($0) } + [.opening("kept")])
            try stage.waitUntilFolded(9)
            for (index, name) in names.enumerated() {
                let erase = try Self.command(
                    stage, ["erase", "--prospect", name, "--tenant", "shop", "--yes", "--timeout", "60"])
                try erase.waitUntilItSays("published to all")
                Thread.sleep(forTimeInterval: 0.04 * Double(index))
                engine.kill()
                engine = try stage.run()
                _ = try erase.exitCode()
            }
            _ = try eventually("all erasures are done", within: 60) {
                try Self.status(stage).code == 0
                    && names.allSatisfy { try Self.files(stage, with: $0).isEmpty } ? true : nil
            }
            #expect(try !Self.files(stage, with: "kept").isEmpty)
            try engine.stop()
        }
    }

    @Test func withoutAnEngineItIsPublishedAndFoldedAtTheNextStart() async throws {
        try await Stage.play(Stage.Settings(partitions: 2, wait: "2s")) { stage in
            let engine = try stage.run()
            try stage.publish([.opening("p-1"), .opening("p-2")])
            try stage.waitUntilFolded(2)
            try engine.stop()
            let before = Set(try stage.reminded())
            let erase = try Self.command(stage, ["erase", "--prospect", "p-1", "--tenant", "shop", "--yes"])
            #expect(try erase.exitCode() == 75, "\(erase.log)")
            #expect(erase.log.contains("at its next start"), "\(erase.log)")
            let second = try stage.run()
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            try second.stop()
            #expect(Set(try stage.reminded()).subtracting(marks) == before.union(["p-2"]))
            #expect(try Self.leads(stage).subtracting(marks) == ["p-2"])
        }
    }
}
