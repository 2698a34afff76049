import Configuration
import Engine
import Foundation
import Kafka
import Terminal

/// An erasure on its way: published to every partition of the first event topic at once, and seen to be done.
///
/// Every shard must know it: an address may be that of several prospects, and which partition a prospect lies in depends on
/// the services that publish.
struct Erasure {
    let topic: String
    private let mapping: EventMapping
    private let settings: KafkaSettings
    private let group: String
    private let dataDirectory: String

    private static let callMilliseconds: Int32 = 10_000

    init(_ configuration: Configuration) {
        topic = configuration.topics.events[0]
        mapping = configuration.events.of(topic)
        settings = configuration.kafkaSettings
        group = configuration.group
        dataDirectory = configuration.data
    }

    /// - Returns: where the request lies in each partition.
    func publish(_ request: ErasureRequest) throws -> [PartitionOffset] {
        let reader = try ClusterReader(settings: settings)
        defer { reader.close() }
        let count = try reader.partitionCount(of: topic, timeoutMilliseconds: Self.callMilliseconds)
        let partitions = (0..<count).map { TopicPartition(topic, $0) }
        let ends = try reader.endOffsets(of: partitions, timeoutMilliseconds: Self.callMilliseconds)
        let message = try ErasureMessage(request, mapping, topic: topic)
        try send(message, to: partitions)
        return try partitions.map {
            PartitionOffset($0, offset: try find(message.value, $0, from: ends[$0] ?? 0, reader))
        }
    }

    private func send(_ message: ErasureMessage, to partitions: [TopicPartition]) throws {
        let producer = try TransactionalProducer(settings: settings, transactionalID: "\(group)-erase")
        defer { producer.close() }
        try producer.initTransactions(timeoutMilliseconds: 3 * Self.callMilliseconds)
        try producer.begin()
        for partition in partitions {
            try producer.send(
                topic: topic, partition: partition.partition, key: message.key, value: message.value,
                headers: message.headers)
        }
        try producer.commit(timeoutMilliseconds: Self.callMilliseconds)
    }

    /// The request's own offset: others may have published meanwhile.
    private func find(
        _ value: [UInt8], _ partition: TopicPartition, from start: Int64, _ reader: ClusterReader
    ) throws -> Int64 {
        let batch = MessageBatch(capacity: 1)
        defer { batch.release() }
        var offset = start
        while try reader.record(
            at: partition, offset: offset, into: batch, timeoutMilliseconds: Self.callMilliseconds)
        {
            if batch.value(0)?.elementsEqual(value) == true { return batch.offset(0) }
            offset = batch.offset(0) + 1
        }
        throw CommandError(
            .inputOutput, "\(partition) was read to its end without the request that was committed to it")
    }

    /// Whether a committed offset says that an erasure is folded, and the data is gone.
    static func isDestroyed(_ offset: Int64) -> (CommittedOffset) -> Bool {
        { committed in
            guard let next = committed.offset, next > offset,
                let metadata = committed.metadata.flatMap(OffsetMetadata.init)
            else { return false }
            return metadata.erasing.map { $0 > offset } ?? true
        }
    }

    /// Waits until the group has committed an offset behind each, and no older erasure whose data is still to be destroyed.
    ///
    /// - Returns: the partitions of which that was not seen.
    func wait(for published: [PartitionOffset], seconds: Int, until isStopped: () -> Bool) throws -> Set<TopicPartition>
    {
        let consumer = try KafkaConsumer(settings: settings, groupID: group, groupInstanceID: nil)
        defer { consumer.close() }
        let progress = ProgressBar("waiting for the engine", total: Int64(published.count), unit: "partitions")
        defer { progress.finish() }
        let deadline = ContinuousClock.now + .seconds(seconds)
        var waiting = published
        while true {
            let committed = try consumer.committed(
                waiting.map(\.partition), timeoutMilliseconds: Self.callMilliseconds)
            let known = Dictionary(committed.map { ($0.partition, $0) }) { $1 }
            waiting.removeAll { known[$0.partition].map(Self.isDestroyed($0.offset)) ?? false }
            progress.update(to: Int64(published.count - waiting.count))
            guard !waiting.isEmpty, !isStopped(), ContinuousClock.now < deadline,
                RunningEngine(dataDirectory: dataDirectory) != .stopped
            else { return Set(waiting.map(\.partition)) }
            Thread.sleep(forTimeInterval: 0.2)
        }
    }
}
