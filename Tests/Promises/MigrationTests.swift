import Foundation
import KafkaTestSupport
import RandomTestSupport
import Testing

/// A changed policy reaches journeys that wait if an operator says so, all at once and each reminder once.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct PolicyChangeTests {
    private static let people = (0..<12).map { "p-\($0)" }

    /// Has the engine open a journey for each, and leave.
    private static func open(_ stage: Stage) throws {
        let engine = try stage.run()
        try stage.publish(people.map { .opening($0) })
        try stage.waitUntilFolded(people.count)
        try engine.stop()
    }

    private static func policies(_ stage: Stage, _ words: String...) throws -> EngineProcess {
        try stage.start(command: ["policies"] + words + ["--data", stage.data.path])
    }

    private static func diff(_ stage: Stage) throws -> (code: Int32, object: [String: Any]) {
        let command = try policies(stage, "diff", "--json")
        let code = try command.exitCode()
        let object = try JSONSerialization.jsonObject(with: Data(command.log.utf8)) as? [String: Any]
        return (code, try #require(object, "\(command.log)"))
    }

    @Test func aShorterWaitReachesWhoWaitsOnceItIsAppliedWithMigrate() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("aShorterWaitReachesWhoWaitsOnceItIsAppliedWithMigrate: seed \(seed)")
        try await Stage.play(Stage.Settings(wait: "3d")) { stage in
            var random = SeededGenerator(seed: seed)
            try Self.open(stage)
            #expect(try Self.diff(stage).code == 0)
            try stage.change(wait: "1s")
            let diff = try Self.diff(stage)
            #expect(diff.code == 1)
            let journeys = try #require(diff.object["journeys"] as? [[String: Any]])
            #expect(journeys.compactMap { $0["prospect"] as? String }.sorted() == Self.people.sorted())
            #expect(journeys.allSatisfy { ["at once", "earlier"].contains($0["effect"] as? String) })
            #expect(journeys.allSatisfy { ($0["dueAtBefore"] as? String ?? "") > ($0["dueAtAfter"] as? String ?? "~") })
            let changed = try #require((diff.object["policies"] as? [[String: Any]])?.first)
            #expect(changed["kind"] as? String == "changed")
            #expect((changed["changes"] as? [[String: Any]])?.first?["key"] as? String == "steps[1].after")

            for _ in 0..<4 {
                let apply = try Self.policies(stage, "apply", "--migrate", "--yes")
                Thread.sleep(forTimeInterval: Double.random(in: 0.05...0.8, using: &random))
                apply.kill()
            }
            let apply = try Self.policies(stage, "apply", "--migrate", "--yes", "--csv")
            #expect(try apply.exitCode() == 0, "\(apply.log)")
            #expect(apply.log.contains("journeys were moved"), "\(apply.log)")
            #expect(try Self.diff(stage).code == 0)

            let engine = try stage.run()
            #expect(try stage.reminded(count: Self.people.count).sorted() == Self.people.sorted())
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            try engine.stop()
            let commands = try stage.witness.read(stage.reminders).filter { !marks.contains(Stage.prospect($0)) }
            #expect(commands.map(Stage.prospect).sorted() == Self.people.sorted())
            let versions = commands.compactMap { command in
                ((command.json["data"] as? [String: Any])?["policy"] as? [String: Any])?["version"] as? Int
            }
            #expect(versions == Array(repeating: 2, count: Self.people.count))
        }
    }

    @Test func withoutMigrateWhoWaitsIsRemindedByTheOldWait() async throws {
        try await Stage.play(Stage.Settings(wait: "2s")) { stage in
            try Self.open(stage)
            try stage.change(wait: "3d")
            let refused = try Self.policies(stage, "apply", "--migrate")
            #expect(try refused.exitCode() == 64, "\(refused.log)")
            let apply = try Self.policies(stage, "apply")
            #expect(try apply.exitCode() == 0, "\(apply.log)")
            let engine = try stage.run()
            // Who comes now waits by the new wait; the checkout shows that the time has passed.
            try stage.publish([.opening("late")])
            let running = try Self.policies(stage, "apply")
            #expect(try running.exitCode() == 75, "\(running.log)")
            #expect(running.log.contains("must be stopped"), "\(running.log)")
            #expect(running.log.contains("\(engine.process.processIdentifier)"), "\(running.log)")
            #expect(try stage.reminded(count: Self.people.count).sorted() == Self.people.sorted())
            try stage.publish([Event(type: "checkout.started", prospect: "mark")])
            _ = try eventually("the mark's reminder", within: 30) { try stage.reminded().contains("mark") ? true : nil }
            try engine.stop()
            #expect(Set(try stage.reminded()) == Set(Self.people + ["mark"]))
            // Going back is something that must be meant.
            try stage.change(wait: "2s")
            let back = try Self.policies(stage, "apply")
            #expect(try back.exitCode() == 77, "\(back.log)")
            let meant = try Self.policies(stage, "apply", "--rollback")
            #expect(try meant.exitCode() == 0, "\(meant.log)")
        }
    }
}
