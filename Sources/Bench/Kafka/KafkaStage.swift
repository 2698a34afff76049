import Foundation
import Journey
import Kafka

/// The topics of one part on a real broker, and a folder for its data. They go when the part is over.
final class KafkaStage {
    static let partitions: Int32 = 4
    let names: TopicNames
    let folder: String
    private let topics: [String]

    var settings: KafkaSettings { KafkaSettings(bootstrapServers: names.bootstrapServers) }

    /// - Parameter prefix: what the topics begin with.
    init(_ prefix: String, _ bootstrapServers: String, folder: String, hasLeads: Bool = false) throws {
        names = TopicNames(bootstrapServers: bootstrapServers, prefix: "bench-\(getpid())-\(prefix)")
        self.folder = folder
        topics = names.topics + (hasLeads ? [names.leads] : [])
        let admin = try TopicAdmin(settings: settings)
        defer { admin.close() }
        try admin.create(
            topics.map {
                TopicSpec(
                    name: $0, partitions: Self.partitions, replicationFactor: 1,
                    configs: ["message.timestamp.type": "CreateTime", "retention.ms": "-1"])
            }, timeoutMilliseconds: 20_000)
    }

    deinit {
        // What stays is in a folder that goes, or on a broker that the user has named; then it bears the process's
        // number.
        guard let admin = try? TopicAdmin(settings: settings) else { return }
        try? admin.delete(topics, timeoutMilliseconds: 10_000)
        admin.close()
    }

    /// A data directory that nobody has used.
    func freshData(_ name: String) -> String {
        let path = "\(folder)/\(name)"
        try? FileManager.default.removeItem(atPath: path)
        return path
    }

    /// Publishes so many flat events, and waits until the broker has them.
    func publish(_ count: Int, _ event: (Int, FlatEvents) -> Instant) throws {
        let producer = try PlainProducer(settings: settings)
        defer { producer.close() }
        let writer = FlatEvents()
        for index in 0..<count {
            let time = event(index, writer)
            try producer.send(
                topic: names.events, key: writer.key, value: writer.value, timestampMilliseconds: time.milliseconds)
        }
        try finish(producer)
    }

    func finish(_ producer: PlainProducer) throws {
        guard producer.flush(timeoutMilliseconds: 120_000), producer.deliveries.failed == 0 else {
            throw BenchError(
                "the events could not be published: \(producer.deliveries.firstFailure.map { "\($0)" } ?? "no answer")")
        }
    }

    /// Where the event topic's partitions end.
    func ends() throws -> [Int32: Int64] {
        let reader = try ClusterReader(settings: settings)
        defer { reader.close() }
        let all = (0..<Self.partitions).map { TopicPartition(names.events, $0) }
        let ends = try reader.endOffsets(of: all, timeoutMilliseconds: 10_000)
        return Dictionary(uniqueKeysWithValues: ends.map { ($0.key.partition, $0.value) })
    }

    /// Reads the event topic with a consumer that does nothing.
    ///
    /// - Returns: the time from the assignment to the last of so many events, in seconds.
    func readBare(_ events: Int) throws -> Double {
        let consumer = try KafkaConsumer(settings: settings, groupID: "\(names.prefix)-bare", groupInstanceID: nil)
        defer { consumer.close() }
        let batch = MessageBatch(capacity: 20_000)
        defer { batch.release() }
        let watch = Stopwatch()
        try consumer.assign(
            alone: (0..<Self.partitions).map { PartitionOffset(TopicPartition(names.events, $0), offset: 0) })
        var count = 0
        while count < events {
            try consumer.poll(into: batch, timeoutMilliseconds: 100)
            count += batch.count
            guard watch.seconds < Patience.seconds else { throw BenchError("the bare consumer read \(count) events") }
        }
        return watch.seconds
    }
}

/// How long anything is waited for.
enum Patience {
    static let seconds = 600.0

    static func wait(for what: String, until condition: () throws -> Bool) throws {
        let watch = Stopwatch()
        while try !condition() {
            guard watch.seconds < seconds else { throw BenchError("waited too long for \(what)") }
            usleep(2_000)
        }
    }
}
