import Engine
import Kafka

/// A broker whose producers' commits are noted.
struct WatchedBroker: Broker {
    private let broker: any Broker
    private let watch: CommitWatch

    init(_ broker: any Broker, _ watch: CommitWatch) {
        self.broker = broker
        self.watch = watch
    }

    func makeConsumer(_ membership: GroupMembership) throws -> any BrokerConsumer {
        try broker.makeConsumer(membership)
    }
    func makeProducer(
        transactionalID: String, topics: [String], maximumBatchBytes: Int?
    ) throws -> any BrokerProducer {
        WatchedProducer(
            try broker.makeProducer(
                transactionalID: transactionalID, topics: topics, maximumBatchBytes: maximumBatchBytes), watch)
    }
    func makeReader() throws -> any BrokerReader { try broker.makeReader() }
    func scan(
        _ topic: String, group: String, progress: (Int) -> Void, _ visit: (MessageBatch, Int) throws -> Void
    ) throws -> [Int32: Int64]? {
        try broker.scan(topic, group: group, progress: progress, visit)
    }
}

private final class WatchedProducer: BrokerProducer {
    private let producer: any BrokerProducer
    private let watch: CommitWatch
    private var durableAt = 0.0
    private var offsets: [PartitionOffset] = []
    private var messages = 0

    init(_ producer: any BrokerProducer, _ watch: CommitWatch) {
        self.producer = producer
        self.watch = watch
    }

    func initTransactions(timeoutMilliseconds: Int32) throws {
        try producer.initTransactions(timeoutMilliseconds: timeoutMilliseconds)
    }
    /// An engine begins a transaction when its frames have been synced.
    func begin() throws {
        (durableAt, offsets, messages) = (Stopwatch.now, [], 0)
        try producer.begin()
    }
    func send(
        topic: String, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: [MessageHeader],
        timestampMilliseconds: Int64?
    ) throws {
        messages += 1
        try producer.send(
            topic: topic, key: key, value: value, headers: headers, timestampMilliseconds: timestampMilliseconds)
    }
    func sendOffsets(
        _ offsets: [PartitionOffset], of group: any BrokerGroupMetadata, timeoutMilliseconds: Int32
    ) throws {
        self.offsets += offsets
        try producer.sendOffsets(offsets, of: group, timeoutMilliseconds: timeoutMilliseconds)
    }
    func commit(timeoutMilliseconds: Int32) throws {
        try producer.commit(timeoutMilliseconds: timeoutMilliseconds)
        watch.note(
            CommitWatch.Commit(
                durableAt: durableAt, committedAt: Stopwatch.now, offsets: offsets, messages: messages))
    }
    func abort(timeoutMilliseconds: Int32) throws { try producer.abort(timeoutMilliseconds: timeoutMilliseconds) }
    func close() { producer.close() }
}
