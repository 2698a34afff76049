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

    public func makeProducer(transactionalID: String, maximumBatchBytes: Int?) throws -> any BrokerProducer {
        SimulatedProducer(broker: self, id: transactionalID)
    }

    public func makeReader() throws -> any BrokerReader { SimulatedReader(broker: self) }

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

final class Membership: BrokerGroupMetadata, @unchecked Sendable {
    let member: SimulatedCluster.Member?
    init(member: SimulatedCluster.Member?) { self.member = member }
}
