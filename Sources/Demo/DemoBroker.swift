import Configuration
import Foundation
import Kafka

/// Where a demo is played: the broker inside the program, or a real one, in topics of the demo's own.
final class DemoBroker: Sendable {
    static let partitions: Int32 = 3
    /// In front of the topics' names on a real broker, so that nobody's mail worker reads them.
    static let prefix = "winback-demo."
    private static let timeoutMilliseconds: Int32 = 15_000
    /// A broker deletes topics after it has said that it will.
    private static let deletionMilliseconds = 30_000

    let settings: KafkaSettings
    let topics: Topics
    private let embedded: MockCluster?

    var isEmbedded: Bool { embedded != nil }
    var bootstrapServers: String { settings.bootstrapServers ?? "" }

    /// Starts or finds the broker, and makes the topics anew.
    init(kafka: String?) throws {
        if let kafka {
            embedded = nil
            settings = KafkaSettings(bootstrapServers: kafka)
            topics = Topics(
                events: [Self.prefix + "checkout-events"], reminders: Self.prefix + "send-reminder",
                deadLetters: Self.prefix + "dead-letters")
            try makeTopics()
        } else {
            let cluster = try MockCluster()
            embedded = cluster
            settings = cluster.settings
            topics = Topics()
            for name in names { try cluster.createTopic(name, partitions: Self.partitions) }
        }
    }

    private var names: [String] { topics.events + [topics.reminders, topics.deadLetters] }

    /// What an earlier demo left is deleted: its people would come back as if they were new.
    private func makeTopics() throws {
        let admin = try TopicAdmin(settings: settings)
        defer { admin.close() }
        var existing: [String] = []
        for name in names {
            do {
                _ = try admin.describe(name, timeoutMilliseconds: Self.timeoutMilliseconds)
                existing.append(name)
            } catch {
                guard error.code == .topicMissing else { throw error }
            }
        }
        try admin.delete(existing, timeoutMilliseconds: Self.timeoutMilliseconds)
        // The events carry times of the demo's clock, so the topic must keep them.
        let configs = [
            "message.timestamp.type": "CreateTime", "cleanup.policy": "delete", "retention.ms": "2592000000",
        ]
        for name in names {
            try make(TopicSpec(name: name, partitions: Self.partitions, configs: configs), admin)
        }
    }

    private func make(_ spec: TopicSpec, _ admin: TopicAdmin) throws {
        let deadline = ContinuousClock.now + .milliseconds(Self.deletionMilliseconds)
        while true {
            do {
                return try admin.create([spec], timeoutMilliseconds: Self.timeoutMilliseconds)
            } catch {
                guard error.code == .topicExists, ContinuousClock.now < deadline else { throw error }
                Thread.sleep(forTimeInterval: 0.2)
            }
        }
    }
}
