import Foundation
import Kafka

/// A message as a test looks at it.
public struct FollowedRecord: Equatable, Sendable {
    public var topic: String
    public var partition: Int32
    public var offset: Int64
    public var timestampMilliseconds: Int64
    public var key: String?
    public var value: String?
    /// `name=value`, or the name alone where the value is null.
    public var headers: [String]
}

/// A group member that keeps all that it reads: the reader of a test.
public final class TopicFollower {
    public let consumer: KafkaConsumer
    public private(set) var records: [FollowedRecord] = []
    /// The last end that was reported for each partition.
    public private(set) var ends: [TopicPartition: Int64] = [:]
    public private(set) var rebalances: [Rebalance] = []
    public private(set) var assignment: Set<TopicPartition> = []
    private let batch = MessageBatch(capacity: 500)
    private var headers: [MessageHeader] = []

    /// Reads from the first offset, or from `start`.
    public var start: (TopicPartition) -> Int64 = { _ in 0 }

    public init(
        _ settings: KafkaSettings, topics: [String], group: String = "group-\(UUID().uuidString.prefix(8))",
        instance: String? = nil
    ) throws {
        consumer = try KafkaConsumer(settings: settings, groupID: group, groupInstanceID: instance)
        try consumer.subscribe(topics: topics)
    }

    deinit { close() }

    public func close() {
        batch.release()
        consumer.close()
    }

    /// One poll, with the answer to what the group asks.
    public func poll(timeoutMilliseconds: Int32 = 50) throws {
        try consumer.poll(into: batch, timeoutMilliseconds: timeoutMilliseconds)
        for index in 0..<batch.count { records.append(record(index)) }
        for index in 0..<batch.endCount {
            let end = batch.end(index)
            ends[TopicPartition(consumer.topics[end.topicIndex], end.partition)] = end.offset
        }
        guard let rebalance = consumer.takeRebalance() else { return }
        rebalances.append(rebalance)
        switch rebalance {
        case .assigned(let partitions):
            try consumer.assign(partitions.map { PartitionOffset($0, offset: start($0)) })
            assignment = Set(partitions)
        case .revoked, .lost:
            try consumer.unassign()
            assignment = []
        }
    }

    /// Polls until `condition` holds.
    public func follow(_ what: String, within seconds: Double = 30, until condition: (TopicFollower) -> Bool) throws {
        let deadline = Date().addingTimeInterval(seconds)
        while !condition(self) {
            guard Date() < deadline else {
                throw TimedOut(description: "not within \(seconds) s: \(what); \(records.count) records, ends \(ends)")
            }
            try poll()
        }
    }

    private func record(_ index: Int) -> FollowedRecord {
        func text(_ bytes: UnsafeRawBufferPointer?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
        batch.headers(index, into: &headers)
        return FollowedRecord(
            topic: consumer.topics[batch.topicIndex(index)], partition: batch.partition(index),
            offset: batch.offset(index), timestampMilliseconds: batch.timestampMilliseconds(index),
            key: text(batch.key(index)), value: text(batch.value(index)),
            headers: headers.map { header in
                let name = String(decoding: header.name, as: UTF8.self)
                return text(header.value).map { "\(name)=\($0)" } ?? name
            })
    }
}
