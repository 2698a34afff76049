import Configuration
import Engine
import Foundation
import Journal
import Journey
import Kafka
import Telemetry
import Terminal

/// Plays some days of two shops in a minute and a half: an engine, people who look around, buy and leave, and the mails
/// that remind them, all at work on a clock that runs fast.
public final class Demo {
    /// How much time passes in a demo: a lead of the first day is reminded on the fourth.
    static let span = Span.hours(114)
    /// How many people come by, more or less: it depends on who draws which story.
    static let visitors = 2_500
    /// The people who are shown: one in so many.
    static let shownOneIn = 30
    /// How long the engine may take to join its group on a slow machine.
    static let startSeconds = 60.0
    /// How long the last events and reminders may take at the end.
    static let settleSeconds = 10.0
    /// After what time, in reality, a purchase must have been seen by the engine.
    private static let settledMilliseconds = 3_000.0
    private static let pollMilliseconds: Int32 = 20

    private let settings: DemoSettings
    private let screen: Screen
    private let stop: StopSignal

    /// - Parameter stop: ends the demo early, in good order.
    public init(_ settings: DemoSettings, screen: Screen = .output, stop: StopSignal) {
        self.settings = settings
        self.screen = screen
        self.stop = stop
    }

    public func run() throws {
        let broker = try DemoBroker(kafka: settings.kafka)
        let directory = try DemoDirectory()
        try Data(DemoConfiguration.text(broker: broker, directory: directory).utf8)
            .write(to: URL(fileURLWithPath: directory.configuration))
        let configuration = try Configuration.load(path: directory.configuration)
        let report = DemoReport(screen: screen, settings: settings, broker: broker, directory: directory)
        report.begin(configuration)

        let log = try DemoLog(path: directory.log)
        let clock = FastClock(span: Self.span, in: .seconds(Int64(settings.seconds)))
        var options = EngineOptions()
        // The broker inside the program can't describe groups.
        options.isAlone = broker.isEmbedded
        let thread = EngineThread(
            Engine(
                configuration: configuration, options: options, broker: KafkaBroker(settings: broker.settings),
                time: clock, fileSystem: POSIXFileSystem(), log: log.log))
        let reader = try ReminderReader(broker: broker, group: configuration.group)
        defer { reader.close() }
        thread.start()
        do {
            try waitUntilTicking(thread, reader)
            let tally = try play(thread, reader, broker, clock)
            let partitions = thread.engine.board.partitions
            try thread.finish()
            log.flush()
            report.end(tally, partitions, isCutShort: stop.isRequested)
        } catch {
            // The engine's own error says more than what followed from it.
            try thread.finish()
            throw error
        }
    }

    private func waitUntilTicking(_ thread: EngineThread, _ reader: ReminderReader) throws {
        let deadline = ContinuousClock.now + .seconds(Self.startSeconds)
        while !stop.isRequested {
            try thread.requireGoing()
            let partitions = thread.engine.board.partitions
            if partitions.count == Int(DemoBroker.partitions), partitions.allSatisfy({ $0.clock != nil }) { return }
            guard ContinuousClock.now < deadline else {
                throw DemoError(
                    code: .notStarted,
                    description:
                        "the engine has not begun to work within \(Int(Self.startSeconds)) seconds; its log says why")
            }
            _ = try reader.poll(timeoutMilliseconds: Self.pollMilliseconds)
        }
    }

    private func play(
        _ thread: EngineThread, _ reader: ReminderReader, _ broker: DemoBroker, _ clock: FastClock
    ) throws -> DemoTally {
        // The engine's waking would hold events back for longer than the audience waits between two of them.
        let producer = try PlainProducer(
            settings: KafkaSettings(properties: broker.settings.properties + [("producer.linger.ms", "1")]))
        defer { producer.close() }
        var tally = DemoTally(settledMilliseconds: Int64(Self.settledMilliseconds * clock.rate))
        var stage = DemoStage(screen: screen, start: clock.wall)
        var generator = TrafficGenerator(traffic(from: clock.wall, to: clock.end))
        var hasNext = generator.advance()
        while !stop.isRequested, clock.wall < clock.end {
            try thread.requireGoing()
            stage.showDay(clock.wall, tally)
            while hasNext, generator.time <= clock.wall {
                try producer.send(
                    topic: broker.topics.events[0], key: generator.key, value: generator.value,
                    headers: generator.headers, timestampMilliseconds: generator.time.milliseconds)
                tally.published(generator.type, prospect: generator.key, at: clock.wall)
                if isShown(generator.person) { stage.show(generator.type, generator.visitor, at: generator.time) }
                hasNext = generator.advance()
            }
            producer.serve()
            try receive(reader, clock, &tally, &stage)
        }
        producer.flush(timeoutMilliseconds: Int32(Self.settleSeconds * 1000))
        try settle(thread, reader, clock, &tally, &stage)
        return tally
    }

    private func traffic(from start: Instant, to end: Instant) -> TrafficSettings {
        var traffic = TrafficSettings(start: start)
        traffic.seed = settings.seed
        // Far more people than visits: nobody comes twice, so that each line belongs to one story.
        traffic.prospects = Self.visitors * 100
        traffic.duration = end - start
        traffic.events = Int(Double(Self.visitors) * traffic.eventsPerVisit)
        return traffic
    }

    private func isShown(_ person: Int) -> Bool { Draw.mix(UInt64(person)) % UInt64(Self.shownOneIn) == 0 }

    private func receive(
        _ reader: ReminderReader, _ clock: FastClock, _ tally: inout DemoTally, _ stage: inout DemoStage
    ) throws {
        for reminder in try reader.poll(timeoutMilliseconds: Self.pollMilliseconds) {
            tally.received(reminder)
            if let person = Int(reminder.prospect.dropFirst(2)), isShown(person) {
                stage.show(reminder, at: clock.wall)
            }
        }
    }

    /// Waits until the engine has folded everything and the mail worker has got what came of it.
    private func settle(
        _ thread: EngineThread, _ reader: ReminderReader, _ clock: FastClock, _ tally: inout DemoTally,
        _ stage: inout DemoStage
    ) throws {
        let deadline = ContinuousClock.now + .seconds(Self.settleSeconds)
        while ContinuousClock.now < deadline {
            try thread.requireGoing()
            try receive(reader, clock, &tally, &stage)
            let partitions = thread.engine.board.partitions
            let isFolded = partitions.reduce(0) { $0 + Int($1.events) } >= tally.events
            if isFolded, partitions.reduce(0, { $0 + Int($1.reminders) }) <= tally.reminders { return }
        }
    }
}
