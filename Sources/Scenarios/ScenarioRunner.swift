import Configuration
import Engine
import Foundation
import Journal
import Journey
import Kafka

/// Runs the cases of a scenario through the real engine: its fold, its journal in a folder that is removed afterwards, and
/// its timers. There is no broker, and the clock is the case's own.
public struct ScenarioRunner {
    private let configuration: Configuration
    private let folder: URL

    /// - Parameter folder: where each case may have its data directory.
    public init(configuration: Configuration, folder: URL = FileManager.default.temporaryDirectory) {
        self.configuration = configuration
        self.folder = folder
    }

    /// The partition's clock ticks as often as it does in service.
    private static let tick = Span.seconds(1)
    /// Openings are acted on from so long before the case begins, as by a configuration that has long been in use.
    private static let inUse = Span.days(366)

    /// The first tick at or after a time, on a clock that ticks at the start.
    private static func firstTick(from time: Span) -> Span {
        let ticks = (time.milliseconds + tick.milliseconds - 1) / tick.milliseconds
        return Span(milliseconds: ticks * tick.milliseconds)
    }

    public func run(_ scenario: Scenario.Case) throws -> ScenarioResult {
        let data = folder.appendingPathComponent("winback-scenario-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: data) }
        var configuration = configuration
        configuration.data = data.path
        // Cases say what happens in the default shape, whatever the shape of the real events.
        configuration.events = EventMappings()
        let engine = try OfflineEngine(
            configuration: configuration, partitions: 1, activation: scenario.start - Self.inUse,
            fileSystem: POSIXFileSystem(), journal: JournalSettings(segmentBytes: 2 << 20, maximumFrameBytes: 1 << 20))
        var play = Play(scenario)
        do {
            try play.run(engine)
        } catch {
            try? engine.close()
            throw error
        }
        try engine.close()
        return ScenarioResult(scenario, sent: play.sent, refused: play.refused)
    }

    /// A case on its way through an engine.
    private struct Play {
        let scenario: Scenario.Case
        let events: [Scenario.Event]
        private(set) var sent: [SentReminder] = []
        private(set) var refused: [ScenarioResult.Refused] = []
        private let batch = MessageBatch(capacity: 1)
        private var next = 0
        /// Where the clock stands, after the start.
        private var passed = Span(milliseconds: -2 * ScenarioRunner.tick.milliseconds)

        init(_ scenario: Scenario.Case) {
            self.scenario = scenario
            // In the order of their arrival; of two that arrive together, in that of the file.
            events = scenario.given.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
                .map(\.element)
        }

        mutating func run(_ engine: OfflineEngine) throws {
            while next < events.count {
                // In service the clock that an event meets is a tick behind it.
                let arrival = events[next].at
                try pass(to: arrival - ScenarioRunner.tick, engine)
                while next < events.count, events[next].at == arrival {
                    try fold(events[next], engine)
                    next += 1
                }
                try tick(at: arrival, engine)
            }
            try pass(to: scenario.when, engine)
        }

        /// Lets time pass. Of the ticks in it, only those are made at which something may be due: others leave no trace.
        private mutating func pass(to end: Span, _ engine: OfflineEngine) throws {
            while let action = engine.nextAction {
                let due = ScenarioRunner.firstTick(from: action - scenario.start)
                let at = max(due, passed + ScenarioRunner.tick)
                guard at <= end else { break }
                try tick(at: at, engine)
            }
            if end > passed { try tick(at: end, engine) }
        }

        private mutating func tick(at time: Span, _ engine: OfflineEngine) throws {
            passed = time
            _ = try engine.tick(scenario.start + time)
            try engine.commit { note($0) }
        }

        private mutating func fold(_ event: Scenario.Event, _ engine: OfflineEngine) throws {
            let arrival = scenario.start + event.at
            Array(event.key.utf8).withUnsafeBytes { key in
                Array(event.value.utf8).withUnsafeBytes { value in
                    _ = batch.append(
                        partition: 0, offset: Int64(next), timestampMilliseconds: arrival.milliseconds, key: key,
                        value: value)
                }
            }
            try engine.fold(batch)
            batch.release()
        }

        private mutating func note(_ published: OfflineEngine.Published) {
            switch published.destination {
            case .leads: break
            case .deadLetters:
                let reason = published.headers.first { Self.text($0.name) == "__connect.errors.exception.message" }
                let value = published.value.map(Self.text) ?? ""
                refused.append(
                    ScenarioResult.Refused(
                        place: events.first { $0.value == value }?.place,
                        reason: reason?.value.map(Self.text) ?? "it was refused"))
            case .reminders:
                if let reminder = SentReminder(published.value.map { Data($0) } ?? Data(), start: scenario.start) {
                    sent.append(reminder)
                }
            }
        }

        private static func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
    }
}
