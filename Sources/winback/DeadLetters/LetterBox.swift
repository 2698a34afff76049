import Configuration
import Kafka
import Terminal

/// The dead-letter topic, read from its beginning to where it ends now.
struct LetterBox {
    let topic: String
    let settings: KafkaSettings
    let group: String

    private static let callMilliseconds: Int32 = 10_000
    private static let batchMessages = 1_000

    init(_ configuration: Configuration) {
        topic = configuration.topics.deadLetters
        settings = configuration.kafkaSettings
        group = "\(configuration.group)-dead-letters"
    }

    /// Every letter with whether it has been sent again, in the order of partitions and offsets.
    func letters() throws -> [(letter: Letter, isResubmitted: Bool)] {
        var letters: [Letter] = []
        var done: Set<String> = []
        try read { message in
            if let offset = message.resubmitted {
                done.insert("\(message.partition):\(offset)")
            } else {
                letters.append(message)
            }
        }
        letters.sort { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
        return letters.map { ($0, done.contains($0.place)) }
    }

    private func read(_ visit: (Letter) -> Void) throws {
        let partitions = try partitions()
        let consumer = try KafkaConsumer(settings: settings, groupID: group, groupInstanceID: nil)
        defer { consumer.close() }
        try consumer.assign(alone: partitions.map { PartitionOffset($0.key, offset: $0.value) })
        var open = Set(partitions.keys.map(\.partition))
        let batch = MessageBatch(capacity: Self.batchMessages)
        defer { batch.release() }
        let progress = ProgressBar("reading \(topic)", total: nil, unit: "messages")
        var count: Int64 = 0
        var silentMilliseconds: Int32 = 0
        while !open.isEmpty {
            let wait: Int32 = 200
            try consumer.poll(into: batch, timeoutMilliseconds: wait)
            silentMilliseconds = batch.isEmpty && batch.endCount == 0 ? silentMilliseconds + wait : 0
            guard silentMilliseconds < 3 * Self.callMilliseconds else {
                throw CommandError(
                    .unavailable,
                    "\(topic) could not be read to its end: no broker answered for \(silentMilliseconds / 1000) s")
            }
            for index in 0..<batch.count { visit(Letter(batch, index)) }
            for index in 0..<batch.endCount { open.remove(batch.end(index).partition) }
            count += Int64(batch.count)
            progress.update(to: count)
        }
        progress.finish()
    }

    /// The topic's partitions with their first offsets.
    private func partitions() throws -> [TopicPartition: Int64] {
        let reader = try ClusterReader(settings: settings)
        defer { reader.close() }
        let count: Int32
        do throws(KafkaError) {
            count = try reader.partitionCount(of: topic, timeoutMilliseconds: Self.callMilliseconds)
        } catch {
            guard error.code == .topicMissing else { throw error }
            throw CommandError(.unavailable, "there is no topic \(topic); make it with: winback topics create")
        }
        return try reader.earliestOffsets(
            of: (0..<count).map { TopicPartition(topic, $0) }, timeoutMilliseconds: Self.callMilliseconds)
    }
}
