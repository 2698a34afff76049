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
        /// Its commit was asked for, and happens before anything else of this producer does.
        var late: Int?
    }

    /// A client that the group has given partitions.
    struct Member {
        var id: String
        var instance: String
        var generation: Int
    }

    let world: World
    private(set) var partitionCounts: [String: Int32] = [:]
    private(set) var logs: [TopicPartition: [Record]] = [:]
    private(set) var transactions: [Transaction] = []
    private var open: Set<Int> = []
    var producers: [String: Producer] = [:]
    /// The transactional ids of clients that have initialised their transactions and have not been closed.
    private(set) var active: Set<String> = []
    /// Those that another process has taken over: who had one before must not take it back.
    private var guarded: Set<String> = []
    /// Whether a producer has initialised its transactions since another process took over.
    private(set) var isTakenBack = false
    /// What clients did that no client should.
    private(set) var violations: [String] = []
    private(set) var committed: [TopicPartition: PartitionOffset] = [:]
    /// The group's generation, and its static members by their names.
    private(set) var generation = 0
    private(set) var members: [String: Member] = [:]
    private var joined = 0
    /// How long a transaction may stay open.
    static let transactionMilliseconds: Int64 = 10_000

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
        open.insert(transactions.count - 1)
        return transactions.count - 1
    }

    func add(_ offsets: [PartitionOffset], to transaction: Int) { transactions[transaction].offsets += offsets }

    func end(_ number: Int, _ outcome: Outcome) {
        guard transactions[number].outcome == .open else { return }
        transactions[number].outcome = outcome
        open.remove(number)
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
    var hasPendingOffsets: Bool { open.contains { !transactions[$0].offsets.isEmpty } }

    func lastStableOffset(_ place: TopicPartition) -> Int {
        let log = logs[place] ?? []
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

    // MARK: Producers

    func hasInitialised(_ id: String) {
        isTakenBack = true
        if guarded.contains(id) { violations.append("a process that was taken for dead has fenced its successor") }
        active.insert(id)
    }

    func hasClosed(_ id: String) { active.remove(id) }

    /// Another process is at work. Only who had all of it before can know that.
    func takenOver(from active: Set<String>) {
        guarded = active
        isTakenBack = false
    }

    /// The process that they were of has ended.
    func forgetClients() { active = [] }

    // MARK: The group

    /// A client takes the place of the one with the same name, which is fenced from then on.
    func join(_ instance: String) -> Member {
        generation += 1
        joined += 1
        let member = Member(id: "member-\(joined)", instance: instance, generation: generation)
        members[instance] = member
        return member
    }

    func isKnown(_ member: Member) -> Bool { members[member.instance]?.id == member.id }

    /// The group gives up on a member: its session has ended, or it was too slow.
    func leave(_ instance: String) {
        guard members.removeValue(forKey: instance) != nil else { return }
        generation += 1
    }

    var groupMembers: [GroupMember] {
        members.values.sorted { $0.id < $1.id }.map {
            GroupMember(
                groupInstanceID: $0.instance, clientID: "winback", memberID: $0.id, host: "here", partitions: [])
        }
    }

    /// Nobody has heard of the clients for longer than sessions and transactions last.
    func expire() {
        for instance in members.keys.sorted() { leave(instance) }
        for id in producers.keys.sorted() { endTransaction(of: id) }
    }

    /// The coordinator ends what a producer has left open, and gives it another epoch.
    func endTransaction(of id: String) {
        guard var producer = producers[id] else { return }
        if let late = producer.late { end(late, .committed) }
        if let open = producer.open { end(open, .aborted) }
        producer.late = nil
        producer.open = nil
        producer.epoch += 1
        producers[id] = producer
    }

    // MARK: What operators do

    /// Everything that the brokers keep, for a restore.
    struct Backup {
        var logs: [TopicPartition: [Record]]
        var transactions: [Transaction]
        var producers: [String: Producer]
        var committed: [TopicPartition: PartitionOffset]
    }

    func backup() -> Backup {
        Backup(logs: logs, transactions: transactions, producers: producers, committed: committed)
    }

    func restore(_ backup: Backup) {
        logs = backup.logs
        transactions = backup.transactions
        producers = backup.producers
        committed = backup.committed
        open = Set(transactions.indices.filter { transactions[$0].outcome == .open })
        expire()
    }

    /// Seven days without a member.
    func forgetOffsets() { committed = [:] }
}
