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
        A file holds one structured CloudEvent on each line; its key is the prospect's id, or the address where there is \
        none. Lines that the contract refuses are listed and left out, and the command ends with 65. With --generate, \
        invented people start, come back, buy and leave; the three days that this takes are pressed into the time that \
        the publishing takes.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, topic, generate, prospects, rate, seed, mode, unchecked,
        partitioner,
    ]
    static let positionals = [Positional("FILE", .optional, help: "Events, one on each line; - is standard input")]
    static let examples = [
        Example("winback publish events.ndjson", help: "Sends the events of a file."),
        Example("winback publish --generate 10000 --rate 200", help: "Ten thousand events, 200 a second."),
        Example(
            "winback publish --generate 5000000 --prospects 1000000 --rate 0",
            help: "A load test: as fast as the broker takes them."),
    ]

    private static let topic = Option<String?>.text(
        "topic", label: "NAME", help: "Where to publish (default: the first event topic of the configuration)")
    private static let generate = Option<Int?>.integer(
        "generate", short: "g", in: 1...10_000_000_000, help: "Generate so many events")
    private static let prospects = Option<Int?>.integer(
        "prospects", in: 1...1_000_000_000, help: "By so many people (default: a third of the events)")
    private static let rate = Option<Int>.integer(
        "rate", short: "r", label: "PER-SECOND", in: 0...10_000_000, default: 100,
        help: "Generated events a second; 0: as fast as possible")
    private static let seed = Option<Int>.integer(
        "seed", in: 0...Int.max, default: 1, help: "Another number, other people; the same number, the same events")
    private static let mode = Option<TrafficSettings.ContentMode>.choice(
        "mode", label: "MODE", default: .structured,
        help: "How generated CloudEvents lie in messages: structured, binary")
    private static let unchecked = Option.flag(
        "unchecked", help: "Send the lines that the contract refuses as well, to see them become dead letters")
    private static let partitioner = Option<PlainProducer.Partitioner>.choice(
        "partitioner", label: "NAME", default: .murmur2, help: "How keys choose partitions: murmur2 as Java, crc32 as C"
    )

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
    }

    func run() throws -> ExitCode {
        let configuration = try configuration.loadAndWarn()
        let topic = arguments[Self.topic] ?? configuration.topics.events[0]
        try requireTopic(topic, configuration)
        let producer = try PlainProducer(
            settings: configuration.kafkaSettings, partitioner: arguments[Self.partitioner])
        defer { producer.close() }
        let stopped = Flag()
        let interruption = Interruption { stopped.raise() }
        defer { withExtendedLifetime(interruption) {} }
        let count = arguments[Self.generate]
        let progress = ProgressBar("publishing to \(topic)", total: count.map(Int64.init), unit: "events")
        var refused = 0
        if let count {
            let publisher = TrafficPublisher(
                settings: traffic(count), isPaced: arguments[Self.rate] > 0, topic: topic, producer: producer,
                progress: progress)
            try publisher.publish { stopped.isRaised }
        } else {
            let publisher = FilePublisher(
                path: file ?? "-", topic: topic, identity: configuration.identity,
                sendsAll: arguments[Self.unchecked], producer: producer, progress: progress)
            refused = try publisher.publish { stopped.isRaised }
        }
        try finish(producer, progress)
        if stopped.isRaised { return .interrupted }
        if refused > 0 {
            throw CommandError(.data, "\(refused) line\(refused == 1 ? " was" : "s were") refused and not sent")
        }
        return .ok
    }

    private func traffic(_ count: Int) -> TrafficSettings {
        var settings = TrafficSettings(start: SystemTime().wall)
        settings.seed = UInt64(arguments[Self.seed])
        settings.events = count
        settings.prospects = arguments[Self.prospects] ?? max(1, count / 3)
        settings.mode = arguments[Self.mode]
        // Unpaced events still need times that lie in order and not in the future.
        let perSecond = arguments[Self.rate] > 0 ? arguments[Self.rate] : Self.unpacedRate
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
