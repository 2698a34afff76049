import Foundation
import Kafka
import KafkaTestSupport
import Testing

/// Groups, topics and what the cluster says of them, on a real broker.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct GroupTests {
    let broker: RealBroker

    init() throws { broker = try RealBroker.shared }

    @Test func messagesComeBackAsTheyWerePublished() throws {
        let topic = try broker.makeTopic(partitions: 4, configs: ["message.timestamp.type": "CreateTime"])
        let producer = try PlainProducer(settings: broker.settings)
        defer { producer.close() }
        let time = Int64(Date().timeIntervalSince1970 * 1000) - 60_000
        for index in 0..<1000 {
            try producer.send(
                topic: topic, key: Array("key-\(index)".utf8),
                value: index % 7 == 0 ? nil : Array("value-\(index)".utf8),
                headers: [("ce_id", Array("\(index)".utf8)), ("empty", []), ("null", nil)],
                timestampMilliseconds: time + Int64(index))
        }
        #expect(producer.flush(timeoutMilliseconds: 20_000))
        #expect(producer.deliveries.delivered == 1000)
        let follower = try TopicFollower(broker.settings, topics: [topic])
        try follower.follow("a thousand records") { $0.records.count == 1000 && $0.ends.count == 4 }
        let byTime = follower.records.sorted { $0.timestampMilliseconds < $1.timestampMilliseconds }
        for (index, record) in byTime.enumerated() {
            #expect(record.key == "key-\(index)")
            #expect(record.value == (index % 7 == 0 ? nil : "value-\(index)"))
            #expect(record.headers == ["ce_id=\(index)", "empty=", "null"])
            #expect(record.timestampMilliseconds == time + Int64(index))
        }
        #expect(Set(follower.records.map(\.partition)).count == 4)
    }

    @Test func aStaticMemberIsBackAtOnceAfterAnUncleanDeath() throws {
        let topic = try broker.makeTopic()
        let group = "group-\(topic)"
        let dead = try ExternalProgram(
            "kcat",
            [
                "-b", broker.bootstrapServers, "-X", "group.instance.id=one", "-X", "session.timeout.ms=45000", "-G",
                group,
                topic,
            ])
        let reader = try ClusterReader(settings: broker.settings)
        let member = try eventually("kcat in the group") {
            try reader.groupMembers(of: group, timeoutMilliseconds: 5000).first { !$0.partitions.isEmpty }
        }
        #expect(member.groupInstanceID == "one")
        dead.kill()
        let follower = try TopicFollower(broker.settings, topics: [topic], group: group, instance: "one")
        let seconds = try elapsed { try follower.follow("the assignment") { !$0.assignment.isEmpty } }
        #expect(seconds < 10)
    }

    @Test func theMembersOfAGroupAreListed() throws {
        let topic = try broker.makeTopic(partitions: 2)
        let group = "group-\(topic)"
        let reader = try ClusterReader(settings: broker.settings)
        #expect(try reader.groupMembers(of: group, timeoutMilliseconds: 5000).isEmpty)
        let follower = try TopicFollower(broker.settings, topics: [topic], group: group, instance: "mine")
        try follower.follow("an assignment") { $0.assignment.count == 2 }
        let members = try eventually("the member with its partitions") { () throws -> [GroupMember]? in
            let members = try reader.groupMembers(of: group, timeoutMilliseconds: 5000)
            return members.first?.partitions.isEmpty == false ? members : nil
        }
        #expect(members.map(\.groupInstanceID) == ["mine"])
        #expect(members[0].clientID == "winback")
        #expect(members[0].partitions == [TopicPartition(topic, 0), TopicPartition(topic, 1)])
        #expect(!members[0].host.isEmpty)
    }

    @Test func aSecondMemberTakesItsShareAfterTheFirstGaveItUp() throws {
        let topic = try broker.makeTopic(partitions: 2)
        let group = "group-\(topic)"
        let first = try TopicFollower(broker.settings, topics: [topic], group: group)
        try first.follow("all partitions") { $0.assignment.count == 2 }
        let second = try TopicFollower(broker.settings, topics: [topic], group: group)
        _ = try eventually("one partition each") { () throws -> Bool? in
            try first.poll()
            try second.poll()
            return first.assignment.count == 1 && second.assignment.count == 1 ? true : nil
        }
        #expect(first.assignment.isDisjoint(with: second.assignment))
        #expect(first.rebalances.contains(.revoked([TopicPartition(topic, 0), TopicPartition(topic, 1)])))
        second.close()
        try first.follow("all partitions again") { $0.assignment.count == 2 }
    }

    @Test func topicsAreMadeDescribedAndDeleted() throws {
        let topic = try broker.makeTopic(
            partitions: 3, configs: ["message.timestamp.type": "LogAppendTime", "retention.ms": "86400000"])
        let admin = try TopicAdmin(settings: broker.settings)
        let description = try admin.describe(topic, timeoutMilliseconds: 10_000)
        #expect(description.partitions == 3)
        #expect(description.replicationFactor == 1)
        #expect(description.configs["message.timestamp.type"] == "LogAppendTime")
        #expect(description.configs["retention.ms"] == "86400000")
        #expect {
            try admin.create([TopicSpec(name: topic, partitions: 1)], timeoutMilliseconds: 10_000)
        } throws: { ($0 as? KafkaError)?.code == .topicExists }
        try admin.delete([topic], timeoutMilliseconds: 10_000)
        _ = try eventually("the topic gone") { () throws -> Bool? in
            do {
                _ = try admin.describe(topic, timeoutMilliseconds: 10_000)
                return nil
            } catch let error as KafkaError where error.code == .topicMissing {
                return true
            }
        }
        let reader = try ClusterReader(settings: broker.settings)
        #expect { try reader.partitionCount(of: topic, timeoutMilliseconds: 5000) } throws: {
            ($0 as? KafkaError)?.code == .topicMissing
        }
    }

    @Test func aMissingTopicIsNamed() throws {
        let reader = try ClusterReader(settings: broker.settings)
        #expect { try reader.partitionCount(of: "nowhere", timeoutMilliseconds: 5000) } throws: { error in
            let error = error as? KafkaError
            return error?.code == .topicMissing && error?.message.contains("nowhere") == true
                && error?.message.contains("winback topics create") == true
        }
    }

    @Test func anOffsetOutOfRangeIsAnError() throws {
        let topic = try broker.makeTopic()
        let follower = try TopicFollower(broker.settings, topics: [topic])
        follower.start = { _ in 1000 }
        #expect { try follower.follow("an error", within: 20) { !$0.records.isEmpty } } throws: { error in
            let error = error as? KafkaError
            return error?.code == .offsetOutOfRange && error?.message.contains("\(topic)-0") == true
        }
        let reader = try ClusterReader(settings: broker.settings)
        #expect {
            try reader.record(
                at: TopicPartition(topic, 0), offset: 1000, into: MessageBatch(capacity: 1), timeoutMilliseconds: 5000)
        } throws: { ($0 as? KafkaError)?.code == .offsetOutOfRange }
    }

    @Test func keysArePlacedAsJavaClientsDo() throws {
        let topic = try broker.makeTopic(partitions: 8)
        let producer = try PlainProducer(settings: broker.settings)
        defer { producer.close() }
        // From Kafka's own UtilsTest: murmur2("21") = -973932308, murmur2("foobar") = -790332482.
        for key in ["21", "foobar"] { try producer.send(topic: topic, key: Array(key.utf8), value: [1]) }
        #expect(producer.flush(timeoutMilliseconds: 10_000))
        let follower = try TopicFollower(broker.settings, topics: [topic])
        try follower.follow("both records") { $0.records.count == 2 }
        for record in follower.records {
            let hash: Int32 = record.key == "21" ? -973_932_308 : -790_332_482
            #expect(record.partition == (hash & 0x7fff_ffff) % 8)
        }
    }
}
