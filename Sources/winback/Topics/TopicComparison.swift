import Configuration
import Kafka

/// Compares topics with what Winback needs of them.
struct TopicComparison {
    let plan: TopicPlan
    /// By name; a topic that is missing has none.
    let descriptions: [String: TopicDescription]
    /// For how long the policies keep a person's data at most.
    var keepsMilliseconds = 90 * TopicPlan.dayMilliseconds

    var findings: [TopicFinding] {
        var result: [TopicFinding] = []
        for (name, role) in plan.roles {
            guard let topic = descriptions[name] else {
                result.append(
                    TopicFinding(
                        topic: name, setting: "topic", actual: "missing", wanted: "there", weight: .change,
                        why: "make it with: winback topics create"))
                continue
            }
            result += partitions(topic, role)
            result += cleanup(topic, role)
            result += durability(topic)
            switch role {
            case .events, .leads: result += timestamps(topic, role)
            case .reminders: break
            case .deadLetters: result += size(topic)
            }
        }
        return result
    }

    private func partitions(_ topic: TopicDescription, _ role: TopicPlan.Role) -> [TopicFinding] {
        guard role == .events, let first = plan.topics.events.compactMap({ descriptions[$0] }).first,
            first.partitions != topic.partitions
        else { return [] }
        return [
            TopicFinding(
                topic: topic.name, setting: "partitions", actual: "\(topic.partitions)",
                wanted: "\(first.partitions), as \(first.name)", weight: .change,
                why: "partition p of all event topics is one shard: make the topic anew with equal counts")
        ]
    }

    private func cleanup(_ topic: TopicDescription, _ role: TopicPlan.Role) -> [TopicFinding] {
        var result: [TopicFinding] = []
        if let policy = topic.configs["cleanup.policy"], policy.contains("compact") {
            result.append(
                TopicFinding(
                    topic: topic.name, setting: "cleanup.policy", actual: policy, wanted: "delete", weight: .change,
                    why: (role == .events
                        ? "compaction throws all but the newest event of a prospect away, purchases included"
                        : "compaction throws all but the newest message of a prospect away")
                        + (policy.contains("delete") ? "" : ", and keeps that one of the erased for ever")))
        }
        let days =
            switch role {
            case .events: TopicPlan.eventDays
            case .reminders: TopicPlan.reminderDays
            case .deadLetters: TopicPlan.deadLetterDays
            case .leads: TopicPlan.leadDays
            }
        guard let text = topic.configs["retention.ms"], let retention = Int64(text) else { return result }
        if retention >= 0, retention < days * TopicPlan.dayMilliseconds {
            result.append(retentionFinding(topic, role, retention: retention, days: days))
        }
        let longest = max(keepsMilliseconds, days * TopicPlan.dayMilliseconds)
        if retention < 0 || retention > longest {
            result.append(
                TopicFinding(
                    topic: topic.name, setting: "retention.ms",
                    actual: retention < 0 ? "unlimited" : Self.days(retention),
                    wanted: "\(Self.days(longest)) or less", weight: .advice,
                    why: "the data of whoever is erased, or whose lead has expired, stays in the topic for so long"))
        }
        return result
    }

    private func retentionFinding(
        _ topic: TopicDescription, _ role: TopicPlan.Role, retention: Int64, days: Int64
    ) -> TopicFinding {
        let why =
            switch role {
            case .events:
                "after an outage longer than that, events are gone before they were read, and the start is refused"
            case .reminders: "a mail worker that is down for longer loses reminders"
            case .deadLetters: "what was refused should stay until somebody has looked at it"
            case .leads: "a connector that is down for longer loses what happened to leads"
            }
        return TopicFinding(
            topic: topic.name, setting: "retention.ms", actual: Self.days(retention), wanted: "\(days) days or more",
            weight: .advice, why: why)
    }

    private static func days(_ milliseconds: Int64) -> String {
        let days = Double(milliseconds) / Double(TopicPlan.dayMilliseconds)
        return days >= 1 ? "\(Int(days)) day\(Int(days) == 1 ? "" : "s")" : "\(milliseconds / 60_000) minutes"
    }

    private func timestamps(_ topic: TopicDescription, _ role: TopicPlan.Role) -> [TopicFinding] {
        guard let type = topic.configs["message.timestamp.type"], type != "LogAppendTime" else { return [] }
        return [
            TopicFinding(
                topic: topic.name, setting: "message.timestamp.type", actual: type, wanted: "LogAppendTime",
                weight: .advice,
                why: role == .events
                    ? "the broker's time bounds what an upstream clock that is wrong can claim"
                    : "what is read late, in a backlog, bears an old time and would soon be deleted")
        ]
    }

    private func durability(_ topic: TopicDescription) -> [TopicFinding] {
        var result: [TopicFinding] = []
        if topic.configs["unclean.leader.election.enable"] == "true" {
            result.append(
                TopicFinding(
                    topic: topic.name, setting: "unclean.leader.election.enable", actual: "true", wanted: "false",
                    weight: .change, why: "a replica that lacks acknowledged messages could become the leader"))
        }
        if topic.replicationFactor == 1 {
            result.append(
                TopicFinding(
                    topic: topic.name, setting: "replication", actual: "1", wanted: "3", weight: .advice,
                    why: "a lost disk loses what was acknowledged; fine where nothing depends on it"))
        } else if topic.replicationFactor >= 3, topic.configs["min.insync.replicas"] == "1" {
            result.append(
                TopicFinding(
                    topic: topic.name, setting: "min.insync.replicas", actual: "1",
                    wanted: "\(topic.replicationFactor - 1)", weight: .advice,
                    why: "else a message counts as acknowledged when one copy has it"))
        }
        return result
    }

    private func size(_ topic: TopicDescription) -> [TopicFinding] {
        let largest = plan.topics.events.compactMap { descriptions[$0]?.configs["max.message.bytes"] }
            .compactMap { Int64($0) }.max()
        guard let largest, let own = topic.configs["max.message.bytes"].flatMap({ Int64($0) }),
            own < largest + 64 * 1024
        else { return [] }
        return [
            TopicFinding(
                topic: topic.name, setting: "max.message.bytes", actual: "\(own)",
                wanted: "\(largest + 64 * 1024) or more",
                weight: .advice, why: "the largest event would go without its value, with a digest in its place")
        ]
    }
}
