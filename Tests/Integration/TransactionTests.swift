import Foundation
import Kafka
import KafkaTestSupport
import Testing

/// What is promised about transactions, on a real broker.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct TransactionTests {
    let broker: RealBroker

    init() throws { broker = try RealBroker.shared }

    private func producer(_ id: String) throws -> TransactionalProducer {
        let producer = try TransactionalProducer(settings: broker.settings, transactionalID: id)
        try producer.initTransactions(timeoutMilliseconds: 20_000)
        return producer
    }

    private func send(_ producer: TransactionalProducer, _ topic: String, _ text: String) throws {
        try producer.send(topic: topic, key: nil, value: Array(text.utf8))
    }

    private func end(of topic: String) throws -> Int64 {
        let reader = try ClusterReader(settings: broker.settings)
        defer { reader.close() }
        let partition = TopicPartition(topic, 0)
        return try #require(try reader.endOffsets(of: [partition], timeoutMilliseconds: 5000)[partition])
    }

    @Test func anAbortedMessageIsNeverSeen() throws {
        let topic = try broker.makeTopic()
        let producer = try producer("abort-\(topic)")
        defer { producer.close() }
        for (round, (text, commits)) in [("a", true), ("b", false), ("c", true), ("d", false)].enumerated() {
            try producer.begin()
            try send(producer, topic, text)
            // Aborted only once the broker has it: a message that never left proves nothing. Each round before took two
            // offsets, one of them for its marker.
            _ = try eventually("\(text) at the broker") { try end(of: topic) == Int64(round * 2 + 1) ? true : nil }
            if commits {
                try producer.commit(timeoutMilliseconds: 10_000)
            } else {
                try producer.abort(timeoutMilliseconds: 10_000)
            }
        }
        let follower = try TopicFollower(broker.settings, topics: [topic])
        try follower.follow("the end of the topic") { $0.ends[TopicPartition(topic, 0)] == 8 }
        #expect(follower.records.map(\.value) == ["a", "c"])
    }

    /// The abort may then reach the broker before anything of the transaction has.
    @Test func anAbortRightBehindASendLeavesAProducerThatCommits() throws {
        let topic = try broker.makeTopic()
        let producer = try producer("hasty-\(topic)")
        defer { producer.close() }
        for round in 0..<40 {
            try producer.begin()
            try send(producer, topic, "aborted \(round)")
            try producer.abort(timeoutMilliseconds: 10_000)
        }
        try producer.begin()
        try send(producer, topic, "committed")
        try producer.commit(timeoutMilliseconds: 10_000)
        let follower = try TopicFollower(broker.settings, topics: [topic])
        try follower.follow("the committed message") { !$0.records.isEmpty }
        #expect(follower.records.map(\.value) == ["committed"])
    }

    @Test func theEndIsReportedBeyondControlRecords() throws {
        let topic = try broker.makeTopic()
        let producer = try producer("control-\(topic)")
        defer { producer.close() }
        try producer.begin()
        try send(producer, topic, "only")
        try producer.commit(timeoutMilliseconds: 10_000)
        let partition = TopicPartition(topic, 0)
        let follower = try TopicFollower(broker.settings, topics: [topic])
        try follower.follow("the end behind the commit marker") { $0.ends[partition] == 2 }
        #expect(follower.records.map(\.offset) == [0])
        #expect(try end(of: topic) == 2)
    }

    @Test func anOpenTransactionHidesNothingFromTheEndOffset() throws {
        let topic = try broker.makeTopic()
        let partition = TopicPartition(topic, 0)
        let other = try producer("open-\(topic)")
        defer { other.close() }
        try other.begin()
        try send(other, topic, "open")
        _ = try eventually("the open transaction at the broker") { try end(of: topic) == 1 ? true : nil }
        let purchase = try PlainProducer(settings: broker.settings)
        defer { purchase.close() }
        try purchase.send(topic: topic, key: nil, value: [1])
        #expect(purchase.flush(timeoutMilliseconds: 10_000))
        // The end counts both, while a reader of committed messages sees none of them.
        #expect(try end(of: topic) == 2)
        let follower = try TopicFollower(broker.settings, topics: [topic])
        try follower.follow("the last stable offset") { $0.ends[partition] == 0 }
        #expect(follower.records.isEmpty)
        try other.abort(timeoutMilliseconds: 10_000)
        try follower.follow("the purchase behind it") { $0.ends[partition] == 3 }
        #expect(follower.records.map(\.offset) == [1])
    }

    @Test func offsetsAndTheirMetadataAreCommittedWithTheMessages() throws {
        let topic = try broker.makeTopic(partitions: 2)
        let output = try broker.makeTopic("output")
        let producer = try producer("offsets-\(topic)")
        defer { producer.close() }
        let group = "group-\(topic)"
        let follower = try TopicFollower(broker.settings, topics: [topic], group: group, instance: "one")
        try follower.follow("an assignment") { $0.assignment.count == 2 }
        let partitions = follower.assignment.sorted()
        func offsets(_ offset: Int64, _ metadata: String) -> [PartitionOffset] {
            partitions.map { PartitionOffset($0, offset: offset + Int64($0.partition), metadata: metadata) }
        }
        try producer.begin()
        try send(producer, output, "command")
        try producer.sendOffsets(
            offsets(10, "v1;position=4096;hash=00ff"), group: follower.consumer.groupMetadata(),
            timeoutMilliseconds: 10_000)
        try producer.commit(timeoutMilliseconds: 10_000)
        try producer.begin()
        try send(producer, output, "never")
        try producer.sendOffsets(
            offsets(20, "aborted"), group: follower.consumer.groupMetadata(), timeoutMilliseconds: 10_000)
        try producer.abort(timeoutMilliseconds: 10_000)
        let committed = try follower.consumer.committed(partitions, timeoutMilliseconds: 10_000)
        #expect(committed.map(\.offset) == [10, 11])
        #expect(committed.map(\.metadata) == Array(repeating: "v1;position=4096;hash=00ff", count: 2))
    }

    @Test func aNewerProducerFencesTheOlder() throws {
        let topic = try broker.makeTopic()
        let older = try producer("fence-\(topic)")
        defer { older.close() }
        try older.begin()
        try send(older, topic, "zombie")
        _ = try eventually("the zombie's message at the broker") { try end(of: topic) == 1 ? true : nil }
        let newer = try producer("fence-\(topic)")
        defer { newer.close() }
        #expect { try older.commit(timeoutMilliseconds: 10_000) } throws: { error in
            guard let error = error as? KafkaError else { return false }
            return error.code == .fenced && error.isFatal && !error.requiresAbort
        }
        try newer.begin()
        try send(newer, topic, "successor")
        try newer.commit(timeoutMilliseconds: 10_000)
        let follower = try TopicFollower(broker.settings, topics: [topic])
        try follower.follow("the successor") { !$0.records.isEmpty }
        #expect(follower.records.map(\.value) == ["successor"])
    }

    @Test func aTransactionOfAMemberThatIsOutOfTheGroupIsRefused() throws {
        let topic = try broker.makeTopic()
        let producer = try producer("member-\(topic)")
        defer { producer.close() }
        let first = try TopicFollower(broker.settings, topics: [topic], group: "group-\(topic)", instance: "same")
        try first.follow("an assignment") { !$0.assignment.isEmpty }
        let stale = try first.consumer.groupMetadata()
        // Another process of the same instance name takes the member's place.
        let second = try TopicFollower(broker.settings, topics: [topic], group: "group-\(topic)", instance: "same")
        try second.follow("the successor's assignment") { !$0.assignment.isEmpty }
        try producer.begin()
        try send(producer, topic, "late")
        #expect(throws: KafkaError.self) {
            try producer.sendOffsets(
                [PartitionOffset(TopicPartition(topic, 0), offset: 1)], group: stale, timeoutMilliseconds: 10_000)
        }
    }

    @Test func anOversizedMessageFailsByItselfAndTheProducerGoesOn() throws {
        let topic = try broker.makeTopic()
        let producer = try producer("size-\(topic)")
        defer { producer.close() }
        try producer.begin()
        #expect {
            try producer.send(topic: topic, key: nil, value: [UInt8](repeating: 0, count: 2_000_000))
        } throws: { error in
            (error as? KafkaError)?.code == .messageTooLarge
        }
        try producer.abort(timeoutMilliseconds: 10_000)
        try producer.begin()
        try send(producer, topic, "small")
        try producer.commit(timeoutMilliseconds: 10_000)
    }

    @Test func aMessageThatTheBrokerRefusesMakesTheTransactionAbortable() throws {
        let topic = try broker.makeTopic(configs: ["max.message.bytes": "1000"])
        let producer = try producer("refused-\(topic)")
        defer { producer.close() }
        try producer.begin()
        let value = (0..<5000).map { _ in UInt8.random(in: .min ... .max) }
        try producer.send(topic: topic, key: nil, value: value)
        #expect { try producer.commit(timeoutMilliseconds: 10_000) } throws: { error in
            guard let error = error as? KafkaError else { return false }
            return error.requiresAbort && !error.isFatal && error.code == .transactionFailed
        }
        try producer.abort(timeoutMilliseconds: 10_000)
        try producer.begin()
        try send(producer, topic, "small")
        try producer.commit(timeoutMilliseconds: 10_000)
    }

    @Test func aTransactionDoesNotWaitForTheEndOfTheLast() throws {
        let topic = try broker.makeTopic()
        let producer = try producer("quick-\(topic)")
        defer { producer.close() }
        let seconds = try (0..<20).map { round in
            try elapsed {
                try producer.begin()
                try send(producer, topic, "\(round)")
                try producer.commit(timeoutMilliseconds: 10_000)
            }
        }
        // With librdkafka's own back-off each but the first takes more than 100 ms, however fast the machine is. The
        // quickest counts, because others may be using the processor.
        #expect(seconds.dropFirst().min()! < 0.08)
    }
}
