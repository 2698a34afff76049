internal import CKafka

/// An idempotent producer without transactions: for publishing events, as an upstream service does.
///
/// One thread owns it, which is why it may be handed to another thread (`@unchecked Sendable`).
public final class PlainProducer: @unchecked Sendable {
    /// How a key chooses its partition.
    public enum Partitioner: String, Sendable, CaseIterable {
        /// As Java clients do.
        case murmur2 = "murmur2_random"
        /// As librdkafka clients do by default.
        case crc32 = "consistent_random"
        case fnv1a = "fnv1a_random"
        case random
    }

    private let sender: MessageSender
    private var client: RDKafkaClient { sender.client }
    private var isClosed = false

    public init(settings: KafkaSettings, partitioner: Partitioner = .murmur2) throws(KafkaError) {
        sender = MessageSender(
            client: try RDKafkaClient(
                consumer: false,
                properties: settings.resolved(
                    for: .producer, defaults: Self.defaults + [("partitioner", partitioner.rawValue)],
                    promises: Self.promises),
                doing: "making a producer"))
    }

    deinit { close() }

    private static let defaults: [(String, String)] = [
        ("linger.ms", "20"),
        ("batch.size", "1000000"),
        ("batch.num.messages", "20000"),
        ("queue.buffering.max.kbytes", "262144"),
        ("compression.type", "lz4"),
    ]

    private static let promises: [(String, String)] = [
        ("enable.idempotence", "true"),
        ("acks", "all"),
        ("allow.auto.create.topics", "false"),
    ]

    /// Learns a topic's partitions now, so that the first message does not wait for them, up to a second. Without an answer
    /// in time it does.
    public func know(topic: String, timeoutMilliseconds: Int32) {
        client.know(topic, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Hands a message over, copying it. Waits while the queue is full, up to a bound. Whether it was delivered is known
    /// from `deliveries` after a `flush`.
    public func send(
        topic: String, partition: Int32? = nil, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: [MessageHeader] = [], timestampMilliseconds: Int64? = nil
    ) throws(KafkaError) {
        try sender.send(
            topic: topic, partition: partition, key: key, value: value, headers: headers,
            timestampMilliseconds: timestampMilliseconds)
    }

    /// As the other `send`, for few messages.
    public func send(
        topic: String, partition: Int32? = nil, key: [UInt8]?, value: [UInt8]?,
        headers: [(name: String, value: [UInt8]?)] = [], timestampMilliseconds: Int64? = nil
    ) throws(KafkaError) {
        try sender.send(
            topic: topic, partition: partition, keyBytes: key, valueBytes: value, namedHeaders: headers,
            timestampMilliseconds: timestampMilliseconds)
    }

    /// Serves delivery reports without waiting: for progress between sends.
    public func serve() { client.serve() }

    /// How many messages were acknowledged or failed since the producer was made.
    public var deliveries: Deliveries { sender.deliveries }

    /// Waits until everything that was sent is delivered or has failed. Returns false when the time was over first.
    @discardableResult
    public func flush(timeoutMilliseconds: Int32) -> Bool { sender.flush(timeoutMilliseconds: timeoutMilliseconds) }

    public var connection: KafkaConnection {
        client.serve()
        return client.connection
    }

    /// The oldest of the latest 64 lines that librdkafka logged for this producer.
    public func takeLog() -> KafkaLogLine? { client.takeLog() }

    /// Ends the producer within a bound. What was not flushed is given up.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        sender.purge()
        client.destroy()
    }
}
