import Engine
import Kafka
import Synchronization

/// A real broker without transactions: an engine's commit is what programs without them do, which is to flush an
/// idempotent producer and then to commit the consumer's offsets. A crash in between would send twice: it shows what
/// exactly-once costs, and is for nothing else.
final class PlainBroker: Broker {
    private let broker: KafkaBroker
    private let settings: KafkaSettings
    private let consumers = Consumers()

    init(settings: KafkaSettings) {
        broker = KafkaBroker(settings: settings)
        // As long as a transactional producer lingers.
        self.settings = KafkaSettings(properties: settings.properties + [("producer.linger.ms", "5")])
    }

    func makeConsumer(_ membership: GroupMembership) throws -> any BrokerConsumer {
        let consumer = try broker.makeConsumer(membership)
        consumers.newest = consumer
        return consumer
    }
    func makeProducer(
        transactionalID: String, topics: [String], maximumBatchBytes: Int?
    ) throws -> any BrokerProducer {
        Producer(try PlainProducer(settings: settings), consumers)
    }
    func makeReader() throws -> any BrokerReader { try broker.makeReader() }
    func scan(
        _ topic: String, group: String, progress: (Int) -> Void, _ visit: (MessageBatch, Int) throws -> Void
    ) throws -> [Int32: Int64]? {
        try broker.scan(topic, group: group, progress: progress, visit)
    }

    /// The consumer whose offsets a producer commits. Set before the engine has a producer, and not changed while it
    /// commits; librdkafka's handles take a commit from any thread.
    private final class Consumers: @unchecked Sendable {
        private let lock = Mutex(())
        private var value: (any BrokerConsumer)?

        var newest: (any BrokerConsumer)? {
            get { lock.withLock { _ in value } }
            set { lock.withLock { _ in value = newValue } }
        }
    }

    private final class Producer: BrokerProducer {
        private let producer: PlainProducer
        private let consumers: Consumers
        private var offsets: [PartitionOffset] = []

        init(_ producer: PlainProducer, _ consumers: Consumers) {
            self.producer = producer
            self.consumers = consumers
        }

        func initTransactions(timeoutMilliseconds: Int32) throws {}
        func begin() throws { offsets = [] }
        func send(
            topic: String, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: [MessageHeader],
            timestampMilliseconds: Int64?
        ) throws {
            try producer.send(
                topic: topic, key: key, value: value, headers: headers, timestampMilliseconds: timestampMilliseconds)
        }
        func sendOffsets(
            _ offsets: [PartitionOffset], of group: any BrokerGroupMetadata, timeoutMilliseconds: Int32
        ) throws {
            self.offsets += offsets
        }
        func commit(timeoutMilliseconds: Int32) throws {
            guard producer.flush(timeoutMilliseconds: timeoutMilliseconds), producer.deliveries.failed == 0 else {
                throw BenchError("the producer without transactions could not deliver")
            }
            try consumers.newest?.commit(offsets, timeoutMilliseconds: timeoutMilliseconds)
        }
        func abort(timeoutMilliseconds: Int32) throws {}
        func close() { producer.close() }
    }
}
