import Configuration
import Journal
import Kafka
import Telemetry

@testable import Engine

extension WorkerContext {
    /// What a part of a worker needs that is tried by itself.
    static func testing(
        _ configuration: Configuration, _ directory: DataDirectory, broker: any Broker = NoBroker(),
        time: any TimeSource = SystemTime()
    ) -> WorkerContext {
        WorkerContext(
            configuration: configuration, broker: broker, time: time, log: .silent, directory: directory,
            instance: "one", partitionCount: 1, messages: MessageLimits(reminders: nil, deadLetters: nil),
            samples: SampleBoard(), board: StatusBoard(), stop: StopSignal(), options: EngineOptions())
    }
}

/// Nobody answers.
struct NoBroker: Broker {
    private var nobody: KafkaError { KafkaError(code: .brokerUnavailable, message: "there is no broker") }
    func makeConsumer(_ membership: GroupMembership) throws -> any BrokerConsumer { throw nobody }
    func makeProducer(
        transactionalID: String, topics: [String], maximumBatchBytes: Int?
    ) throws -> any BrokerProducer { throw nobody }
    func makeReader() throws -> any BrokerReader { throw nobody }
    func scan(
        _ topic: String, group: String, progress: (Int) -> Void, _ visit: (MessageBatch, Int) throws -> Void
    ) throws -> [Int32: Int64]? { throw nobody }
}
