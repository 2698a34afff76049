import Configuration
import Kafka
import Testing

@testable import winback

@Suite struct TopicComparisonTests {
    private let plan = TopicPlan(topics: Topics(events: ["events", "more-events"], leads: "leads"))

    /// The topics as `topics create` makes them, with what a broker adds.
    private func made(replication: Int32 = 3) -> [String: TopicDescription] {
        var result: [String: TopicDescription] = [:]
        for spec in plan.specs(partitions: 6, replication: replication) {
            let configs = ["max.message.bytes": "1048588", "min.insync.replicas": "1"].merging(spec.configs) { $1 }
            result[spec.name] = TopicDescription(
                name: spec.name, partitions: spec.partitions, replicationFactor: replication, configs: configs)
        }
        return result
    }

    private func findings(_ change: (inout [String: TopicDescription]) -> Void) -> [TopicFinding] {
        var topics = made()
        change(&topics)
        return TopicComparison(plan: plan, descriptions: topics).findings
    }

    @Test func whatCreateMakesCheckFindsGood() { #expect(findings { _ in } == []) }

    @Test func aMissingTopicMustBeMade() {
        let found = findings { $0["send-reminder"] = nil }
        #expect(found.map(\.weight) == [.change])
        #expect(found.first?.why.contains("winback topics create") == true)
    }

    @Test func eventTopicsMustHaveEqualPartitionCounts() {
        let found = findings { $0["more-events"]?.partitions = 12 }
        #expect(found.map(\.setting) == ["partitions"])
        #expect(found.first?.weight == .change)
        #expect(found.first?.wanted == "6, as events")
    }

    @Test func otherTopicsMayHaveAnyPartitionCount() {
        #expect(findings { $0["send-reminder"]?.partitions = 1 } == [])
    }

    @Test func compactionMustBeOff() {
        let found = findings { $0["events"]?.configs["cleanup.policy"] = "compact,delete" }
        #expect(found.map(\.setting) == ["cleanup.policy"])
        #expect(found.first?.weight == .change)
    }

    @Test(arguments: [
        ("events", "message.timestamp.type", "CreateTime"), ("events", "retention.ms", "604800000"),
        ("send-reminder", "retention.ms", "86400000"), ("send-reminder", "min.insync.replicas", "1"),
        ("events.dead-letters", "max.message.bytes", "1048588"),
    ])
    func whatIsOnlyUnwiseIsAdvice(topic: String, setting: String, value: String) {
        let found = findings { $0[topic]?.configs[setting] = value }
        #expect(found.map(\.topic) == [topic])
        #expect(found.map(\.setting) == [setting])
        #expect(found.map(\.weight) == [.advice])
    }

    /// What Winback destroys in its files stays in Kafka for as long as its topics say.
    @Test(arguments: ["events", "send-reminder", "events.dead-letters", "leads"])
    func aTopicThatKeepsPersonsForLongerThanThePoliciesIsAdvisedAgainst(topic: String) {
        for value in ["-1", "\(91 * TopicPlan.dayMilliseconds)"] {
            let found = findings { $0[topic]?.configs["retention.ms"] = value }
            #expect(found.map(\.setting) == ["retention.ms"])
            #expect(found.map(\.wanted) == ["90 days or less"])
            #expect(found.first?.why.contains("erased") == true)
        }
        #expect(findings { $0[topic]?.configs["retention.ms"] = "\(90 * TopicPlan.dayMilliseconds)" } == [])
    }

    @Test func longerPoliciesNeedLongerTopicsAndShorterOnesMustLastAnOutage() {
        func wanted(_ days: Int64) -> [String] {
            var topics = made()
            topics["events"]?.configs["retention.ms"] = "-1"
            let keeps = days * TopicPlan.dayMilliseconds
            return TopicComparison(plan: plan, descriptions: topics, keepsMilliseconds: keeps).findings.map(\.wanted)
        }
        #expect(wanted(365) == ["365 days or less"])
        #expect(wanted(7) == ["30 days or less"])
    }

    @Test func compactionAloneKeepsTheErased() {
        #expect(findings { $0["leads"]?.configs["cleanup.policy"] = "compact" }.first?.why.contains("erased") == true)
        let both = findings { $0["leads"]?.configs["cleanup.policy"] = "compact,delete" }
        #expect(both.first?.why.contains("erased") == false)
    }

    @Test func aReplicaThatLacksMessagesMustNotLead() {
        let found = findings { $0["events"]?.configs["unclean.leader.election.enable"] = "true" }
        #expect(found.map(\.weight) == [.change])
    }

    @Test func oneCopyIsAdvisedAgainst() {
        let topics = made(replication: 1)
        let found = TopicComparison(plan: plan, descriptions: topics).findings
        #expect(found.allSatisfy { $0.weight == .advice && $0.setting == "replication" })
        #expect(found.count == plan.roles.count)
    }
}
