import Kafka

/// Kafka as the engine needs it, handed in: librdkafka's clients, or a simulation's.
///
/// The semantics are those of the `Kafka` module's classes; see there for errors, time limits and threads.
public protocol Broker: Sendable {
    func makeConsumer(_ membership: GroupMembership) throws -> any BrokerConsumer
    /// - Parameters:
    ///   - topics: where its messages go.
    ///   - maximumBatchBytes: what the smallest of them accepts at a time; `nil`: the client's own limit.
    func makeProducer(
        transactionalID: String, topics: [String], maximumBatchBytes: Int?
    ) throws -> any BrokerProducer
    /// A handle of its own that sees everything that brokers have acknowledged (`read_uncommitted`).
    func makeReader() throws -> any BrokerReader
    /// Hands out every committed message of a topic, from its first one to where it ends now, behind every transaction that
    /// is open.
    ///
    /// - Parameters:
    ///   - group: a name for who reads; nothing is committed under it.
    ///   - progress: hears how many messages there were so far.
    /// - Returns: per partition, the first offset that the topic still holds; `nil`: there is no such topic.
    func scan(
        _ topic: String, group: String, progress: (Int) -> Void, _ visit: (MessageBatch, Int) throws -> Void
    ) throws -> [Int32: Int64]?
}

public struct GroupMembership: Sendable, Hashable {
    public var group: String
    /// `group.instance.id`; `nil`: of somebody who never subscribes, and only asks for offsets or commits them.
    public var instance: String?
    public var topics: [String]
}

/// One thread owns a consumer.
public protocol BrokerConsumer: AnyObject {
    func subscribe() throws
    func poll(into batch: MessageBatch, maximum: Int, timeoutMilliseconds: Int32) throws
    func takeRebalance() -> Rebalance?
    func assign(_ offsets: [PartitionOffset]) throws
    func unassign() throws
    func committed(_ partitions: [TopicPartition], timeoutMilliseconds: Int32) throws -> [CommittedOffset]
    func commit(_ offsets: [PartitionOffset], timeoutMilliseconds: Int32) throws
    var connection: KafkaConnection { get }
    /// What the group's coordinator knows this member by; `nil` before it has joined.
    var memberID: String? { get }
    /// The membership as it is now: what a transaction is fenced by. It may be used by another thread.
    func groupMetadata() throws -> any BrokerGroupMetadata
    func close()
}

/// A consumer's membership of its group at a moment.
public protocol BrokerGroupMetadata: AnyObject, Sendable {}

/// One thread owns a producer at a time.
public protocol BrokerProducer: AnyObject {
    func initTransactions(timeoutMilliseconds: Int32) throws
    func begin() throws
    /// The key chooses the partition.
    func send(
        topic: String, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: [MessageHeader],
        timestampMilliseconds: Int64?
    ) throws
    /// Offsets for a group, under a membership that must be fresh: a stale one is fenced by the group's coordinator.
    func sendOffsets(
        _ offsets: [PartitionOffset], of group: any BrokerGroupMetadata, timeoutMilliseconds: Int32
    ) throws
    func commit(timeoutMilliseconds: Int32) throws
    func abort(timeoutMilliseconds: Int32) throws
    func close()
}

public protocol BrokerReader: AnyObject {
    /// The high watermark of each partition, all asked in one request.
    func endOffsets(_ partitions: [TopicPartition], timeoutMilliseconds: Int32) throws -> [TopicPartition: Int64]
    func beginningOffsets(_ partitions: [TopicPartition], timeoutMilliseconds: Int32) throws -> [TopicPartition: Int64]
    /// `nil`: there is no such topic.
    func partitionCount(_ topic: String, timeoutMilliseconds: Int32) throws -> Int?
    /// The largest message that the topic and the producer of this configuration let through; `nil`: it can't be told.
    func maximumMessageBytes(_ topic: String, timeoutMilliseconds: Int32) throws -> Int?
    func groupMembers(_ group: String, timeoutMilliseconds: Int32) throws -> [GroupMember]
    /// Puts the first record at or after an offset into the batch; false when the partition ends before one.
    func record(
        at partition: TopicPartition, offset: Int64, into batch: MessageBatch, timeoutMilliseconds: Int32
    ) throws -> Bool
    func close()
}
