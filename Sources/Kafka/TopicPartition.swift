/// One partition of one topic.
public struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var topic: String
    public var partition: Int32

    public init(_ topic: String, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    public var description: String { "\(topic)-\(partition)" }

    public static func < (a: TopicPartition, b: TopicPartition) -> Bool {
        (a.topic, a.partition) < (b.topic, b.partition)
    }
}

/// An offset to commit or to consume from. The metadata is ASCII without NUL, well under the broker's 4 KiB.
public struct PartitionOffset: Hashable, Sendable {
    public var partition: TopicPartition
    public var offset: Int64
    public var metadata: String?

    public init(_ partition: TopicPartition, offset: Int64, metadata: String? = nil) {
        self.partition = partition
        self.offset = offset
        self.metadata = metadata
    }
}

/// What the group has committed for a partition: `offset` is nil where it has nothing.
public struct CommittedOffset: Hashable, Sendable {
    public var partition: TopicPartition
    public var offset: Int64?
    public var metadata: String?

    public init(partition: TopicPartition, offset: Int64?, metadata: String?) {
        self.partition = partition
        self.offset = offset
        self.metadata = metadata
    }
}
