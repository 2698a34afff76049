import Foundation
import KafkaTestSupport
import RandomTestSupport
import Testing

/// Exactly once, and nothing lost, whatever kills the engine.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct CrashTests {
    static let kills = 15

    @Test func everyReminderIsSentExactlyOnceHoweverOftenTheEngineIsKilled() async throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["WINBACK_SEED"] ?? "") ?? .random(in: 0..<1 << 32)
        print("everyReminderIsSentExactlyOnceHoweverOftenTheEngineIsKilled: WINBACK_SEED=\(seed)")
        try await Stage.play(Stage.Settings(partitions: 3)) { stage in
            var random = SeededGenerator(seed: seed)
            var engine = try stage.run()
            try stage.witness.ask(
                "start_load",
                [
                    "topic": stage.events, "seed": Int(seed), "rate": 150, "longest": 4.0,
                    "opens": "sales-lead.created", "converts": "policy.issued",
                ])
            for kill in 0..<Self.kills {
                if kill % 3 == 0 {
                    // From within the start to long after it, so that ticks and recoveries are hit.
                    Thread.sleep(forTimeInterval: Double.random(in: 0.2...2.5, using: &random))
                } else {
                    // Within a transaction and right behind it: what is not part of it has not happened yet.
                    try stage.witness.ask(
                        "kill_at_message",
                        [
                            "topic": stage.reminders, "pid": Int(engine.process.processIdentifier),
                            "after": Double.random(in: 0...0.015, using: &random),
                        ])
                }
                engine.kill()
                engine = try stage.start()
            }
            let load = try stage.witness.ask("stop_load")
            try engine.waitUntilRunning()
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            try engine.stop()
            try Self.judge(stage, load, marks)
        }
    }

    private static func judge(_ stage: Stage, _ load: [String: Any], _ marks: Set<String>) throws {
        let leads = try #require(load["leads"] as? [String: Double])
        let purchases = try #require(load["purchases"] as? [String: Double])
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
