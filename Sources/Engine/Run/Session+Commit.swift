import Journey
import Kafka
import Telemetry

/// The one commit point: the frames are durable, then one transaction holds commands, dead letters, lead events and offsets.
///
/// A commit runs beside the folding of the next batch. Whatever is decided meanwhile goes with the next commit, which begins
/// when this one has ended; if it fails, the session ends, and with it what was folded on top of it.
extension Session {
    /// Commits everything that has been folded, and waits for it.
    func commit(within milliseconds: Int) throws {
        try settle(within: milliseconds)
        guard let prepared = try prepare(within: milliseconds) else { return }
        try perform(prepared)
        try confirm(prepared)
    }

    /// Begins to commit everything that has been folded; waits for the commit before.
    func beginCommit() throws {
        try settle(within: WorkerLimits.transactionMilliseconds * 2)
        guard let prepared = try prepare(within: WorkerLimits.transactionMilliseconds) else { return }
        pending = prepared
        // The producer is the lane's until the commit has ended.
        nonisolated(unsafe) let session = self
        lane.begin { try session.perform(prepared) }
    }

    /// Takes the outcome of the commit that is under way, if it has ended.
    func settle() throws {
        guard let prepared = pending, let outcome = lane.take() else { return }
        pending = nil
        try outcome.get()
        try confirm(prepared)
    }

    /// Waits for the commit that is under way, but not for much longer once a stop is asked for.
    func settle(within milliseconds: Int) throws {
        guard pending != nil else { return }
        let start = context.time.bootMilliseconds
        var stopping: Int64?
        while !lane.wait(milliseconds: WorkerLimits.settleMilliseconds) {
            let now = context.time.bootMilliseconds
            if context.stop.isRequested && stopping == nil { stopping = now }
            let isStopLate = stopping.map { now - $0 > WorkerLimits.stopMilliseconds } ?? false
            guard now - start <= milliseconds, !isStopLate else {
                throw KafkaError(
                    code: .outcomeUnknown, message: "the last transaction did not end within \(now - start) ms")
            }
        }
        try settle()
    }

    private func prepare(within milliseconds: Int) throws -> PreparedCommit? {
        let dirty = shards.values.filter(\.isDirty).sorted { $0.partition < $1.partition }
        guard !dirty.isEmpty else { return nil }
        let frames = try dirty.map { (shard: $0, sealed: try $0.handOver()) }
        let prepared = PreparedCommit(
            frames: frames, outbox: outbox, offsets: frames.flatMap { offsets($0.shard.partition, $0.sealed) },
            group: try consumer.groupMetadata(), oldestTick: oldestTick, timeoutMilliseconds: milliseconds)
        outbox = spareOutbox
        spareOutbox = Outbox()
        dirtySince = nil
        oldestTick = nil
        return prepared
    }

    private func offsets(_ partition: Int32, _ frames: Shard.SealedFrames) -> [PartitionOffset] {
        context.topics.indices.map { index in
            let (topic, offset) = (context.topics[index], frames.nextOffsets[index])
            let metadata = OffsetMetadata(head: frames.head, erasing: frames.erasing[index]).text
            return PartitionOffset(TopicPartition(topic, partition), offset: offset, metadata: metadata)
        }
    }

    private func perform(_ commit: PreparedCommit) throws {
        for frame in commit.frames { try frame.sealed.sync.run() }
        try producer.begin()
        try commit.outbox.send(through: producer, to: context.configuration.topics)
        try producer.sendOffsets(
            commit.offsets, of: commit.group,
            timeoutMilliseconds: Int32(min(commit.timeoutMilliseconds, WorkerLimits.callMilliseconds)))
        try requireFresh(commit)
        try producer.commit(timeoutMilliseconds: Int32(commit.timeoutMilliseconds))
    }

    private func confirm(_ commit: PreparedCommit) throws {
        for frame in commit.frames {
            try frame.shard.confirm(frame.sealed)
            orderDestructions(frame.shard)
        }
        context.board.confirmed(
            commit.frames.map { ($0.shard.partition, $0.shard.journal.confirmed) }, at: context.time.wall)
        hasCommitted = true
        // Its memory is used again.
        spareOutbox = commit.outbox
        spareOutbox.removeAll()
    }

    /// Tells the destroyer what is confirmed to be its own.
    func orderDestructions(_ shard: Shard) {
        context.destructions.order(
            shard.takeConfirmedDestructions(), of: shard.partition, upTo: shard.journal.confirmed.position)
    }

    /// What was decided from a tick must not be committed once the tick's sample is old: a purchase may have been
    /// acknowledged since. `transaction.timeout.ms` bounds what follows.
    private func requireFresh(_ commit: PreparedCommit) throws {
        guard let oldestTick = commit.oldestTick else { return }
        let age = context.time.bootMilliseconds - oldestTick
        guard age > context.configuration.clock.maxAge.milliseconds else { return }
        try producer.abort(timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
        throw SessionEnd.recover("the end offsets that reminders were decided from are \(age) ms old")
    }
}
