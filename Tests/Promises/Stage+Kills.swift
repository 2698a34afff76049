import Foundation
import KafkaTestSupport
import RandomTestSupport
import Testing

/// A load, and an engine that is killed under it again and again.
extension Stage {
    /// What was acknowledged, by person, with when: milliseconds since 1970.
    struct Load {
        var leads: [String: Double]
        var purchases: [String: Double]
    }

    /// - Parameters:
    ///   - topic: where its messages appear that it is killed at: within their transaction, and right behind it.
    ///   - longest: how many seconds somebody who buys takes for that at most.
    ///   - alsoAnywhere: whether every third kill comes at any moment, the start included.
    /// - Returns: the engine that works on, and the load, which has ended.
    func killUnderLoad(
        _ kills: Int, atMessagesOf topic: String, longest: Double, alsoAnywhere: Bool = false, seed: UInt64
    ) throws -> (engine: EngineProcess, load: Load) {
        var random = SeededGenerator(seed: seed)
        var engine = try run()
        try witness.ask(
            "start_load",
            [
                "topic": events, "seed": Int(seed), "rate": 150, "longest": longest, "opens": "sales-lead.created",
                "converts": "policy.issued",
            ])
        for kill in 0..<kills {
            if alsoAnywhere && kill % 3 == 0 {
                Thread.sleep(forTimeInterval: Double.random(in: 0.2...2.5, using: &random))
            } else {
                try witness.ask(
                    "kill_at_message",
                    [
                        "topic": topic, "pid": Int(engine.process.processIdentifier),
                        "after": Double.random(in: 0...0.015, using: &random),
                    ])
            }
            engine.kill()
            engine = try start()
        }
        let load = try witness.ask("stop_load")
        try engine.waitUntilRunning()
        return (
            engine,
            Load(
                leads: try #require(load["leads"] as? [String: Double]),
                purchases: try #require(load["purchases"] as? [String: Double]))
        )
    }
}
