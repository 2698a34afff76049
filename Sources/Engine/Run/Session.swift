import Contract
import Journal
import Journey
import Kafka
import Telemetry

/// One incarnation of a worker: from joining the group to leaving it, with one consumer, one producer and the shards.
///
/// The order is the promise: the group is checked, the group is joined, `initTransactions` has returned (a pending
/// transaction of an earlier incarnation has ended), then the committed offsets are read. Closing is in the reverse order.
final class Session {
    let context: WorkerContext
    let consumer: any BrokerConsumer
    let producer: any BrokerProducer
    let reader: any BrokerReader
    let batch = MessageBatch(capacity: WorkerLimits.pollMessages)
    /// What the next commit carries, and the memory for the one after it.
    var outbox = Outbox()
    var spareOutbox = Outbox()
    let lane: CommitLane
    /// The commit that the lane runs.
    var pending: PreparedCommit?
    /// By partition.
    var shards: [Int32: Shard] = [:]
    /// The same, to be found by index without hashing; `nil` for partitions of other members.
    var shardOfPartition: [Shard?] = []
    /// CLOCK_BOOTTIME of the oldest sample that a decision since the last commit was made from.
    var oldestTick: Int64?
    var turns = TickTurns()
    /// When the first record since the last commit was folded, on CLOCK_BOOTTIME.
    var dirtySince: Int64?
    var hasCommitted = false
    /// What the group knew the session before by.
    let formerMemberID: String?
    /// Whether the group may know this member.
    var hasSubscribed = false
    /// What the group knows this member by, once it has joined.
    var memberID: String?
    var lastStatus: Int64 = .min / 2
    /// What the log has told of.
    var reported = EngineStatus.Oddities()
    let folder: EventFolder

    init(context: WorkerContext, formerMemberID: String?) throws {
        self.context = context
        self.formerMemberID = formerMemberID
        lane = CommitLane(runsAtOnce: context.options.hasOneThread)
        folder = try EventFolder(
            key: context.directory.key, configuration: context.configuration, partitionCount: context.partitionCount,
            readsAhead: context.options.readsAhead, deadLetterBytes: context.messages.deadLetterBytes)
        reader = try context.broker.makeReader()
        consumer = try context.broker.makeConsumer(
            GroupMembership(
                group: context.configuration.group, instance: context.memberName, topics: context.topics))
        producer = try context.broker.makeProducer(
            transactionalID: context.memberName, topics: context.configuration.topics.written,
            maximumBatchBytes: context.messages.batchBytes)
    }

    /// Serves until a stop is asked for. Every other way out is an error.
    func run() throws {
        context.board.enter("joining the group")
        let partitions = try join()
        try initTransactions()
        context.board.enter("recovering")
        try recover(partitions)
        if context.options.endsAfterActivation { return try finish() }
        context.board.enter("running")
        context.log.info("running", ["partitions": .number(partitions.count)])
        try serve()
    }

    func close() {
        let isFree = lane.wait(
            // A stop has waited for it already.
            milliseconds: context.stop.isRequested ? 0 : WorkerLimits.transactionMilliseconds * 2)
        // Messages of the last batch must be back before the consumer is destroyed: librdkafka waits for them.
        batch.release()
        closeClients(isProducerFree: isFree)
        for shard in shards.values {
            do { try shard.journal.close() } catch {
                context.log.warning("closing the journal", ["error": .text("\(error)")])
            }
        }
        shards = [:]
        shardOfPartition = []
    }

    /// Beside each other, because each may wait for a broker that is gone until its own limit. A producer that a commit is
    /// still waiting in is left to the end of the process.
    private func closeClients(isProducerFree: Bool) {
        // Each client is touched by one iteration only, and by nobody else any more.
        nonisolated(unsafe) let clients: [() -> Void] =
            [consumer.close, reader.close] + (isProducerFree ? [producer.close] : [])
        context.options.perform(clients.count) { clients[$0]() }
    }

    func requireNotStopped() throws {
        if context.stop.isRequested { throw SessionEnd.stopped }
    }
}
