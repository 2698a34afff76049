import Configuration
import Kafka

/// The topics that Winback needs, with the settings that its promises rest on.
struct TopicPlan {
    enum Role: String {
        case events
        case reminders
        case deadLetters = "dead letters"
        case leads
    }

    static let dayMilliseconds: Int64 = 86_400_000
    /// An outage of so long is caught up with.
    static let eventDays: Int64 = 30
    /// A mail worker may be down for so long; commands say themselves when they are stale.
    static let reminderDays: Int64 = 14
    static let deadLetterDays: Int64 = 90
    /// A connector may be down for so long.
    static let leadDays: Int64 = 30
    /// A dead letter is its event and some headers more: room for those, above what an event topic takes by default.
    static let deadLetterBytes: Int64 = 1_048_588 + 64 * 1024

    let topics: Topics

    /// In the order of the configuration.
    var roles: [(name: String, role: Role)] {
        topics.events.map { ($0, .events) } + [(topics.reminders, .reminders), (topics.deadLetters, .deadLetters)]
            + (topics.leads.map { [($0, .leads)] } ?? [])
    }

    /// - Parameter replication: nil leaves it to the broker.
    func specs(partitions: Int32, replication: Int32?) -> [TopicSpec] {
        roles.map { name, role in
            TopicSpec(
                name: name, partitions: partitions, replicationFactor: replication ?? -1,
                configs: Self.configs(of: role, replication: replication))
        }
    }

    private static func configs(of role: Role, replication: Int32?) -> [String: String] {
        var configs = ["cleanup.policy": "delete", "unclean.leader.election.enable": "false"]
        // One copy may be away without anything that was acknowledged being lost, or publishing having to stop.
        if let replication, replication >= 3 { configs["min.insync.replicas"] = String(replication - 1) }
        switch role {
        case .events:
            configs["message.timestamp.type"] = "LogAppendTime"
            configs["retention.ms"] = String(eventDays * dayMilliseconds)
        case .reminders:
            configs["retention.ms"] = String(reminderDays * dayMilliseconds)
        case .deadLetters:
            configs["retention.ms"] = String(deadLetterDays * dayMilliseconds)
            configs["max.message.bytes"] = String(deadLetterBytes)
        case .leads:
            // A lead event bears the time of what it tells, which in a backlog is long ago.
            configs["message.timestamp.type"] = "LogAppendTime"
            configs["retention.ms"] = String(leadDays * dayMilliseconds)
        }
        return configs
    }
}
