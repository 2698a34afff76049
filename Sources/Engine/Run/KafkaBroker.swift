import Kafka

/// librdkafka's clients as the engine's broker.
public struct KafkaBroker: Broker {
    private let settings: KafkaSettings

    public init(settings: KafkaSettings) { self.settings = settings }

    public func makeConsumer(_ membership: GroupMembership) throws -> any BrokerConsumer {
        ConsumerHandle(
            consumer: try KafkaConsumer(
                settings: settings, groupID: membership.group, groupInstanceID: membership.instance),
            topics: membership.topics)
    }

    public func makeProducer(
        transactionalID: String, topics: [String], maximumBatchBytes: Int?
    ) throws -> any BrokerProducer {
        ProducerHandle(
            producer: try TransactionalProducer(
                settings: settings, transactionalID: transactionalID, topics: topics,
                maximumBatchBytes: maximumBatchBytes))
    }

    public func makeReader() throws -> any BrokerReader {
        ReaderHandle(reader: try ClusterReader(settings: settings), settings: settings)
    }

    public func scan(
        _ topic: String, group: String, progress: (Int) -> Void, _ visit: (MessageBatch, Int) throws -> Void
    ) throws -> [Int32: Int64]? {
        guard let scan = try TopicScan(topic: topic, settings: settings, group: group) else { return nil }
        try scan.read(waitsForTransactions: true, progress: progress, visit)
        return scan.beginnings
    }
}

extension GroupMetadata: BrokerGroupMetadata {}

private final class ConsumerHandle: BrokerConsumer {
    let consumer: KafkaConsumer
    let topics: [String]

    init(consumer: KafkaConsumer, topics: [String]) {
        self.consumer = consumer
        self.topics = topics
    }

    func subscribe() throws { try consumer.subscribe(topics: topics) }
    func poll(into batch: MessageBatch, maximum: Int, timeoutMilliseconds: Int32) throws {
        try consumer.poll(into: batch, maximum: maximum, timeoutMilliseconds: timeoutMilliseconds)
    }
    func takeRebalance() -> Rebalance? { consumer.takeRebalance() }
    func assign(_ offsets: [PartitionOffset]) throws { try consumer.assign(offsets) }
    func unassign() throws { try consumer.unassign() }
    func committed(_ partitions: [TopicPartition], timeoutMilliseconds: Int32) throws -> [CommittedOffset] {
        try consumer.committed(partitions, timeoutMilliseconds: timeoutMilliseconds)
    }
    func commit(_ offsets: [PartitionOffset], timeoutMilliseconds: Int32) throws {
        try consumer.commit(offsets, timeoutMilliseconds: timeoutMilliseconds)
    }
    var connection: KafkaConnection { consumer.connection }
    var memberID: String? { consumer.memberID }
    func groupMetadata() throws -> any BrokerGroupMetadata { try consumer.groupMetadata() }
    func close() { consumer.close() }
}

private final class ProducerHandle: BrokerProducer {
    let producer: TransactionalProducer

    init(producer: TransactionalProducer) { self.producer = producer }

    func initTransactions(timeoutMilliseconds: Int32) throws {
        try producer.initTransactions(timeoutMilliseconds: timeoutMilliseconds)
    }
    func begin() throws { try producer.begin() }
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
        guard let group = group as? GroupMetadata else {
            preconditionFailure("offsets are sent for a consumer of the same broker")
        }
        try producer.sendOffsets(offsets, group: group, timeoutMilliseconds: timeoutMilliseconds)
    }
    func commit(timeoutMilliseconds: Int32) throws { try producer.commit(timeoutMilliseconds: timeoutMilliseconds) }
    func abort(timeoutMilliseconds: Int32) throws { try producer.abort(timeoutMilliseconds: timeoutMilliseconds) }
    func close() { producer.close() }
}

private final class ReaderHandle: BrokerReader {
    let reader: ClusterReader
    let settings: KafkaSettings

    init(reader: ClusterReader, settings: KafkaSettings) {
        self.reader = reader
        self.settings = settings
    }

    func endOffsets(_ partitions: [TopicPartition], timeoutMilliseconds: Int32) throws -> [TopicPartition: Int64] {
        try reader.endOffsets(of: partitions, timeoutMilliseconds: timeoutMilliseconds)
    }
    func beginningOffsets(
        _ partitions: [TopicPartition], timeoutMilliseconds: Int32
    ) throws -> [TopicPartition: Int64] {
        try reader.earliestOffsets(of: partitions, timeoutMilliseconds: timeoutMilliseconds)
    }
    func partitionCount(_ topic: String, timeoutMilliseconds: Int32) throws -> Int? {
        do {
            return Int(try reader.partitionCount(of: topic, timeoutMilliseconds: timeoutMilliseconds))
        } catch {
            guard error.code == .topicMissing else { throw error }
            return nil
        }
    }
    func maximumMessageBytes(_ topic: String, timeoutMilliseconds: Int32) throws -> Int? {
        let admin = try TopicAdmin(settings: settings)
        defer { admin.close() }
        var limits: [Int] = []
        if let ofClient = settings.maximumMessageBytes { limits.append(ofClient) }
        let described = Result<TopicDescription, any Error> {
            try admin.describe(topic, timeoutMilliseconds: timeoutMilliseconds)
        }
        switch described {
        case .success(let description):
            if let text = description.configs["max.message.bytes"], let bytes = Int(text) { limits.append(bytes) }
        case .failure(let error as KafkaError) where error.code == .notAuthorized || error.code == .unsupported:
            // Reading a topic's settings is a right of its own.
            break
        case .failure(let error): throw error
        }
        return limits.min()
    }
    func groupMembers(_ group: String, timeoutMilliseconds: Int32) throws -> [GroupMember] {
        try reader.groupMembers(of: group, timeoutMilliseconds: timeoutMilliseconds)
    }
    func record(
        at partition: TopicPartition, offset: Int64, into batch: MessageBatch, timeoutMilliseconds: Int32
    ) throws -> Bool {
        try reader.record(at: partition, offset: offset, into: batch, timeoutMilliseconds: timeoutMilliseconds)
    }
    func close() { reader.close() }
}
