import Foundation
import KafkaTestSupport
import RandomTestSupport
import Testing

/// What was refused can be looked at and sent again.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct DeadLetterTests {
    private static let settings = Stage.Settings(partitions: 2)

    /// Events under keys that are not their prospects' identities.
    private static func foreign(_ count: Int) -> [Message] {
        (0..<count).map { number in
            var message = Event.opening("p-\(number)").structured
            message.key = .text("somebody-\(number)")
            return message
        }
    }

    /// Has the engine refuse messages, and leave.
    private static func refuse(_ messages: [Message], _ stage: Stage) throws {
        let engine = try stage.run()
        try stage.witness.produce(stage.events, messages)
        _ = try eventually("\(messages.count) dead letters", within: 60) {
            (try? stage.count("deadLetters")) == messages.count ? true : nil
        }
        try engine.stop()
    }

    /// The letters as `dead-letters list` shows them.
    private static func list(_ stage: Stage, _ options: [String] = []) throws -> [[String: Any]] {
        let command = try stage.start(command: ["dead-letters", "list", "--json", "--limit", "10000"] + options)
        #expect(try command.exitCode() == 0, "\(command.log)")
        return try command.log.split(separator: "\n").filter { $0.hasPrefix("{") }.map { line in
            let text = line.hasSuffix(",") ? line.dropLast() : line
            return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }
    }

    @Test func aLetterIsListedShownAndSentAgain() async throws {
        try await Stage.play(Self.settings) { stage in
            let broken = Message(key: "b-1", value: "{broken")
            try Self.refuse(Self.foreign(2) + [broken], stage)
            let letters = try Self.list(stage)
            #expect(
                letters.compactMap { $0["reason"] as? String }.sorted() == [
                    "foreign-key", "foreign-key", "malformed-json",
                ])
            let chosen = try #require(letters.first { $0["key"] as? String == "somebody-1" })
            let place = try #require(chosen["place"] as? String)
            #expect(chosen["type"] as? String == "sales-lead.created")
            #expect(chosen["resubmitted"] as? Bool == false)

            let show = try stage.start(command: ["dead-letters", "show", place])
            #expect(try show.exitCode() == 0)
            #expect(show.log.contains("the message's key is not the prospect's identity"), "\(show.log)")
            #expect(show.log.contains("somebody-1"), "\(show.log)")

            let resubmit = try stage.start(command: ["dead-letters", "resubmit", place])
            #expect(try resubmit.exitCode() == 0, "\(resubmit.log)")
            #expect(resubmit.log.contains("1 of 1 letters were sent again"), "\(resubmit.log)")
            let events = try stage.witness.read(stage.events, count: 4)
            let again = try #require(events.first { $0.header("winback-resubmitted-from") != nil })
            let original = try #require(
                events.first { $0.key == .text("somebody-1") && $0.header("winback-resubmitted-from") == nil })
            #expect(again.header("winback-resubmitted-from") == "\(stage.deadLetters)-\(place)")
            #expect(
                (again.key, again.value, again.partition, again.timestamp) == (
                    original.key, original.value, original.partition, original.timestamp
                ))
            #expect(try Self.list(stage).filter { $0["resubmitted"] as? Bool == true }.count == 1)
            #expect(try Self.list(stage, ["--reason", "malformed-json"]).count == 1)
            let nothing = try stage.start(command: ["dead-letters", "resubmit"])
            #expect(try nothing.exitCode() == 64, "\(nothing.log)")
        }
    }

    @Test func noLetterIsSentTwiceHoweverOftenTheCommandIsKilled() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("noLetterIsSentTwiceHoweverOftenTheCommandIsKilled: seed \(seed)")
        try await Stage.play(Self.settings) { stage in
            var generator = SeededGenerator(seed: seed)
            let count = 1_500
            try Self.refuse(Self.foreign(count), stage)
            let words = ["dead-letters", "resubmit", "--reason", "foreign-key"]
            for _ in 0..<6 {
                let command = try stage.start(command: words)
                Thread.sleep(forTimeInterval: Double.random(in: 0.1...1.2, using: &generator))
                command.kill()
            }
            let last = try stage.start(command: words)
            #expect(try last.exitCode(within: 90) == 0, "\(last.log)")
            let events = try stage.witness.read(stage.events, count: 2 * count)
            let again = events.compactMap { $0.header("winback-resubmitted-from") }
            #expect(again.count == count, "seed \(seed)")
            #expect(Set(again).count == count, "seed \(seed)")
            #expect(events.count == 2 * count, "seed \(seed)")
            #expect(try Self.list(stage).allSatisfy { $0["resubmitted"] as? Bool == true })
        }
    }
}
