import Foundation
import KafkaTestSupport
import Testing

/// Exactly once, and nothing lost, whatever kills the engine.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct CrashTests {
    static let kills = 15

    @Test func everyReminderIsSentExactlyOnceHoweverOftenTheEngineIsKilled() async throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["WINBACK_SEED"] ?? "") ?? .random(in: 0..<1 << 32)
        print("everyReminderIsSentExactlyOnceHoweverOftenTheEngineIsKilled: WINBACK_SEED=\(seed)")
        try await Stage.play(Stage.Settings(partitions: 3)) { stage in
            let (engine, load) = try stage.killUnderLoad(
                Self.kills, atMessagesOf: stage.reminders, longest: 4, alsoAnywhere: true, seed: seed)
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            try engine.stop()
            try Self.judge(stage, load, marks)
        }
    }

    private static func judge(_ stage: Stage, _ load: Stage.Load, _ marks: Set<String>) throws {
        let (leads, purchases) = (load.leads, load.purchases)
        let commands = try stage.witness.read(stage.reminders).filter { !marks.contains(Stage.prospect($0)) }
        #expect(leads.count > 300)
        #expect(purchases.count > 100)
        let counts = Dictionary(commands.map { (Stage.prospect($0), 1) }, uniquingKeysWith: +)
        #expect(counts.filter { $0.value > 1 } == [:], "sent more than once")
        #expect(Set(counts.keys).subtracting(leads.keys) == [], "sent to nobody")
        let missing = leads.keys.filter { purchases[$0] == nil && counts[$0] == nil }
        #expect(missing == [], "never sent")
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        for command in commands {
            guard let bought = purchases[Stage.prospect(command)] else { continue }
            let data = try #require(command.json["data"] as? [String: Any])
            let emitted = try #require((data["emittedAt"] as? String).flatMap(formatter.date(from:)))
            // The tick's end offsets were asked for one lateness after the clock that it set: what had been acknowledged by
            // then had been read.
            let sampled = emitted.timeIntervalSince1970 * 1000 + Double(Stage.latenessMilliseconds)
            #expect(bought >= sampled, "\(Stage.prospect(command)) had bought \(sampled - bought) ms before")
        }
        #expect(try stage.witness.read(stage.deadLetters) == [])
    }
}
