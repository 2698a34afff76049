import DiskTestSupport
import Engine
import Kafka
import RandomTestSupport

/// A static member of the group that reads what is committed.
final class SimulatedConsumer: BrokerConsumer {
    private let broker: SimulatedBroker
    private let membership: GroupMembership
    private var member: SimulatedCluster.Member?
    private var hasSubscribed = false
    private var rebalance: Rebalance?
    private var positions: [TopicPartition: Int64] = [:]
    /// The end that was reported last.
    private var reported: [TopicPartition: Int64] = [:]

    private var cluster: SimulatedCluster { broker.cluster }
    private var world: World { cluster.world }

    init(broker: SimulatedBroker, membership: GroupMembership) {
        self.broker = broker
        self.membership = membership
    }

    func subscribe() throws { try broker.perform(.subscribe) { hasSubscribed = true } }

    func poll(into batch: MessageBatch, maximum: Int, timeoutMilliseconds: Int32) throws {
        batch.release()
        let fault = try world.meet(.poll)
        switch fault {
        case .fatal: throw KafkaError(code: .other, isFatal: true, message: "polling: fatal")
        case .fenced, .lost: leave()
        case .revoked: if let member, cluster.isKnown(member) { rebalance = .revoked(all) }
        default: break
        }
        if rebalance != nil { return }
        guard let member else { return join() }
        if let other = cluster.members[member.instance], other.id != member.id {
            throw KafkaError(code: .fenced, isFatal: true, message: "another member has the name \(member.instance)")
        }
        guard cluster.isKnown(member) else {
            if fault == .fenced { throw KafkaError(code: .unknownGroupMember, message: "the group has left this one") }
            rebalance = .lost(all)
            self.member = nil
            return
        }
        collect(into: batch, maximum)
        if batch.isEmpty, timeoutMilliseconds > 0 {
            world.advance(Int64.random(in: 1...broker.longestSilenceMilliseconds, using: &world.random))
            collect(into: batch, maximum)
        } else {
            world.advance(1)
        }
        try world.survive(fault)
    }

    private func leave() { membership.instance.map(cluster.leave) }

    private func join() {
        world.advance(3)
        guard hasSubscribed, let instance = membership.instance else { return }
        member = cluster.join(instance)
        rebalance = .assigned(all)
    }

    private var all: [TopicPartition] {
        membership.topics.flatMap { topic in
            (0..<(cluster.partitionCounts[topic] ?? 0)).map { TopicPartition(topic, $0) }
        }
    }

    private func collect(into batch: MessageBatch, _ maximum: Int) {
        // A poll may bring little, and partitions in any order.
        let limit = min(maximum, world.random.chance(20) ? Int.random(in: 1...7, using: &world.random) : 500)
        for place in positions.keys.sorted().shuffled(using: &world.random) {
            guard var position = positions[place], let log = cluster.logs[place] else { continue }
            let end = Int64(cluster.lastStableOffset(place))
            let topic = membership.topics.firstIndex(of: place.topic) ?? 0
            while position < end, batch.count < limit {
                let record = log[Int(position)]
                if cluster.isVisible(record) { append(record, place, topic, position, to: batch) }
                position += 1
            }
            positions[place] = position
            if position == end, reported[place] != end {
                reported[place] = end
                batch.appendEnd(topicIndex: topic, partition: place.partition, offset: end)
            }
        }
    }

    private func append(
        _ record: SimulatedCluster.Record, _ place: TopicPartition, _ topic: Int, _ offset: Int64,
        to batch: MessageBatch
    ) {
        Self.with(record.key) { key in
            Self.with(record.value) { value in
                _ = batch.append(
                    topicIndex: topic, partition: place.partition, offset: offset,
                    timestampMilliseconds: record.timestamp, key: key, value: value)
            }
        }
    }

    private static func with(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Void) {
        guard let bytes else { return body(nil) }
        bytes.withUnsafeBytes { body($0) }
    }

    func takeRebalance() -> Rebalance? {
        defer { rebalance = nil }
        return rebalance
    }

    func assign(_ offsets: [PartitionOffset]) throws {
        try broker.perform(.assign) {
            positions = Dictionary(uniqueKeysWithValues: offsets.map { ($0.partition, $0.offset) })
            reported = [:]
        }
    }

    func unassign() throws { try broker.perform(.unassign) { positions = [:] } }

    func committed(_ partitions: [TopicPartition], timeoutMilliseconds: Int32) throws -> [CommittedOffset] {
        try broker.perform(.committed) {
            guard !cluster.hasPendingOffsets else {
                throw KafkaError(code: .timedOut, isRetriable: true, message: "offsets of an open transaction")
            }
            return partitions.map { place in
                let offset = cluster.committed[place]
                return CommittedOffset(partition: place, offset: offset?.offset, metadata: offset?.metadata)
            }
        }
    }

    func commit(_ offsets: [PartitionOffset], timeoutMilliseconds: Int32) throws {
        try broker.perform(.commitOffsets) {
            // Who is no member can commit for a group that has none.
            let mayCommit = membership.instance == nil ? cluster.members.isEmpty : member.map(cluster.isKnown) ?? false
            guard mayCommit else {
                throw KafkaError(code: .unknownGroupMember, message: "committing offsets: the group has left this one")
            }
            cluster.commit(offsets)
        }
    }

    var connection: KafkaConnection { .good }
    var memberID: String? { member?.id }

    func groupMetadata() throws -> any BrokerGroupMetadata {
        try broker.perform(.membership) { Membership(member: member) }
    }

    func close() {}
}
