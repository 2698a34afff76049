import Foundation
import KafkaTestSupport
import Testing

/// Leaving within five seconds, and outlasting a broker that is away.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct LeavingTests {
    static let limitSeconds = 5.0

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalUnderLoadFinishesTheBatchAndLeaves(signal: Int32) async throws {
        try await Stage.play { stage in
            let engine = try stage.run()
            try stage.witness.ask(
                "start_load",
                [
                    "topic": stage.events, "seed": 1, "rate": 500, "longest": 2.0, "opens": "sales-lead.created",
                    "converts": "policy.issued",
                ])
            try stage.waitUntilFolded(500)
            try Self.leave(engine, signal)
            #expect(engine.log.contains("everything that was folded is committed"))
            try stage.witness.ask("stop_load")
        }
    }

    @Test func whatWasFoldedIsCommittedOnLeaving() async throws {
        try await Stage.play(Stage.Settings(wait: "1h")) { stage in
            // Long before the next commit is due.
            let engine = try stage.start(["--set", "commit.interval=5s"])
            try engine.waitUntilRunning()
            try stage.publish((0..<50).map { .opening("p-\($0)") })
            try stage.waitUntilFolded(50)
            try Self.leave(engine, SIGTERM)
            #expect(try stage.committed().compactMap(\.offset).reduce(0, +) == 50)
        }
    }

    @Test(arguments: [SIGSTOP, SIGKILL])
    func aSignalIsHeardWhileTheBrokerIsGone(how: Int32) async throws {
        let broker = try RealBroker()
        defer { broker.remove() }
        try await Stage.play(broker: broker) { stage in
            let engine = try stage.run()
            try stage.publish((0..<50).map { .opening("p-\($0)") })
            try stage.waitUntilFolded(50)
            let pid = try Self.processID(of: broker)
            kill(pid, how)
            defer { kill(pid, SIGCONT) }
            try engine.waitUntilItSays("clocks stand until it answers")
            try Self.leave(engine, SIGTERM)
        }
    }

    @Test func aBrokerThatIsAwayForAWhileCostsNothing() async throws {
        let broker = try RealBroker()
        defer { broker.remove() }
        try await Stage.play(Stage.Settings(wait: "6s"), broker: broker) { stage in
            // The commit of what was folded is due, and tried, while nobody answers.
            let engine = try stage.start(["--set", "commit.interval=5s"])
            try engine.waitUntilRunning()
            try stage.publish((0..<50).map { .opening("before-\($0)") } + [.purchase("before-7")])
            try stage.waitUntilFolded(51)
            try broker.stop()
            try engine.waitUntilItSays("no broker answers; trying on, nothing is lost")
            // Longer than the group's session, and than a transaction may take.
            Thread.sleep(forTimeInterval: 12)
            try #require(engine.isRunning, "\(engine.log.suffix(3000))")
            try broker.restart()
            try stage.publish((0..<50).map { .opening("after-\($0)") } + [.purchase("after-7")])
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            let reminded = try stage.reminded().filter { !marks.contains($0) }
            let people = ["before", "after"].flatMap { when in (0..<50).filter { $0 != 7 }.map { "\(when)-\($0)" } }
            #expect(reminded.sorted() == people.sorted())
            try engine.stop()
        }
    }

    @Test func anEngineThatIsStartedWithoutABrokerWaitsForIt() async throws {
        let broker = try RealBroker()
        defer { broker.remove() }
        try await Stage.play(broker: broker) { stage in
            try broker.stop()
            let engine = try stage.start()
            try engine.waitUntilItSays("no broker answers; trying on, nothing is lost")
            try Self.leave(engine, SIGINT)
            let second = try stage.start()
            try second.waitUntilItSays("no broker answers; trying on, nothing is lost")
            try broker.restart()
            try second.waitUntilRunning()
            try second.stop()
        }
    }

    private static func leave(_ engine: EngineProcess, _ signal: Int32) throws {
        let seconds = try elapsed {
            engine.send(signal)
            let code = try engine.exitCode()
            #expect(code == 0, "\(engine.log.suffix(2000))")
        }
        #expect(seconds < limitSeconds, "\(engine.log.suffix(2000))")
    }

    private static func processID(of broker: RealBroker) throws -> Int32 {
        let text = try String(contentsOf: broker.directory.appendingPathComponent("pid"), encoding: .utf8)
        return try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
}
