import DiskTestSupport
import Engine
import Kafka

/// The cluster as the engine's clients see it, with a network that fails as the world's plan says.
public struct SimulatedBroker: Broker {
    let cluster: SimulatedCluster
    /// While nothing arrives, time goes on in steps up to this.
    let longestSilenceMilliseconds: Int64

    private static let timeOutMilliseconds: Int64 = 2_000

    public init(cluster: SimulatedCluster, longestSilenceMilliseconds: Int64) {
        self.cluster = cluster
        self.longestSilenceMilliseconds = longestSilenceMilliseconds
    }

    public func makeConsumer(_ membership: GroupMembership) throws -> any BrokerConsumer {
        SimulatedConsumer(broker: self, membership: membership)
    }

    public func makeProducer(
        transactionalID: String, topics: [String], maximumBatchBytes: Int?
    ) throws -> any BrokerProducer {
        SimulatedProducer(broker: self, id: transactionalID)
    }

    public func makeReader() throws -> any BrokerReader { SimulatedReader(broker: self) }

    public func scan(
        _ topic: String, group: String, progress: (Int) -> Void, _ visit: (MessageBatch, Int) throws -> Void
    ) throws -> [Int32: Int64]? {
        guard let count = cluster.partitionCounts[topic] else { return nil }
        let places = (0..<count).map { TopicPartition(topic, $0) }
        guard places.allSatisfy({ cluster.lastStableOffset($0) == cluster.logs[$0]?.count ?? 0 }) else {
            throw KafkaError(code: .timedOut, message: "\(topic) could not be read to its end")
        }
        let batch = MessageBatch(capacity: 1)
        for (read, (place, offset, record)) in cluster.read(topic).enumerated() {
            try perform(.record, topic) { record.append(to: batch, place.partition, Int64(offset)) }
            try visit(batch, 0)
            batch.release()
            progress(read + 1)
        }
        return Dictionary(uniqueKeysWithValues: places.map { ($0.partition, 0) })
    }

    /// Does what is asked for, unless something goes wrong.
    func perform<R>(_ call: Call, _ doing: String = "", _ effect: () throws -> R) throws -> R {
        try answer(try cluster.world.meet(call, doing), call, effect)
    }

    func answer<R>(_ fault: Fault?, _ call: Call, _ effect: () throws -> R) throws -> R {
        let world = cluster.world
        switch fault {
        case .timeOut:
            world.advance(Self.timeOutMilliseconds)
            throw KafkaError(code: .timedOut, isRetriable: true, message: "\(call.rawValue): no answer in time")
        case .lostAnswer:
            _ = try effect()
            world.advance(Self.timeOutMilliseconds)
            throw KafkaError(code: .timedOut, isRetriable: true, message: "\(call.rawValue): no answer in time")
        case .disconnected:
            world.advance(10)
            throw KafkaError(code: .brokerUnavailable, isRetriable: true, message: "\(call.rawValue): disconnected")
        case .retriable:
            throw KafkaError(code: .other, isRetriable: true, message: "\(call.rawValue): coordinator loading")
        case .fatal: throw KafkaError(code: .other, isFatal: true, message: "\(call.rawValue): fatal")
        case .abortable:
            throw KafkaError(code: .transactionFailed, requiresAbort: true, message: "\(call.rawValue): must abort")
        default:
            let result = try effect()
            try world.survive(fault)
            return result
        }
    }
}

extension SimulatedCluster.Record {
    fileprivate func append(to batch: MessageBatch, _ partition: Int32, _ offset: Int64) {
        // The batch copies what it is given; until then the copies are kept here.
        var copies: [UnsafeMutableRawBufferPointer] = []
        defer { for copy in copies { copy.deallocate() } }
        func pointer(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
            copy.copyBytes(from: bytes)
            copies.append(copy)
            return UnsafeRawBufferPointer(copy)
        }
        _ = batch.append(
            partition: partition, offset: offset, timestampMilliseconds: timestamp, key: key.map(pointer),
            value: value.map(pointer),
            headers: headers.map { MessageHeader(name: pointer($0.name), value: $0.value.map(pointer)) })
    }
}

final class Membership: BrokerGroupMetadata, @unchecked Sendable {
    let member: SimulatedCluster.Member?
    init(member: SimulatedCluster.Member?) { self.member = member }
}
