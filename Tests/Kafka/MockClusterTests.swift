import Foundation
import Kafka
import KafkaTestSupport
import Testing

/// What works on the embedded broker, which the demonstration runs on.
@Suite struct MockClusterTests {
    let cluster: MockCluster

    init() throws {
        cluster = try MockCluster()
    }

    private func publish(_ topic: String, _ messages: [(key: String?, value: String?)], partition: Int32? = nil) throws
    {
        let producer = try PlainProducer(settings: cluster.settings)
        defer { producer.close() }
        for message in messages {
            try producer.send(
                topic: topic, partition: partition, key: message.key.map { Array($0.utf8) },
                value: message.value.map { Array($0.utf8) }, headers: [("h", [65]), ("h", nil)],
                timestampMilliseconds: 1_700_000_000_000)
        }
        #expect(producer.flush(timeoutMilliseconds: 10_000))
        #expect(producer.deliveries.delivered == UInt64(messages.count))
    }

    @Test func messagesComeBackWithKeysHeadersTimesAndNulls() throws {
        try cluster.createTopic("events", partitions: 1)
        try publish("events", [("k", "v"), (nil, "no key"), ("gone", nil), ("", "")])
        let follower = try TopicFollower(cluster.settings, topics: ["events"])
        try follower.follow("four records and the end") { $0.records.count == 4 && !$0.ends.isEmpty }
        #expect(follower.records.map(\.key) == ["k", nil, "gone", ""])
        #expect(follower.records.map(\.value) == ["v", "no key", nil, ""])
        #expect(follower.records.map(\.offset) == [0, 1, 2, 3])
        #expect(follower.records.allSatisfy { $0.headers == ["h=A", "h"] })
        #expect(follower.records.allSatisfy { $0.timestampMilliseconds == 1_700_000_000_000 })
        #expect(follower.ends == [TopicPartition("events", 0): 4])
    }

    @Test func messagesOfSeveralTopicsAreToldApart() throws {
        for topic in ["one", "two", "three"] {
            try cluster.createTopic(topic, partitions: 2)
            for partition in Int32(0)..<2 { try publish(topic, [(nil, "\(topic)-\(partition)")], partition: partition) }
        }
        let follower = try TopicFollower(cluster.settings, topics: ["one", "two", "three"])
        try follower.follow("six records") { $0.records.count == 6 && $0.ends.count == 6 }
        for record in follower.records { #expect(record.value == "\(record.topic)-\(record.partition)") }
    }

    @Test func apollTakesNoMoreThanItsMaximum() throws {
        try cluster.createTopic("many", partitions: 1)
        try publish("many", (0..<50).map { (nil, "\($0)") })
        let consumer = try KafkaConsumer(settings: cluster.settings, groupID: "g", groupInstanceID: nil)
        defer { consumer.close() }
        try consumer.subscribe(topics: ["many"])
        let batch = MessageBatch(capacity: 100)
        defer { batch.release() }
        var offsets: [Int64] = []
        _ = try eventually("fifty messages in batches of seven") { () throws -> Bool? in
            try consumer.poll(into: batch, maximum: 7, timeoutMilliseconds: 50)
            if case .assigned(let partitions) = consumer.takeRebalance() {
                try consumer.assign(partitions.map { PartitionOffset($0, offset: 0) })
            }
            #expect(batch.count <= 7)
            offsets += (0..<batch.count).map { batch.offset($0) }
            return offsets.count >= 50 ? true : nil
        }
        #expect(offsets == Array(0..<50))
    }

    @Test func endAndEarliestOffsetsComeForAllPartitionsAtOnce() throws {
        try cluster.createTopic("events", partitions: 3)
        try publish("events", [(nil, "a"), (nil, "b")], partition: 1)
        let reader = try ClusterReader(settings: cluster.settings)
        let partitions = (Int32(0)..<3).map { TopicPartition("events", $0) }
        let ends = try reader.endOffsets(of: partitions, timeoutMilliseconds: 5000)
        #expect(ends == [partitions[0]: 0, partitions[1]: 2, partitions[2]: 0])
        let starts = try reader.earliestOffsets(of: partitions, timeoutMilliseconds: 5000)
        #expect(starts.values.allSatisfy { $0 == 0 })
        #expect(try reader.partitionCount(of: "events", timeoutMilliseconds: 5000) == 3)
    }

    @Test func aRecordCanBeLookedAtOutOfOrder() throws {
        try cluster.createTopic("events", partitions: 1)
        try publish("events", [("a", "1"), ("b", "2")])
        let reader = try ClusterReader(settings: cluster.settings)
        let partition = TopicPartition("events", 0)
        let batch = MessageBatch(capacity: 1)
        for _ in 0..<2 {
            try #require(try reader.record(at: partition, offset: 1, into: batch, timeoutMilliseconds: 5000))
            #expect(batch.count == 1)
            #expect(batch.offset(0) == 1)
            #expect(batch.key(0).map { Array($0) } == [98])
            #expect(batch.value(0).map { Array($0) } == [50])
        }
        #expect(try !reader.record(at: partition, offset: 2, into: batch, timeoutMilliseconds: 5000))
    }

    @Test func aFirstStartCommitsOffsetsWithMetadata() throws {
        try cluster.createTopic("events", partitions: 2)
        let follower = try TopicFollower(cluster.settings, topics: ["events"], group: "g")
        try follower.follow("an assignment") { $0.assignment.count == 2 }
        let partitions = follower.assignment.sorted()
        #expect(
            try follower.consumer.committed(partitions, timeoutMilliseconds: 5000).map(\.offset) == [nil, nil])
        try follower.consumer.commit(
            [PartitionOffset(partitions[0], offset: 0, metadata: "v1;7"), PartitionOffset(partitions[1], offset: 5)],
            timeoutMilliseconds: 5000)
        let committed = try follower.consumer.committed(partitions, timeoutMilliseconds: 5000)
        #expect(committed.map(\.offset) == [0, 5])
        #expect(committed.map(\.metadata) == ["v1;7", nil])
    }

    @Test func transactionsGoThroughTheirSteps() throws {
        try cluster.createTopic("events", partitions: 1)
        try cluster.createTopic("commands", partitions: 1)
        let follower = try TopicFollower(cluster.settings, topics: ["events"])
        try follower.follow("an assignment") { !$0.assignment.isEmpty }
        let producer = try TransactionalProducer(settings: cluster.settings, transactionalID: "t")
        defer { producer.close() }
        try producer.initTransactions(timeoutMilliseconds: 10_000)
        for round in 1...3 {
            try producer.begin()
            try producer.send(topic: "commands", key: [1], value: [UInt8(round)])
            try producer.sendOffsets(
                [PartitionOffset(TopicPartition("events", 0), offset: Int64(round), metadata: "m")],
                group: follower.consumer.groupMetadata(), timeoutMilliseconds: 5000)
            try producer.commit(timeoutMilliseconds: 5000)
        }
        let reader = try ClusterReader(settings: cluster.settings)
        let commands = TopicPartition("commands", 0)
        #expect(try reader.endOffsets(of: [commands], timeoutMilliseconds: 5000) == [commands: 3])
    }

    @Test func whatTheEmbeddedBrokerLacksIsATypedError() throws {
        let reader = try ClusterReader(settings: cluster.settings)
        #expect { try reader.groupMembers(of: "g", timeoutMilliseconds: 3000) } throws: { error in
            (error as? KafkaError)?.code == .unsupported
        }
        let admin = try TopicAdmin(settings: cluster.settings)
        #expect { try admin.create([TopicSpec(name: "t", partitions: 1)], timeoutMilliseconds: 3000) } throws: {
            error in
            (error as? KafkaError)?.code == .unsupported
        }
        try cluster.createTopic("there", partitions: 1)
        #expect { try admin.describe("there", timeoutMilliseconds: 3000) } throws: { error in
            (error as? KafkaError)?.code == .unsupported
        }
        #expect { try cluster.createTopic("there", partitions: 1) } throws: { error in
            (error as? KafkaError)?.code == .topicExists
        }
    }

    @Test func aBrokerThatIsGoneIsAStateAndComesBack() throws {
        try cluster.createTopic("events", partitions: 1)
        let follower = try TopicFollower(cluster.settings, topics: ["events"])
        try follower.follow("the end") { !$0.ends.isEmpty }
        cluster.setBroker(1, isUp: false)
        try follower.follow("a connection that is lost") {
            if case .unreachable(let reason) = $0.consumer.connection { return !reason.isEmpty }
            return false
        }
        let reader = try ClusterReader(settings: cluster.settings)
        #expect { try reader.endOffsets(of: [TopicPartition("events", 0)], timeoutMilliseconds: 300) } throws: {
            error in
            (error as? KafkaError)?.isRetriable == true
        }
        cluster.setBroker(1, isUp: true)
        try publish("events", [(nil, "back")])
        try follower.follow("the message after the outage") { $0.records.map(\.value) == ["back"] }
        #expect(follower.consumer.connection == .good)
    }

    @Test func anOffsetThatIsGoneIsAnErrorNeverASkip() throws {
        try cluster.createTopic("events", partitions: 1)
        try publish("events", [(nil, "a")])
        let follower = try TopicFollower(cluster.settings, topics: ["events"])
        follower.start = { _ in 100 }
        #expect {
            try follower.follow("an error", within: 20) { !$0.records.isEmpty }
        } throws: { error in
            let error = error as? KafkaError
            return error?.code == .offsetOutOfRange && error?.message.contains("events-0") == true
        }
    }

    @Test func clientsEndAtOnceWithoutABroker() throws {
        let settings = KafkaSettings(bootstrapServers: "127.0.0.1:1")
        let seconds = try elapsed {
            let consumer = try KafkaConsumer(settings: settings, groupID: "g", groupInstanceID: "i")
            try consumer.subscribe(topics: ["events"])
            let producer = try TransactionalProducer(settings: settings, transactionalID: "t")
            #expect { try producer.initTransactions(timeoutMilliseconds: 200) } throws: { error in
                (error as? KafkaError)?.isRetriable == true
            }
            producer.close()
            consumer.close()
            try ClusterReader(settings: settings).close()
            try TopicAdmin(settings: settings).close()
        }
        #expect(seconds < 5)
    }
}
