import DiskTestSupport
import Engine
import Kafka

final class SimulatedReader: BrokerReader {
    private let broker: SimulatedBroker
    private var cluster: SimulatedCluster { broker.cluster }

    init(broker: SimulatedBroker) { self.broker = broker }

    func endOffsets(_ partitions: [TopicPartition], timeoutMilliseconds: Int32) throws -> [TopicPartition: Int64] {
        try broker.perform(.ends) {
            // What is appended while the question travels may or may not be in the answer.
            if cluster.world.random.chance(10) { cluster.world.advance(5) }
            return Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64(cluster.logs[$0]?.count ?? 0)) })
        }
    }

    func beginningOffsets(
        _ partitions: [TopicPartition], timeoutMilliseconds: Int32
    ) throws -> [TopicPartition: Int64] {
        try broker.perform(.beginnings) { Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) }) }
    }

    func partitionCount(_ topic: String, timeoutMilliseconds: Int32) throws -> Int? {
        try broker.perform(.partitions, topic) { cluster.partitionCounts[topic].map(Int.init) }
    }

    func maximumMessageBytes(_ topic: String, timeoutMilliseconds: Int32) throws -> Int? { nil }

    func groupMembers(_ group: String, timeoutMilliseconds: Int32) throws -> [GroupMember] {
        try broker.perform(.members) { cluster.groupMembers }
    }

    func record(
        at partition: TopicPartition, offset: Int64, into batch: MessageBatch, timeoutMilliseconds: Int32
    ) throws -> Bool {
        try broker.perform(.record) {
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
    }

    func close() {}
}
