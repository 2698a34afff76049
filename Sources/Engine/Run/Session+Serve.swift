import Journey
import Kafka
import Telemetry

extension Session {
    /// Polls, folds, ticks and commits.
    func serve() throws {
        while !context.stop.isRequested {
            try consumer.poll(
                into: batch, maximum: WorkerLimits.pollMessages, timeoutMilliseconds: Int32(pollMilliseconds()))
            if let rebalance = consumer.takeRebalance() { try answer(rebalance) }
            context.companions?.turn()
            try foldBatch()
            let decided = try tick()
            try settle()
            try journalDestroyed()
            if shouldCommit(decided: decided) { try beginCommit() }
            reportStatus()
        }
        try finish()
    }

    private func pollMilliseconds() -> Int64 {
        let quiet = Int64(WorkerLimits.pollMilliseconds)
        if pending != nil { return Int64(WorkerLimits.settleMilliseconds) }
        guard let dirtySince else { return quiet }
        let interval = context.configuration.commitInterval.milliseconds
        return max(0, min(quiet, dirtySince + interval - context.time.bootMilliseconds))
    }

    private func foldBatch() throws {
        try folder.fold(batch, into: shardOfPartition, outbox)
        if batch.count > 0 && dirtySince == nil { dirtySince = context.time.bootMilliseconds }
        for index in 0..<batch.endCount {
            let end = batch.end(index)
            shardOfPartition[Int(end.partition)]?.clock.reachEnd(topic: end.topicIndex, at: end.offset)
        }
    }

    /// - Returns: how many due actions were decided.
    private func tick() throws -> Int {
        let now = context.time.bootMilliseconds
        let decided = try turns.turn(
            over: shards.keys.sorted(), limit: context.options.maximumDuePerTick
        ) { try tick($0, at: now) }
        if decided > 0 && dirtySince == nil { dirtySince = now }
        return decided
    }

    private func tick(_ partition: Int32, at now: Int64) throws -> Int {
        guard let shard = shards[partition] else { return 0 }
        if let sample = context.samples.take(partition) { shard.clock.offer(sample) }
        guard let tick = shard.clock.tick(bootMilliseconds: now) else { return 0 }
        try requireNoGap(shard, tick)
        guard context.samples.stopped == nil else { return 0 }
        let decided = try shard.tick(tick, into: outbox)
        if decided > 0 {
            oldestTick = min(oldestTick ?? tick.bootMilliseconds, tick.bootMilliseconds)
        } else if shard.clockIsUnrecorded(for: .days(1)) {
            // It has to be committed, too: until then its frame is open, and every tick adds to it.
            try shard.recordClock()
            if dirtySince == nil { dirtySince = now }
        }
        if !shard.due.isEmpty { context.samples.hurry() }
        return decided
    }

    /// Journals what the destroyer has done. It is committed as everything else is, and so acknowledged.
    private func journalDestroyed() throws {
        for shard in shards.values.sorted(by: { $0.partition < $1.partition }) {
            if let failure = context.destructions.takeFailure(shard.partition),
                failure.failedSegment == shard.journal.currentSegment
            {
                // What is not synced yet may be lost in the same way, and no later sync would tell.
                throw SessionEnd.recover(failure.message)
            }
            let destroyed = context.destructions.takeResults(
                shard.partition, limit: WorkerLimits.destroyedProspects)
            if destroyed.isEmpty { continue }
            var finished: [EngineStatus.FinishedErasure] = []
            for each in destroyed { finished += try shard.noteDestroyed(each, at: context.time.wall) }
            context.destructions.finished(finished, records: destroyed.reduce(0) { $0 + $1.count })
            if dirtySince == nil { dirtySince = context.time.bootMilliseconds }
        }
    }

    private func requireNoGap(_ shard: Shard, _ tick: PartitionClock.Tick) throws {
        guard !context.options.acceptsClock, shard.fold.clock > .distantPast,
            tick.clock - max(shard.fold.clock, shard.fold.acceptedClock) > context.configuration.clock.maxGap
        else { return }
        let error = EngineError(
            .clockGap,
            """
            The wall clock is \((tick.clock - shard.fold.clock).milliseconds / 86_400_000) days after the last tick of \
            partition \(shard.partition). If the clock is right, start with `run --accept-clock`, or see with \
            `winback recover` what it would do; if it is wrong, set it. Events are folded meanwhile, but no reminder is sent and nothing expires.
            """)
        context.samples.stop(error)
        context.log.error("ticks are stopped", ["why": .text(error.message)])
    }

    private func shouldCommit(decided: Int) -> Bool {
        if decided > 0 || outbox.byteCount >= WorkerLimits.outboxBytes { return true }
        // Nothing waits for it: folding goes on while the commit before takes its time.
        guard let dirtySince, pending == nil else { return false }
        return context.time.bootMilliseconds - dirtySince >= context.configuration.commitInterval.milliseconds
    }

    private func answer(_ rebalance: Rebalance) throws {
        switch rebalance {
        case .assigned: throw SessionEnd.recover("the group handed out its partitions again")
        case .revoked:
            try commit(within: WorkerLimits.stopMilliseconds)
            try consumer.unassign()
            throw SessionEnd.recover("the group took the partitions back")
        case .lost: throw SessionEnd.fenced("the group gave up on this member")
        }
    }

    /// Commits what has been folded, as far as the broker lets us, and leaves. What is not committed is folded again.
    func finish() throws {
        do {
            try commit(within: WorkerLimits.stopMilliseconds)
            for shard in shards.values { try shard.journal.markCleanStop() }
            context.log.info("stopped; everything that was folded is committed")
        } catch let error as KafkaError {
            context.log.warning(
                "stopped before the last batch was committed; it will be folded again", ["why": .text(error.message)])
        }
    }
}
