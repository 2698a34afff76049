import Configuration
import Engine
import Foundation
import Journal
import Journey
import Kafka
import KafkaTestSupport
import Telemetry
import Testing

/// A clock that is far from the last tick: the engine in this process, on a clock of the test's own.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct ClockGapTests {
    /// The machine's clock, some days on.
    private struct LaterTime: TimeSource {
        var days: Int64
        var wall: Instant { SystemTime().wall + .days(days) }
        var bootMilliseconds: Int64 { SystemTime().bootMilliseconds }
        var rate: Double { 1 }
    }

    private static func configuration(_ stage: Stage) throws -> Configuration {
        try Configuration.load(
            path: stage.configurationFile.path, environment: [:], overrides: ["data=\(stage.data.path)"],
            rules: KafkaRules(complaint: { _, _ in nil }))
    }

    private static func settings(_ configuration: Configuration) -> KafkaSettings {
        KafkaSettings(properties: configuration.kafka.map { ($0.key, $0.value) })
    }

    /// Runs the engine on a later clock until its status shows `isReached`.
    private static func run(_ stage: Stage, days: Int64, until isReached: @escaping (EngineStatus) -> Bool) throws {
        let configuration = try configuration(stage)
        let engine = Engine(
            configuration: configuration, options: EngineOptions(),
            broker: KafkaBroker(settings: settings(configuration)), time: LaterTime(days: days),
            fileSystem: POSIXFileSystem(), log: .silent)
        let thread = Thread { try? engine.run() }
        thread.start()
        defer {
            engine.stop.request()
            _ = try? eventually("the engine leaves") { thread.isFinished ? true : nil }
        }
        _ = try eventually("the engine's status") { () throws -> Bool? in
            guard let status = try? EngineStatus.read(from: stage.data.path) else { return nil }
            return status.phase == "running" && isReached(status) ? true : nil
        }
    }

    private static func recovery(_ stage: Stage, days: Int64) throws -> Recovery {
        let configuration = try configuration(stage)
        return try Recovery(
            configuration: configuration, broker: KafkaBroker(settings: settings(configuration)),
            time: LaterTime(days: days), fileSystem: POSIXFileSystem(), log: .silent)
    }

    @Test func aClockThatAnOperatorAcceptsTicksAgainAndOneThatNobodyDidDoesNot() async throws {
        try await Stage.play(Stage.Settings(partitions: 1, wait: "1h", sessionMilliseconds: 1500)) { stage in
            let engine = try stage.run()
            try stage.publish((0..<4).map { .opening("early-\($0)") })
            try stage.waitUntilFolded(4)
            // A tick has to be journalled: one that fires something is.
            try stage.publish([Event(type: "checkout.started", prospect: "early-9")])
            _ = try stage.reminded(count: 2)
            try engine.stop()

            try Self.run(stage, days: 40) { $0.stoppedTicks?.contains("40 days after the last tick") ?? false }
            let recovery = try Self.recovery(stage, days: 40)
            let diagnosis = try recovery.diagnose()
            #expect(diagnosis.findings.map(\.code) == ["clock-gap"])
            #expect(diagnosis.choices.map(\.name) == [.acceptClock])
            let effects = diagnosis.choices.flatMap(\.effects)
            #expect(effects.contains { $0.text.hasPrefix("4 journeys; 0 reminders are due") }, "\(effects)")
            #expect(effects.contains { $0.text.hasPrefix("4 reminders that are later than their steps allow") })
            try recovery.perform(.acceptClock, diagnosis)
            recovery.close()

            try Self.run(stage, days: 40) { $0.stoppedTicks == nil && $0.partitions.map(\.skipped) == [4] }
            #expect(try stage.reminded().count == 2)
            let again = try Self.recovery(stage, days: 40)
            #expect(try again.diagnose().findings.isEmpty)
            again.close()
        }
    }
}
