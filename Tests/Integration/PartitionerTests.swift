import Foundation
import Kafka
import KafkaTestSupport
import Testing

/// What we say of a key's partition is what the clients do: Java's own, and librdkafka's as `kcat` uses it.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct PartitionerTests {
    private static let partitions: Int32 = 7
    /// Of every length up to some, and with bytes whose highest bit is set.
    private static let keys =
        (0..<200).map { "p-\($0)" } + (1..<40).map { String(repeating: "x", count: $0) }
        + (0..<40).map { "zoë-\($0)-ß" } + (0..<20).map { "shop:kunde\($0)@example.com" }

    /// Publishes each key with a program that reads `key|value` lines, and compares where it was put.
    private func check(_ partitioner: PlainProducer.Partitioner, _ publish: (RealBroker, String, URL) throws -> Void)
        throws
    {
        let broker = try RealBroker.shared
        let topic = try broker.makeTopic(partitions: Self.partitions)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("winback-keys-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(Self.keys.map { "\($0)|value\n" }.joined().utf8).write(to: file)
        try publish(broker, topic, file)
        let follower = try TopicFollower(broker.settings, topics: [topic])
        try follower.follow("every key") { $0.records.count == Self.keys.count }
        #expect(Set(follower.records.map(\.key)) == Set(Self.keys))
        for record in follower.records {
            let key = try #require(record.key)
            let expected = Array(key.utf8).withUnsafeBytes { partitioner.partition(of: $0, among: Self.partitions) }
            #expect(record.partition == expected, "\(key)")
        }
    }

    @Test func javaPutsKeysWhereMurmur2Says() throws {
        let home = try #require(ProcessInfo.processInfo.environment["KAFKA_HOME"])
        try check(.murmur2) { broker, topic, file in
            let java = ProcessInfo.processInfo.environment["JAVA_HOME"].map { "\($0)/bin/java" } ?? "java"
            try ExternalProgram.run(
                java,
                [
                    "-cp", "\(home)/libs/*", "org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server",
                    broker.bootstrapServers, "--topic", topic, "--reader-property", "parse.key=true",
                    "--reader-property", "key.separator=|",
                ], input: file)
        }
    }

    @Test func librdkafkaPutsKeysWhereCRC32Says() throws {
        try check(.crc32) { broker, topic, file in
            try ExternalProgram.run("kcat", ["-b", broker.bootstrapServers, "-t", topic, "-P", "-K", "|"], input: file)
        }
    }

    @Test func ourOwnPublisherFollowsTheSameRules() throws {
        for partitioner in [PlainProducer.Partitioner.murmur2, .crc32, .fnv1a] {
            try check(partitioner) { broker, topic, _ in
                let producer = try PlainProducer(settings: broker.settings, partitioner: partitioner)
                defer { producer.close() }
                for key in Self.keys { try producer.send(topic: topic, key: Array(key.utf8), value: Array("v".utf8)) }
                #expect(producer.flush(timeoutMilliseconds: 20_000))
            }
        }
    }
}
