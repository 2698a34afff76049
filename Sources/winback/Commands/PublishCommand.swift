import Configuration
import Demo
import Engine
import Foundation
import Journey
import Kafka
import Terminal

struct PublishCommand: Command {
    static let name = "publish"
    static let summary = "Publish events from a file, or generated ones, to the event topic"
    static let details = """
        A file holds one structured CloudEvent on each line, or a table in CSV whose columns say by their names what they \
        are (type, time, prospect, email, ..., or a JSON pointer), or by a mapping. An event's key is the prospect's id, or \
        the address where there is none. Lines that the contract refuses are listed and left out, and the command ends \
        with 65. With --resume, events go in transactions that also hold how far the file has come: a run that was \
        interrupted, even killed, goes on where it was. With --generate, invented people start, come back, buy and leave; \
        the three days that this takes are pressed into the time that the publishing takes.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, topic, format, map, rate, speed, resume, unchecked,
        partitioner, generate, prospects, seed, mode,
    ]
    static let positionals = [Positional("FILE", .optional, help: "Events; - is standard input")]
    static let examples = [
        Example("winback publish events.ndjson", help: "Sends the events of a file."),
        Example(
            "winback publish export.csv --map crm.yaml --resume export-7",
            help: "A table whose columns the mapping explains; the same command goes on after an interruption."),
        Example("winback publish july.ndjson --speed 60", help: "Replays an hour of events in a minute."),
        Example("winback publish --generate 10000 --rate 200", help: "Ten thousand events, 200 a second."),
        Example(
            "winback publish --generate 5000000 --prospects 1000000 --rate 0",
            help: "A load test: as fast as the broker takes them."),
    ]

    /// What a file holds.
    enum Format: String, CaseIterable, Sendable { case ndjson, csv }

    private static let topic = Option<String?>.text(
        "topic", label: "NAME", help: "Where to publish (default: the first event topic of the configuration)")
    private static let format = Option<Format>.choice(
        "format", label: "NAME", default: .ndjson,
        help: "What the file holds: ndjson, csv (known from --map and from a name that ends in .csv)")
    private static let map = Option<String?>.text(
        "map", short: "m", label: "FILE", help: "What becomes of a table's columns (YAML)")
    private static let rate = Option<Int?>.integer(
        "rate", short: "r", label: "PER-SECOND", in: 0...10_000_000,
        help: "Events a second; 0: as fast as possible (default: 100 generated ones, 0 for a file)")
    private static let speed = Option<Double?>.value(
        "speed", label: "TIMES", default: nil, defaultText: nil,
        help: "Send a file's events with the distances of their own times, so many times as fast",
        what: "a number above 0",
        parse: { text in Double(text).flatMap { $0 > 0 && $0.isFinite ? .some($0) : nil } })
    private static let resume = Option<String?>.text(
        "resume", label: "NAME", help: "Keep under this name, in the broker, how far the file has come, and go on there"
    )
    private static let generate = Option<Int?>.integer(
        "generate", short: "g", in: 1...10_000_000_000, help: "Generate so many events")
    private static let prospects = Option<Int?>.integer(
        "prospects", in: 1...1_000_000_000, help: "By so many people (default: a third of the events)")
    private static let seed = Option<Int>.integer(
        "seed", in: 0...Int.max, default: 1, help: "Another number, other people; the same number, the same events")
    private static let mode = Option<TrafficSettings.ContentMode>.choice(
        "mode", label: "MODE", default: .structured,
        help: "How generated CloudEvents lie in messages: structured, binary")
    private static let unchecked = Option.flag(
        "unchecked", help: "Send the lines that the contract refuses as well, to see them become dead letters")
    private enum Partitioner: String, CaseIterable { case auto, murmur2, crc32 }

    private static let partitioner = Option<Partitioner>.choice(
        "partitioner", label: "NAME", default: .auto,
        help:
            "How keys choose partitions: murmur2 as Java, crc32 as C; auto: as topics.partitioner names it, else murmur2"
    )
    /// What only a file can have.
    private static let fileOptions: [any OptionDeclaration] = [format, map, speed, resume, unchecked]
    private static let generatedRate = 100

    /// How long the last messages may take to be acknowledged.
    private static let flushMilliseconds: Int32 = 30_000

    private let configuration: ConfigurationOptions
    private let arguments: Arguments
    private let file: String?

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        self.arguments = arguments
        file = arguments[Self.positionals[0]].first
        let generates = arguments[Self.generate] != nil
        guard (file == nil) == generates else {
            throw generates
                ? UsageError(.conflict, "a file and --generate cannot both be given")
                : UsageError(.missingArgument, "name a file of events (- for standard input), or give --generate N")
        }
        if generates, let option = Self.fileOptions.first(where: { arguments.wasGiven($0) }) {
            throw UsageError(.conflict, "--\(option.name) goes with a file, not with --generate")
        }
        if arguments[Self.speed] != nil, arguments[Self.rate] != nil {
            throw UsageError(.conflict, "--rate and --speed cannot both be given")
        }
        if let name = arguments[Self.resume], name.wholeMatch(of: /[A-Za-z0-9._-]{1,64}/) == nil {
            throw UsageError(
                .invalidValue, "--resume: '\(name)' is no name: use at most 64 letters, digits, '.', '_' and '-'")
        }
    }

    /// What lies elsewhere than the configuration's partitioner puts it would be a dead letter.
    private func partitioner(_ configuration: Configuration) -> PlainProducer.Partitioner {
        switch arguments[Self.partitioner] {
        case .murmur2: .murmur2
        case .crc32: .crc32
        case .auto: configuration.topics.partitioner == .crc32 ? .crc32 : .murmur2
        }
    }

    func run() throws -> ExitCode {
        let configuration = try configuration.loadAndWarn()
        let topic = arguments[Self.topic] ?? configuration.topics.events[0]
        let events = try file.map(open)
        if events.map({ $0 is EventTable }) ?? true { try requireDefaultShape(of: topic, configuration) }
        try requireTopic(topic, configuration)
        let stopped = Flag()
        let interruption = Interruption { stopped.raise() }
        defer { withExtendedLifetime(interruption) {} }
        let count = arguments[Self.generate]
        let progress = ProgressBar("publishing to \(topic)", total: count.map(Int64.init), unit: "events")
        let refused: Int
        if let events, let name = arguments[Self.resume] {
            let sink = try LedgerSink(
                settings: configuration.kafkaSettings, topic: topic, name: name, group: configuration.group,
                partitioner: partitioner(configuration))
            defer { sink.close() }
            let publisher = publisher(events, topic, sink, configuration, progress)
            refused = try publisher.publish(after: sink.done) { stopped.isRaised }
            try sink.commit()
            progress.finish()
        } else {
            let producer = try PlainProducer(
                settings: configuration.kafkaSettings, partitioner: partitioner(configuration))
            defer { producer.close() }
            if let events {
                let publisher = publisher(
                    events, topic, PlainSink(producer, topic: topic), configuration, progress)
                refused = try publisher.publish(after: nil) { stopped.isRaised }
            } else {
                let publisher = TrafficPublisher(
                    settings: traffic(count ?? 0), isPaced: generatedRate > 0, topic: topic, producer: producer,
                    progress: progress)
                try publisher.publish { stopped.isRaised }
                refused = 0
            }
            try finish(producer, progress)
        }
        if stopped.isRaised { return .interrupted }
        if refused > 0 {
            throw CommandError(.data, "\(refused) line\(refused == 1 ? " was" : "s were") refused and not sent")
        }
        return .ok
    }

    /// What is made here, of columns or invented, is of the default shape.
    private func requireDefaultShape(of topic: String, _ configuration: Configuration) throws {
        guard configuration.events.of(topic) != .default else { return }
        throw CommandError(
            .data,
            "the events of \(topic) have a shape of their own (`events:` in \(self.configuration.file)), and what is made of "
                + "columns or generated has the default one: publish a file of events of that shape")
    }

    private func open(_ path: String) throws -> any EventFile {
        let map = arguments[Self.map]
        let isTable =
            arguments.wasGiven(Self.format)
            ? arguments[Self.format] == .csv : map != nil || path.lowercased().hasSuffix(".csv")
        guard isTable else {
            guard map == nil else { throw UsageError(.conflict, "--map goes with a table, not with --format ndjson") }
            return try EventLines(path: path)
        }
        return try EventTable(path: path, mapping: try map.map { try ColumnMapping.load(path: $0) })
    }

    private func publisher(
        _ file: any EventFile, _ topic: String, _ sink: any EventSink, _ configuration: Configuration,
        _ progress: ProgressBar
    ) -> FilePublisher {
        let pace: Pace.Kind =
            if let speed = arguments[Self.speed] {
                .speed(speed)
            } else if let rate = arguments[Self.rate], rate > 0 {
                .rate(rate)
            } else {
                .unlimited
            }
        return FilePublisher(
            file: file, name: self.file == "-" ? "standard input" : self.file ?? "",
            mapping: configuration.events.of(topic), identity: configuration.identity,
            sendsAll: arguments[Self.unchecked], pace: pace, sink: sink, progress: progress)
    }

    private var generatedRate: Int { arguments[Self.rate] ?? Self.generatedRate }

    private func traffic(_ count: Int) -> TrafficSettings {
        var settings = TrafficSettings(start: SystemTime().wall)
        settings.seed = UInt64(arguments[Self.seed])
        settings.events = count
        settings.prospects = arguments[Self.prospects] ?? max(1, count / 3)
        settings.mode = arguments[Self.mode]
        // Unpaced events still need times that lie in order and not in the future.
        let perSecond = generatedRate > 0 ? generatedRate : Self.unpacedRate
        let milliseconds = max(1000, Int64(Double(count) / Double(perSecond) * 1000))
        settings.duration = Span(milliseconds: milliseconds)
        settings.storySpeed = max(1, Double(Span.days(3).milliseconds) / Double(milliseconds))
        return settings
    }

    /// About what a broker on a laptop takes.
    private static let unpacedRate = 500_000

    /// A missing topic would otherwise be found only after the messages have waited for it for minutes.
    private func requireTopic(_ topic: String, _ configuration: Configuration) throws {
        let reader = try ClusterReader(settings: configuration.kafkaSettings)
        defer { reader.close() }
        do {
            _ = try reader.partitionCount(of: topic, timeoutMilliseconds: 10_000)
        } catch {
            guard error.code == .topicMissing else { throw error }
            throw CommandError(
                .unavailable,
                "there is no topic \(topic) on \(configuration.bootstrapServers): make it with winback topics create")
        }
    }

    private func finish(_ producer: PlainProducer, _ progress: ProgressBar) throws {
        let isComplete = producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
        progress.finish()
        let deliveries = producer.deliveries
        guard deliveries.failed == 0 else {
            throw CommandError(
                .unavailable,
                "\(deliveries.failed) events were not delivered: \(deliveries.firstFailure.map { "\($0)" } ?? "")")
        }
        guard isComplete else {
            throw CommandError(
                .unavailable,
                "the broker has not acknowledged all events within \(Self.flushMilliseconds / 1000) s; "
                    + "\(deliveries.delivered) are there")
        }
    }
}
