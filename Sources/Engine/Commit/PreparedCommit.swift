import Journal
import Kafka

/// What one transaction holds: fixed when it is handed over to the lane, and touched by one thread at a time.
struct PreparedCommit: @unchecked Sendable {
    // Unchecked for the shards, which the lane leaves alone: they are carried along until the outcome is known.
    var frames: [(shard: Shard, sealed: Shard.SealedFrames)]
    var outbox: Outbox
    var offsets: [PartitionOffset]
    var group: any BrokerGroupMetadata
    /// CLOCK_BOOTTIME of the oldest sample that a decision in it was made from.
    var oldestTick: Int64?
    var timeoutMilliseconds: Int
}
