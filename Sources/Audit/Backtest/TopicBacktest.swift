import Configuration
import Dispatch
import Engine
import Journey
import Kafka
import Synchronization

/// What a configuration and other policies would have done over what the event topics hold, where there is no journal.
///
/// Each partition is read from its first record to where it ends now, its topics merged by their messages' timestamps. The
/// clock is the newest timestamp, less the configuration's lateness, and goes on to now at the end, as an idle partition's
/// does. In between it is taken to have ticked all the time.
public struct TopicBacktest: Sendable {
    private let configuration: Configuration
    private let policies: ProposedPolicies
    private let settings: KafkaSettings
    private let period: Range<Instant>
    private let examples: Int
    /// Where each partition of each topic begins and ends, by the topic's place in the configuration.
    private let topics: [TopicScan]

    /// Nobody else has to come to these hashes.
    private static let key = [UInt8](repeating: 0, count: 32)

    /// Asks where the topics end.
    ///
    /// - Throws: `KafkaError`; `topicMissing` for a topic that is not there.
    public init(
        _ configuration: Configuration, _ policies: ProposedPolicies, settings: KafkaSettings, period: Range<Instant>,
        examples: Int
    ) throws {
        self.configuration = configuration
        self.policies = policies
        self.settings = settings
        self.period = period
        self.examples = examples
        topics = try configuration.topics.events.map { topic in
            guard let scan = try TopicScan(topic: topic, settings: settings, group: Self.group(configuration)) else {
                throw KafkaError(
                    code: .topicMissing, message: "there is no topic \(topic): make it with winback topics create.")
            }
            return scan
        }
    }

    private static func group(_ configuration: Configuration) -> String { "\(configuration.group)-backtest" }

    /// How many messages there are about: offsets that transactions use are among them.
    public var messageCount: Int64 {
        topics.reduce(0) { total, topic in
            total + topic.ends.reduce(0) { $0 + $1.value - (topic.beginnings[$1.key] ?? 0) }
        }
    }

    /// - Parameters:
    ///   - now: what the clock goes on to at the end.
    ///   - progress: is told of so many more messages; from any thread.
    public func run(
        now: Instant, progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) throws -> BacktestResult {
        let partitions = topics.map(\.ends.count).max() ?? 0
        let outcomes = Mutex<[Int: Result<BacktestResult, any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: partitions) { partition in
            let outcome = Result { try run(Int32(partition), of: partitions, now, progress) }
            outcomes.withLock { $0[partition] = outcome }
        }
        var sum = BacktestResult()
        for partition in 0..<partitions {
            let outcome = outcomes.withLock { $0[partition] }
            if let result = try outcome?.get() { sum.add(result, examples: examples) }
        }
        return sum
    }

    private static let progressMessages: Int64 = 1_000

    private func run(
        _ partition: Int32, of count: Int, _ now: Instant, _ progress: @Sendable (Int64) -> Void
    ) throws -> BacktestResult {
        let fold = try TopicBacktestFold(
            configuration, policies, key: Self.key, period: period, partition: partition, partitionCount: count,
            examples: examples)
        let scans = try topics.map { topic in
            try PartitionScan(
                TopicPartition(topic.topic, partition), from: topic.beginnings[partition] ?? 0,
                to: topic.ends[partition] ?? 0, settings: settings, group: Self.group(configuration))
        }
        defer { for scan in scans { scan.close() } }
        var read: Int64 = 0
        while let topic = Self.earliest(of: scans) {
            let scan = scans[topic]
            try fold.apply(scan.batch, scan.index, topic: topic)
            try scan.advance()
            read += 1
            if read % Self.progressMessages == 0 { progress(Self.progressMessages) }
        }
        return try fold.finish(now: now, topics: configuration.topics.events)
    }

    /// The topic whose message in hand is the oldest.
    private static func earliest(of scans: [PartitionScan]) -> Int? {
        var earliest: (topic: Int, time: Int64)?
        for (topic, scan) in scans.enumerated() where scan.hasMessage {
            let time = scan.batch.timestampMilliseconds(scan.index)
            if earliest == nil || time < earliest!.time { earliest = (topic, time) }
        }
        return earliest?.topic
    }
}
