import Kafka

/// Reads the reminder topic as a mail worker does: a group of its own, committed messages only.
final class ReminderReader {
    private let consumer: KafkaConsumer
    private let batch = MessageBatch(capacity: 1024)

    init(broker: DemoBroker, group: String) throws {
        consumer = try KafkaConsumer(settings: broker.settings, groupID: "\(group)-mail", groupInstanceID: nil)
        try consumer.subscribe(topics: [broker.topics.reminders])
    }

    /// What has arrived since the last call; waits for it for a short time.
    func poll(timeoutMilliseconds: Int32) throws -> [Reminder] {
        try consumer.poll(into: batch, timeoutMilliseconds: timeoutMilliseconds)
        defer { batch.release() }
        switch consumer.takeRebalance() {
        case .assigned(let partitions): try consumer.assign(partitions.map { PartitionOffset($0, offset: 0) })
        case .revoked, .lost: try consumer.unassign()
        case nil: break
        }
        return try (0..<batch.count).compactMap { index in try batch.value(index).map { try Reminder($0) } }
    }

    func close() {
        batch.release()
        consumer.close()
    }
}
