import Kafka
import RandomTestSupport

/// Topics, transactions and one group, as brokers keep them.
///
/// A transaction's records lie in their partitions from the moment that they are sent; a reader of committed messages sees
/// nothing at or behind the first record of one that is open. The end of a transaction takes up an offset in each partition.
public final class SimulatedCluster: @unchecked Sendable {
    // Unchecked, because there is one thread.
    public struct Record {
        public var key: [UInt8]?
        public var value: [UInt8]?
        public var headers: [(name: [UInt8], value: [UInt8]?)]
        public var timestamp: Int64
        /// When it was appended, on the world's wall clock.
        public var appended: Int64
        /// The transaction that it is part of, or the end of.
        public var transaction: Int?
        public var isControl = false
    }

    enum Outcome { case open, committed, aborted }

    struct Transaction {
        var outcome = Outcome.open
        var partitions: Set<TopicPartition> = []
        var offsets: [PartitionOffset] = []
    }

    struct Producer {
        var epoch = 0
        var open: Int?
    }

    let world: World
    private(set) var partitionCounts: [String: Int32] = [:]
    private(set) var logs: [TopicPartition: [Record]] = [:]
    private(set) var transactions: [Transaction] = []
    var producers: [String: Producer] = [:]
    private(set) var committed: [TopicPartition: PartitionOffset] = [:]
    /// The group's generation, and the member that it has.
    private(set) var generation = 0
    private(set) var member: GroupMember?

    public init(world: World) { self.world = world }

    public func makeTopic(_ name: String, partitions: Int32) {
        partitionCounts[name] = partitions
        for partition in 0..<partitions { logs[TopicPartition(name, partition)] = [] }
    }

    func append(_ record: Record, to place: TopicPartition) {
        logs[place, default: []].append(record)
        if let transaction = record.transaction { transactions[transaction].partitions.insert(place) }
    }

    func place(of key: [UInt8]?, in topic: String) -> TopicPartition {
        let count = partitionCounts[topic] ?? 1
        let chosen = (key ?? []).withUnsafeBytes { PlainProducer.Partitioner.murmur2.partition(of: $0, among: count) }
        return TopicPartition(topic, chosen ?? Int32.random(in: 0..<count, using: &world.random))
    }

    func beginTransaction() -> Int {
        transactions.append(Transaction())
        return transactions.count - 1
    }

    func add(_ offsets: [PartitionOffset], to transaction: Int) { transactions[transaction].offsets += offsets }

    func end(_ number: Int, _ outcome: Outcome) {
        guard transactions[number].outcome == .open else { return }
        transactions[number].outcome = outcome
        for place in transactions[number].partitions.sorted() {
            append(
                Record(
                    headers: [], timestamp: world.wall, appended: world.wall, transaction: number, isControl: true),
                to: place)
        }
        if outcome == .committed { commit(transactions[number].offsets) }
    }

    func commit(_ offsets: [PartitionOffset]) { for offset in offsets { committed[offset.partition] = offset } }

    /// Whether an open transaction holds offsets of the group.
    var hasPendingOffsets: Bool { transactions.contains { $0.outcome == .open && !$0.offsets.isEmpty } }

    func lastStableOffset(_ place: TopicPartition) -> Int {
        let log = logs[place] ?? []
        // Only the newest transactions can be open: looking from the end is enough.
        let open = Set(transactions.indices.suffix(8).filter { transactions[$0].outcome == .open })
        if open.isEmpty { return log.count }
        return log.firstIndex { $0.transaction.map(open.contains) ?? false } ?? log.count
    }

    func isVisible(_ record: Record) -> Bool {
        !record.isControl && (record.transaction.map { transactions[$0].outcome == .committed } ?? true)
    }

    /// What a reader of committed messages sees of a topic, with the place of each.
    public func read(_ topic: String) -> [(place: TopicPartition, offset: Int, record: Record)] {
        (0..<(partitionCounts[topic] ?? 0)).flatMap { partition in
            let place = TopicPartition(topic, partition)
            return (logs[place] ?? []).prefix(lastStableOffset(place)).enumerated().compactMap { offset, record in
                isVisible(record) ? (place, offset, record) : nil
            }
        }
    }

    func join(_ instance: String) -> Int {
        generation += 1
        member = GroupMember(
            groupInstanceID: instance, clientID: "winback", memberID: "member-\(generation)", host: "here",
            partitions: [])
        return generation
    }
}
