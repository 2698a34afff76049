import Configuration
import Kafka

/// Reads the newest messages of the event topics, without joining the group.
struct SampleTopics {
    private let topics: [String]
    private let settings: KafkaSettings
    private let group: String

    init(_ configuration: Configuration) {
        topics = configuration.topics.events
        settings = configuration.kafkaSettings
        group = "\(configuration.group)-check"
    }

    /// - Parameter count: of each topic, spread over its partitions.
    func read(count: Int) throws -> Sample {
        var scans: [TopicScan] = []
        for topic in topics {
            guard let scan = try TopicScan(topic: topic, settings: settings, group: group) else {
                throw CommandError(.unavailable, "there is no topic \(topic); make it with: winback topics create")
            }
            scans.append(scan)
        }
        let partitionCount = scans.map(\.ends.count).max() ?? 1
        let each = Int64(max(1, (count + partitionCount - 1) / partitionCount))
        let batch = MessageBatch(capacity: Int(each) * partitionCount * topics.count)
        var places: [String] = []
        for (topic, scan) in scans.enumerated() {
            try scan.read(waitsForTransactions: false, newest: each) { read, index in
                // What has come since is left for the next time.
                guard read.offset(index) < scan.ends[read.partition(index)] ?? 0 else { return }
                copy(read, index, topic: topic, to: batch)
                places.append("\(scan.topic)-\(read.partition(index)):\(read.offset(index))")
            }
        }
        guard !places.isEmpty else {
            throw CommandError(.noInput, "there is no message yet in \(topics.joined(separator: ", "))")
        }
        return Sample(batch: batch, places: places, knowsKeys: true, partitionCount: partitionCount)
    }

    private func copy(_ batch: MessageBatch, _ index: Int, topic: Int, to sample: MessageBatch) {
        var headers: [MessageHeader] = []
        batch.headers(index, into: &headers)
        _ = sample.append(
            topicIndex: topic, partition: batch.partition(index), offset: batch.offset(index),
            timestampMilliseconds: batch.timestampMilliseconds(index), key: batch.key(index),
            value: batch.value(index), headers: headers)
    }
}
