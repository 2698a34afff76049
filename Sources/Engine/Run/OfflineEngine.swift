import Configuration
import Contract
import Journal
import Journey
import Kafka
import Telemetry

/// The engine's shards without a broker: batches and ticks are handed in, what would be published is handed out.
///
/// The same folder, shards, journal and outbox as the live path, for benchmarks and tests. The caller is the clock.
public final class OfflineEngine {
    private let shards: [Shard]
    private let folder: EventFolder
    private let directory: DataDirectory
    private let outbox = Outbox()
    private let lane = CommitLane()
    private var pending: [(shard: Shard, sealed: Shard.SealedFrames)] = []

    public enum Destination: UInt8, Sendable { case reminders, deadLetters, leads }

    /// A message that would go out with the next commit; the buffers are valid during the call.
    public struct Published {
        public var destination: Destination
        public var isReminder: Bool { destination == .reminders }
        public var key: UnsafeRawBufferPointer?
        public var value: UnsafeRawBufferPointer?
        /// The value is `nil` where the header's is null.
        public var headers: [(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)]
    }

    /// Opens or makes the data directory and activates the configuration at `activation`; goes on where its journal ends.
    ///
    /// - Parameters:
    ///   - maximumDuePerTick: how many due actions a tick decides in each shard; as many as live if nil.
    ///   - migrates: moves waiting journeys to the newest versions of their policies.
    ///   - readsAhead: whether a second thread reads events ahead of the fold, as live; without it all is the caller's.
    public init(
        configuration: Configuration, partitions: Int, activation: Instant, fileSystem: any FileSystem,
        journal: JournalSettings = JournalSettings(), maximumDuePerTick: Int? = nil,
        migrates: Bool = false, readsAhead: Bool = false, log: Log = .silent
    ) throws {
        directory = try DataDirectory.open(configuration.data, fileSystem: fileSystem)
        // What tells others whose journals these are.
        if try directory.group() == nil { try directory.setGroup(configuration.group) }
        if try directory.eventTopics() == nil { try directory.setEventTopics(configuration.topics.events) }
        folder = try EventFolder(
            key: directory.key, configuration: configuration, partitionCount: partitions, readsAhead: readsAhead)
        let settings = ShardSettings(
            clock: PartitionClock.Settings(lateness: configuration.clock.lateness, maxAge: configuration.clock.maxAge),
            maximumDuePerTick: maximumDuePerTick ?? ShardSettings.maximumDuePerTick,
            hash: KeyedHash(key: directory.key), commandSource: configuration.commandSource,
            publishesLeads: configuration.topics.leads != nil, frameBytes: journal.frameBytes)
        let text = configuration.canonicalPolicyText
        var shards: [Shard] = []
        for partition in 0..<Int32(partitions) {
            let path = directory.shardPath(partition)
            let opened = try ShardJournal.open(directory: path, fileSystem: fileSystem, settings: journal)
            let restorer = Restorer(
                path: path, key: directory.key, fileSystem: fileSystem, topicCount: configuration.topics.events.count,
                log: log)
            let shard = Shard(
                partition: partition, journal: opened, fold: try restorer.restore(to: opened.head), settings: settings,
                decoderFields: EventReader.fields(of: configuration.policies))
            // There is no broker that could know of another commit than the journal's end.
            opened.confirm(
                Confirmation(
                    position: opened.head.position, hash: opened.head.hash, offset: shard.fold.nextOffsets[0]))
            if shard.fold.activations.last?.text != text {
                try shard.activate(ShardFold.Activation(time: activation, text: text))
            }
            while migrates, try shard.migrateSome(into: outbox) > 0 {}
            shards.append(shard)
        }
        self.shards = shards
    }

    /// Folds a batch, in its order.
    public func fold(_ batch: MessageBatch) throws { try folder.fold(batch, into: shards, outbox) }

    /// Sets every shard's clock on and decides what is due, a bounded number of actions in each.
    ///
    /// - Returns: how many were decided. Call again, after the events between, until none is.
    public func tick(_ clock: Instant) throws -> Int {
        try shards.reduce(0) { decided, shard in
            guard clock > shard.fold.clock else { return decided }
            return decided + (try shard.tick(PartitionClock.Tick(clock: clock, bootMilliseconds: 0), into: outbox))
        }
    }

    /// Makes everything durable and hands out what transactions would have published since the last call.
    public func commit(_ publish: (Published) -> Void = { _ in }) throws {
        try beginCommit()
        try settle()
        outbox.publish(to: publish)
        outbox.removeAll()
    }

    /// Begins to make everything durable, beside what is folded next. Waits for the one before.
    public func beginCommit() throws {
        try settle()
        pending = try shards.filter(\.isDirty).map { (shard: $0, sealed: try $0.handOver()) }
        let syncs = pending.map(\.sealed.sync)
        lane.begin { for sync in syncs { try sync.run() } }
    }

    private func settle() throws {
        lane.wait()
        guard let outcome = lane.take() else { return }
        try outcome.get()
        for frame in pending { try frame.shard.confirm(frame.sealed) }
        pending = []
    }

    /// Whether a commit that was begun is still under way: beginning another one waits for it.
    public var isCommitting: Bool { !lane.wait(milliseconds: 0) }

    /// Writes a snapshot of what has been committed, from the journal.
    public func makeSnapshots() throws { try prepareSnapshots()() }

    /// The same as work that another thread may do while this one goes on folding.
    public func prepareSnapshots() -> @Sendable () throws -> Void {
        let heads = shards.map { (partition: $0.partition, head: $0.journal.confirmed.head) }
        let topicCount = shards.first?.fold.nextOffsets.count ?? 0
        let directory = directory
        return {
            for (partition, head) in heads {
                let path = directory.shardPath(partition)
                let restorer = Restorer(
                    path: path, key: directory.key, fileSystem: directory.fileSystem, topicCount: topicCount,
                    log: .silent)
                try StateSnapshot.write(
                    try restorer.restore(to: head), at: head, directory: path, directory.fileSystem)
            }
        }
    }

    /// Destroys at once what the destroyer of a running engine would, of what has been committed. That it is done is journalled
    /// with the next commit.
    ///
    /// - Returns: how many personal records were overwritten.
    @discardableResult
    public func destroyPending(at time: Instant) throws -> Int {
        try settle()
        var count = 0
        for shard in shards {
            let destructions = shard.takeConfirmedDestructions()
            if destructions.isEmpty { continue }
            let destroyed = try DestructionPass(directory: directory).destroy(
                destructions, of: shard.partition, upTo: shard.journal.confirmed.position)
            for each in destroyed.sorted(by: { $0.prospect < $1.prospect }) {
                _ = try shard.noteDestroyed(each, at: time)
                count += each.count
            }
        }
        return count
    }

    public func close() throws {
        lane.wait()
        for shard in shards {
            // As a clean stop does: no frame follows that would say that the last one was committed.
            if !shard.isDirty { try shard.journal.markCleanStop() }
            try shard.journal.close()
        }
        directory.close()
    }

    /// When the earliest timer of all is due; `nil` if none is. Looks at every prospect: for few of them.
    public var nextAction: Instant? {
        let next = shards.map { $0.fold.earliestAction() }.min() ?? .distantFuture
        return next == .distantFuture ? nil : next
    }

    /// What has been decided since the engine was opened.
    public var counters: ShardCounters { shards.reduce(ShardCounters()) { $0 + $1.counters } }
    /// Prospects of whom anything is known, and the memory that their state, index and timers take.
    public var prospectCount: Int { shards.reduce(0) { $0 + $1.fold.prospects.count } }
    public var prospectBytes: Int { shards.reduce(0) { $0 + $1.fold.prospects.residentBytes } }
}
