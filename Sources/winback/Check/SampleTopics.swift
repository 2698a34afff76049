import Configuration
import Engine
import Kafka
import Terminal

/// Reads the newest messages of the event topics, without joining the group.
struct SampleTopics {
    let topics: [String]
    let settings: KafkaSettings
    let group: String

    private static let callMilliseconds: Int32 = 10_000
    private static let pollMilliseconds: Int32 = 200

    init(_ configuration: Configuration) {
        topics = configuration.topics.events
        settings = configuration.kafkaSettings
        group = "\(configuration.group)-check"
    }

    /// - Parameter count: of each topic, spread over its partitions.
    func read(count: Int) throws -> Sample {
        let (starts, ends, partitionCount) = try ranges(count)
        guard !starts.isEmpty else {
            throw CommandError(.noInput, "there is no message yet in \(topics.joined(separator: ", "))")
        }
        let consumer = try KafkaConsumer(settings: settings, groupID: group, groupInstanceID: nil)
        defer { consumer.close() }
        try consumer.assign(alone: starts.map { PartitionOffset($0.partition, offset: $0.offset) })
        let read = topics.filter { topic in starts.contains { $0.partition.topic == topic } }
        let places = read.map { topic in topics.firstIndex(of: topic) ?? 0 }
        let total = starts.reduce(0) { $0 + (ends[$1.partition] ?? $1.offset) - $1.offset }
        let sample = MessageBatch(capacity: Int(total))
        var names: [String] = []
        var open = Set(starts.map(\.partition))
        let batch = MessageBatch(capacity: 1000)
        defer { batch.release() }
        var silentMilliseconds: Int32 = 0
        while !open.isEmpty, silentMilliseconds < 3 * Self.callMilliseconds {
            try consumer.poll(into: batch, timeoutMilliseconds: Self.pollMilliseconds)
            silentMilliseconds =
                batch.isEmpty && batch.endCount == 0 ? silentMilliseconds + Self.pollMilliseconds : 0
            for index in 0..<batch.count {
                let place = TopicPartition(read[batch.topicIndex(index)], batch.partition(index))
                // What has come since is left for the next time.
                guard open.contains(place), let end = ends[place], batch.offset(index) < end else { continue }
                copy(batch, index, topic: places[batch.topicIndex(index)], to: sample)
                names.append("\(place.topic)-\(place.partition):\(batch.offset(index))")
                if batch.offset(index) + 1 >= end { open.remove(place) }
            }
            for index in 0..<batch.endCount {
                open.remove(TopicPartition(read[batch.end(index).topicIndex], batch.end(index).partition))
            }
        }
        guard open.isEmpty else {
            throw CommandError(
                .unavailable, "the topics could not be read: no broker answered for \(silentMilliseconds / 1000) s")
        }
        return Sample(batch: sample, places: names, knowsKeys: true, partitionCount: partitionCount)
    }

    private func copy(_ batch: MessageBatch, _ index: Int, topic: Int, to sample: MessageBatch) {
        var headers: [MessageHeader] = []
        batch.headers(index, into: &headers)
        _ = sample.append(
            topicIndex: topic, partition: batch.partition(index), offset: batch.offset(index),
            timestampMilliseconds: batch.timestampMilliseconds(index), key: batch.key(index),
            value: batch.value(index), headers: headers)
    }

    private struct Start {
        var partition: TopicPartition
        var offset: Int64
    }

    /// Where to begin in each partition that has messages, and where each ends now.
    private func ranges(_ count: Int) throws -> ([Start], [TopicPartition: Int64], Int) {
        let reader = try ClusterReader(settings: settings)
        defer { reader.close() }
        var starts: [Start] = []
        var ends: [TopicPartition: Int64] = [:]
        var partitionCount = 0
        for topic in topics {
            let partitions: Int32
            do throws(KafkaError) {
                partitions = try reader.partitionCount(of: topic, timeoutMilliseconds: Self.callMilliseconds)
            } catch {
                guard error.code == .topicMissing else { throw error }
                throw CommandError(.unavailable, "there is no topic \(topic); make it with: winback topics create")
            }
            partitionCount = Int(partitions)
            let all = (0..<partitions).map { TopicPartition(topic, $0) }
            let first = try reader.earliestOffsets(of: all, timeoutMilliseconds: Self.callMilliseconds)
            let end = try reader.endOffsets(of: all, timeoutMilliseconds: Self.callMilliseconds)
            let each = Int64(max(1, (count + all.count - 1) / all.count))
            for place in all {
                guard let first = first[place], let end = end[place], end > first else { continue }
                starts.append(Start(partition: place, offset: max(first, end - each)))
                ends[place] = end
            }
        }
        return (starts, ends, partitionCount)
    }
}
