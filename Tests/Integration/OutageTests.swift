import Foundation
import Kafka
import KafkaTestSupport
import Testing

/// A broker that goes away, and comes back: it has one of its own.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct OutageTests {
    @Test func nothingHangsWhileTheBrokerIsDownAndAllGoesOnAfterwards() throws {
        let broker = try RealBroker()
        defer { broker.remove() }
        let topic = try broker.makeTopic()
        let partition = TopicPartition(topic, 0)
        let follower = try TopicFollower(broker.settings, topics: [topic], instance: "one")
        let other = try TopicFollower(broker.settings, topics: [topic], instance: "two")
        try follower.follow("the end") { $0.ends[partition] != nil }
        let producer = try TransactionalProducer(settings: broker.settings, transactionalID: "t")
        try producer.initTransactions(timeoutMilliseconds: 20_000)
        try producer.begin()
        try producer.send(topic: topic, key: nil, value: [1])
        let reader = try ClusterReader(settings: broker.settings)

        try broker.stop()
        #expect { try reader.endOffsets(of: [partition], timeoutMilliseconds: 300) } throws: {
            ($0 as? KafkaError)?.isRetriable == true
        }
        try producer.send(topic: topic, key: nil, value: [2])
        let failing = elapsed {
            #expect {
                try producer.sendOffsets(
                    [PartitionOffset(partition, offset: 0)], group: follower.consumer.groupMetadata(),
                    timeoutMilliseconds: 500)
            } throws: { ($0 as? KafkaError)?.isFatal == false }
            #expect { try producer.commit(timeoutMilliseconds: 500) } throws: { error in
                guard let error = error as? KafkaError else { return false }
                return !error.isFatal && (error.requiresAbort || error.code == .outcomeUnknown)
            }
        }
        #expect(failing < 5)
        let closing = elapsed {
            producer.close()
            other.close()
        }
        #expect(closing < 5)
        try follower.follow("a connection that is lost") {
            if case .unreachable = $0.consumer.connection { return true }
            return false
        }

        try broker.restart()
        let publisher = try PlainProducer(settings: broker.settings)
        defer { publisher.close() }
        try publisher.send(topic: topic, key: nil, value: Array("after".utf8))
        #expect(publisher.flush(timeoutMilliseconds: 20_000))
        try follower.follow("the message after the outage") { $0.records.map(\.value).contains("after") }
        #expect(follower.consumer.connection == .good)
        let successor = try TransactionalProducer(settings: broker.settings, transactionalID: "t")
        defer { successor.close() }
        try successor.initTransactions(timeoutMilliseconds: 20_000)
    }
}
