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
        try await Stage.play(Stage.Settings(partitions: 3, wait: "6s")) { stage in
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

            let asks = try Self.command(stage, ["erase", "--email", Self.jane])
            #expect(try asks.exitCode() == 64, "\(asks.log)")
            let erase = try Self.command(stage, ["erase", "--email", " \(Self.jane) ", "--yes"])
            #expect(try erase.exitCode() == 0, "\(erase.log)")
            #expect(erase.log.components(separatedBy: "erased").count == 4, "\(erase.log)")
            // What is acknowledged is so.
            #expect(try Self.leads(stage) == ["john"])

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
            _ = try eventually("the reminders of those who are left", within: 60) {
                Set(try stage.reminded()).isSuperset(of: ["john", "jane-4", "mark"]) ? true : nil
            }
            try second.stop()
            #expect(Set(try stage.reminded()) == ["john", "jane-4", "mark"])
            for log in [engine.log, second.log] { #expect(!log.lowercased().contains("jane.doe")) }
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
