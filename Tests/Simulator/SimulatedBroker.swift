import Engine
import Kafka
import RandomTestSupport

/// The cluster as the engine's clients see it, with a network that fails now and then.
public struct SimulatedBroker: Broker {
    let cluster: SimulatedCluster
    let faults: Faults
    /// While nothing arrives, time goes on in steps up to this.
    let longestSilenceMilliseconds: Int64

    /// How often in ten thousand calls something goes wrong.
    public struct Faults: Sendable {
        /// A call has no answer in time.
        public var timeOuts = 0
        /// A commit's answer is lost: it happened, or it did not.
        public var lostAnswers = 0
        /// The group takes the partitions away.
        public var rebalances = 0
        public init(timeOuts: Int = 0, lostAnswers: Int = 0, rebalances: Int = 0) {
            self.timeOuts = timeOuts
            self.lostAnswers = lostAnswers
            self.rebalances = rebalances
        }
    }

    public init(cluster: SimulatedCluster, faults: Faults, longestSilenceMilliseconds: Int64) {
        self.cluster = cluster
        self.longestSilenceMilliseconds = longestSilenceMilliseconds
        self.faults = faults
    }

    public func makeConsumer(_ membership: GroupMembership) throws -> any BrokerConsumer {
        SimulatedConsumer(broker: self, membership: membership)
    }

    public func makeProducer(transactionalID: String, maximumBatchBytes: Int?) throws -> any BrokerProducer {
        SimulatedProducer(broker: self, id: transactionalID)
    }

    public func makeReader() throws -> any BrokerReader { SimulatedReader(broker: self) }

    /// Each call asks first.
    func call(_ doing: String) throws {
        let world = cluster.world
        try world.operate()
        guard happens(faults.timeOuts) else { return }
        world.advance(Int64.random(in: 10...2_000, using: &world.random))
        throw KafkaError(code: .timedOut, isRetriable: true, message: "\(doing): no answer in time")
    }

    func happens(_ perTenThousand: Int) -> Bool {
        perTenThousand > 0 && Int.random(in: 0..<10_000, using: &cluster.world.random) < perTenThousand
    }
}

private final class Membership: BrokerGroupMetadata, @unchecked Sendable {
    let generation: Int
    init(generation: Int) { self.generation = generation }
}

private final class SimulatedConsumer: BrokerConsumer {
    private let broker: SimulatedBroker
    private let membership: GroupMembership
    private var generation: Int?
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

    func subscribe() throws { try broker.call("subscribing") }

    func poll(into batch: MessageBatch, maximum: Int, timeoutMilliseconds: Int32) throws {
        batch.release()
        try world.operate()
        guard generation != nil else { return join() }
        if broker.happens(broker.faults.rebalances) {
            rebalance = world.random.chance(50) ? .lost(all) : .revoked(all)
            return
        }
        collect(into: batch, maximum)
        guard batch.isEmpty, timeoutMilliseconds > 0 else { return world.advance(1) }
        world.advance(Int64.random(in: 1...broker.longestSilenceMilliseconds, using: &world.random))
        collect(into: batch, maximum)
    }

    private func join() {
        world.advance(3)
        generation = cluster.join(membership.instance)
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
        try broker.call("assigning")
        positions = Dictionary(uniqueKeysWithValues: offsets.map { ($0.partition, $0.offset) })
        reported = [:]
    }

    func unassign() throws {
        try world.operate()
        positions = [:]
    }

    func committed(_ partitions: [TopicPartition], timeoutMilliseconds: Int32) throws -> [CommittedOffset] {
        try broker.call("reading the committed offsets")
        guard !cluster.hasPendingOffsets else {
            throw KafkaError(code: .timedOut, isRetriable: true, message: "offsets of an open transaction")
        }
        return partitions.map { place in
            let offset = cluster.committed[place]
            return CommittedOffset(partition: place, offset: offset?.offset, metadata: offset?.metadata)
        }
    }

    func commit(_ offsets: [PartitionOffset], timeoutMilliseconds: Int32) throws {
        try broker.call("committing offsets")
        cluster.commit(offsets)
    }

    var connection: KafkaConnection { .good }
    var memberID: String? { generation.map { "member-\($0)" } }

    func groupMetadata() throws -> any BrokerGroupMetadata {
        try world.operate()
        return Membership(generation: generation ?? -1)
    }

    func close() {}
}

private final class SimulatedProducer: BrokerProducer {
    private let broker: SimulatedBroker
    private let id: String
    private var epoch = -1
    private var open: Int?

    private var cluster: SimulatedCluster { broker.cluster }
    private var world: World { cluster.world }

    init(broker: SimulatedBroker, id: String) {
        self.broker = broker
        self.id = id
    }

    func initTransactions(timeoutMilliseconds: Int32) throws {
        try broker.call("initialising transactions")
        var producer = cluster.producers[id] ?? .init()
        if let left = producer.open { cluster.end(left, .aborted) }
        producer.open = nil
        producer.epoch += 1
        epoch = producer.epoch
        cluster.producers[id] = producer
    }

    private func requireNotFenced() throws {
        guard cluster.producers[id]?.epoch == epoch else {
            throw KafkaError(code: .fenced, isFatal: true, message: "another producer has the transactional id \(id)")
        }
    }

    func begin() throws {
        try world.operate()
        open = nil
    }

    private func transaction() throws -> Int {
        try requireNotFenced()
        if let open { return open }
        let number = cluster.beginTransaction()
        open = number
        cluster.producers[id]?.open = number
        return number
    }

    func send(
        topic: String, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: [MessageHeader],
        timestampMilliseconds: Int64?
    ) throws {
        try broker.call("sending to \(topic)")
        let number = try transaction()
        let key = key.map(Array.init)
        cluster.append(
            SimulatedCluster.Record(
                key: key, value: value.map(Array.init),
                headers: headers.map { (name: Array($0.name), value: $0.value.map(Array.init)) },
                timestamp: timestampMilliseconds ?? world.wall, appended: world.wall, transaction: number),
            to: cluster.place(of: key, in: topic))
    }

    func sendOffsets(
        _ offsets: [PartitionOffset], of group: any BrokerGroupMetadata, timeoutMilliseconds: Int32
    ) throws {
        try broker.call("sending offsets")
        guard let group = group as? Membership, group.generation == cluster.generation else {
            throw KafkaError(code: .fenced, requiresAbort: true, message: "the group has another generation")
        }
        cluster.add(offsets, to: try transaction())
    }

    func commit(timeoutMilliseconds: Int32) throws {
        try world.operate()
        let number = try transaction()
        if broker.happens(broker.faults.lostAnswers) {
            if world.random.chance(50) { finish(number, .committed) }
            world.advance(Int64(timeoutMilliseconds))
            throw KafkaError(code: .outcomeUnknown, message: "the commit has no answer")
        }
        finish(number, .committed)
        // Its answer may be what the power does not outlast.
        try world.operate()
        world.advance(2)
    }

    func abort(timeoutMilliseconds: Int32) throws {
        try broker.call("aborting")
        try requireNotFenced()
        if let open { finish(open, .aborted) }
    }

    private func finish(_ number: Int, _ outcome: SimulatedCluster.Outcome) {
        cluster.end(number, outcome)
        cluster.producers[id]?.open = nil
        open = nil
    }

    func close() {}
}

private final class SimulatedReader: BrokerReader {
    private let broker: SimulatedBroker
    private var cluster: SimulatedCluster { broker.cluster }

    init(broker: SimulatedBroker) { self.broker = broker }

    func endOffsets(_ partitions: [TopicPartition], timeoutMilliseconds: Int32) throws -> [TopicPartition: Int64] {
        try broker.call("asking for the ends")
        // What is appended while the question travels may or may not be in the answer.
        if cluster.world.random.chance(10) { cluster.world.advance(5) }
        return Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64(cluster.logs[$0]?.count ?? 0)) })
    }

    func beginningOffsets(
        _ partitions: [TopicPartition], timeoutMilliseconds: Int32
    ) throws -> [TopicPartition: Int64] {
        try broker.call("asking for the beginnings")
        return Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) })
    }

    func partitionCount(_ topic: String, timeoutMilliseconds: Int32) throws -> Int? {
        try broker.call("asking for partitions")
        return cluster.partitionCounts[topic].map(Int.init)
    }

    func maximumMessageBytes(_ topic: String, timeoutMilliseconds: Int32) throws -> Int? { nil }

    func groupMembers(_ group: String, timeoutMilliseconds: Int32) throws -> [GroupMember] {
        try broker.call("asking for members")
        return cluster.member.map { [$0] } ?? []
    }

    func record(
        at partition: TopicPartition, offset: Int64, into batch: MessageBatch, timeoutMilliseconds: Int32
    ) throws -> Bool {
        try broker.call("reading a record")
        let log = cluster.logs[partition] ?? []
        guard let found = log.indices.first(where: { $0 >= offset && !log[$0].isControl }) else { return false }
        let record = log[found]
        (record.key ?? []).withUnsafeBytes { key in
            (record.value ?? []).withUnsafeBytes { value in
                _ = batch.append(
                    partition: partition.partition, offset: Int64(found), timestampMilliseconds: record.timestamp,
                    key: record.key == nil ? nil : key, value: record.value == nil ? nil : value)
            }
        }
        return true
    }

    func close() {}
}
