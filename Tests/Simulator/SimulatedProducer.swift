import DiskTestSupport
import Engine
import Kafka

/// A transactional producer. As librdkafka's, it is of no use after a fatal error, or when nobody knows what became of a commit.
final class SimulatedProducer: BrokerProducer {
    private let broker: SimulatedBroker
    private let id: String
    private var epoch = -1
    private var isOpen = false
    private var number: Int?
    private var isBroken = false
    private var mustAbort = false

    private var cluster: SimulatedCluster { broker.cluster }
    private var world: World { cluster.world }

    init(broker: SimulatedBroker, id: String) {
        self.broker = broker
        self.id = id
    }

    func initTransactions(timeoutMilliseconds: Int32) throws {
        try perform(.initTransactions) {
            if cluster.producers[id] == nil { cluster.producers[id] = .init() }
            cluster.endTransaction(of: id)
            epoch = cluster.producers[id]?.epoch ?? 0
            cluster.hasInitialised(id)
        }
    }

    func begin() throws {
        try perform(.begin) {
            guard !isOpen, epoch >= 0 else {
                throw KafkaError(code: .invalidState, message: "a transaction is under way, or none can be")
            }
            isOpen = true
        }
    }

    func send(
        topic: String, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: [MessageHeader],
        timestampMilliseconds: Int64?
    ) throws {
        try perform(.send, topic) {
            let number = try transaction()
            let key = key.map(Array.init)
            cluster.append(
                SimulatedCluster.Record(
                    key: key, value: value.map(Array.init),
                    headers: headers.map { (name: Array($0.name), value: $0.value.map(Array.init)) },
                    timestamp: timestampMilliseconds ?? world.wall, appended: world.wall, transaction: number),
                to: cluster.place(of: key, in: topic))
        }
    }

    func sendOffsets(
        _ offsets: [PartitionOffset], of group: any BrokerGroupMetadata, timeoutMilliseconds: Int32
    ) throws {
        try perform(.sendOffsets) {
            guard let member = (group as? Membership)?.member, cluster.isKnown(member),
                member.generation == cluster.generation
            else {
                mustAbort = true
                throw KafkaError(code: .fenced, requiresAbort: true, message: "the group has another generation")
            }
            cluster.add(offsets, to: try transaction())
        }
    }

    func commit(timeoutMilliseconds: Int32) throws {
        let fault = try meet(.commit)
        if fault == .fatal || fault == .abortable { return try broker.answer(fault, .commit) {} }
        let number = try transaction()
        let isDone = fault != .timeOut && fault != .late && fault != .disconnected
        if isDone {
            finish(number, .committed)
        } else if fault == .late {
            // The coordinator has noted the commit, and has yet to tell the partitions.
            cluster.producers[id]?.late = number
            cluster.producers[id]?.open = nil
        }
        guard fault == nil || fault?.isDeath == true else {
            isBroken = true
            world.advance(Int64(timeoutMilliseconds))
            throw KafkaError(code: .outcomeUnknown, message: "the commit has no answer")
        }
        // Its answer may be what the power does not outlast.
        try world.survive(fault)
        world.advance(2)
    }

    func abort(timeoutMilliseconds: Int32) throws {
        try perform(.abort) {
            try requireNotFenced()
            if let number { finish(number, .aborted) }
            isOpen = false
            mustAbort = false
        }
    }

    func close() { cluster.hasClosed(id) }

    private func perform<R>(_ call: Call, _ doing: String = "", _ effect: () throws -> R) throws -> R {
        try broker.answer(try meet(call, doing), call, effect)
    }

    /// What becomes of the producer by a fault, and whether it can be used for the call.
    private func meet(_ call: Call, _ doing: String = "") throws -> Fault? {
        let fault = try world.meet(call, doing)
        if isBroken { throw KafkaError(code: .invalidState, isFatal: true, message: "the producer is of no use") }
        if mustAbort, call != .abort {
            throw KafkaError(code: .invalidState, message: "the transaction must be aborted")
        }
        switch fault {
        case .fenced:
            cluster.endTransaction(of: id)
            isBroken = true
            throw fenced
        case .fatal: isBroken = true
        case .abortable: mustAbort = true
        default: break
        }
        return fault
    }

    private var fenced: KafkaError {
        KafkaError(code: .fenced, isFatal: true, message: "another producer has the transactional id \(id)")
    }

    private func requireNotFenced() throws {
        guard cluster.producers[id]?.epoch == epoch else {
            isBroken = true
            throw fenced
        }
    }

    private func transaction() throws -> Int {
        try requireNotFenced()
        guard isOpen else { throw KafkaError(code: .invalidState, message: "no transaction was begun") }
        if let number { return number }
        let begun = cluster.beginTransaction()
        number = begun
        cluster.producers[id]?.open = begun
        return begun
    }

    private func finish(_ transaction: Int, _ outcome: SimulatedCluster.Outcome) {
        cluster.end(transaction, outcome)
        cluster.producers[id]?.open = nil
        number = nil
        isOpen = false
    }
}
