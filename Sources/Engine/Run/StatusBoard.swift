import Journal
import Journey
import Kafka
import Synchronization

/// What the threads of an engine tell each other and the outside about where they are. Nothing is decided from it but when
/// a snapshot is made.
public final class StatusBoard: Sendable {
    private struct State {
        var phase = "starting"
        var oddities = EngineStatus.Oddities()
        var partitions: [Int32: EngineStatus.Partition] = [:]
        var confirmations: [Int32: Confirmation] = [:]
        var commits: [Int32: Instant] = [:]
        var snapshots: [Int32: UInt64] = [:]
        var ends: [TopicPartition: Int64] = [:]
        var movedJourneys: Int?
        var disk: EngineStatus.Disk?
    }

    private let state = Mutex(State())

    public init() {}

    func enter(_ phase: String) { state.withLock { $0.phase = phase } }

    func confirmed(_ confirmations: [(Int32, Confirmation)], at time: Instant) {
        state.withLock { state in
            for (partition, confirmation) in confirmations {
                state.confirmations[partition] = confirmation
                state.commits[partition] = time
            }
        }
    }

    func made(snapshot position: UInt64, of partition: Int32) {
        state.withLock { $0.snapshots[partition] = position }
    }

    func ends(_ ends: [TopicPartition: Int64]) { state.withLock { $0.ends = ends } }

    func note(_ disk: EngineStatus.Disk) { state.withLock { $0.disk = disk } }

    var disk: EngineStatus.Disk? { state.withLock { $0.disk } }

    func update(_ partitions: [EngineStatus.Partition]) {
        state.withLock { state in
            for partition in partitions { state.partitions[partition.partition] = partition }
        }
    }

    func update(_ oddities: EngineStatus.Oddities) { state.withLock { $0.oddities = oddities } }

    public var oddities: EngineStatus.Oddities { state.withLock { $0.oddities } }

    func activated(moving journeys: Int) {
        state.withLock { $0.movedJourneys = ($0.movedJourneys ?? 0) + journeys }
    }

    /// How many journeys this process has moved to newer versions of their policies; `nil` until the configuration is
    /// activated, and that is committed.
    public var movedJourneys: Int? { state.withLock { $0.movedJourneys } }

    var confirmations: [Int32: Confirmation] { state.withLock { $0.confirmations } }

    /// By partition: the next offset of the first topic, as the newest commit of this process has it.
    public var committedOffsets: [Int32: Int64] { confirmations.mapValues(\.offset) }

    /// Whether a partition's clock waits for a backlog to be read.
    func isBehind(_ partition: Int32) -> Bool {
        state.withLock { $0.partitions[partition]?.heldBackBy == EngineStatus.Partition.lag }
    }

    /// Bytes of journal behind a partition's newest snapshot, none counting as the journal's beginning: what a restart folds.
    public var tails: [Int32: UInt64] {
        state.withLock { state in
            Dictionary(
                uniqueKeysWithValues: state.partitions.map { partition, status in
                    (
                        partition,
                        status.confirmedPosition - min(state.snapshots[partition] ?? 0, status.confirmedPosition)
                    )
                })
        }
    }

    public var phase: String { state.withLock { $0.phase } }

    /// The partitions as they were last reported, with the newest end offsets and commits.
    public var partitions: [EngineStatus.Partition] {
        state.withLock { state in
            state.partitions.values.sorted { $0.partition < $1.partition }.map { partition in
                var partition = partition
                partition.lastCommitAt = state.commits[partition.partition]?.milliseconds
                let confirmed = state.confirmations[partition.partition]?.position ?? 0
                partition.confirmedPosition = max(partition.confirmedPosition, confirmed)
                for index in partition.topics.indices {
                    let place = TopicPartition(partition.topics[index].name, partition.partition)
                    partition.topics[index].end = state.ends[place]
                }
                return partition
            }
        }
    }
}
