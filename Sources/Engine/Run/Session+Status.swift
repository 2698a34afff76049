import Journey

extension Session {
    static let statusMilliseconds: Int64 = 250

    /// Tells the board where the shards are, a few times a second.
    func reportStatus() {
        let now = context.time.bootMilliseconds
        guard now - lastStatus >= Self.statusMilliseconds else { return }
        lastStatus = now
        reportConnection(while: "reading events")
        reportForeignKeys()
        context.board.update(shards.values.map { status(of: $0, at: now) })
    }

    private func reportForeignKeys() {
        guard folder.foreignKeys > reportedForeignKeys else { return }
        reportedForeignKeys = folder.foreignKeys
        context.log.warning(
            "events that end reminders have a key that is not their prospect's identity: use the identity as the key",
            ["events": .number(reportedForeignKeys)], limit: .once(per: .seconds(60)))
    }

    private func status(of shard: Shard, at now: Int64) -> EngineStatus.Partition {
        let clock = shard.clock.now
        return EngineStatus.Partition(
            partition: shard.partition,
            topics: context.topics.enumerated().map { index, topic in
                EngineStatus.Topic(name: topic, offset: shard.fold.nextOffsets[index], end: nil)
            },
            clock: clock == .distantPast ? nil : clock.milliseconds, heldBackBy: heldBack(shard, at: now),
            lastCommitAt: nil, journalPosition: shard.journal.head.position,
            confirmedPosition: shard.journal.confirmed.position, prospects: shard.fold.prospects.count,
            waiting: shard.fold.activeJourneys,
            overdue: shard.due.count, events: shard.counters.events, opened: shard.counters.opened,
            reminders: shard.counters.reminders, skipped: shard.counters.skipped, converted: shard.counters.converted,
            deadLetters: shard.counters.deadLetters, unusableAddresses: shard.counters.unusableAddresses)
    }

    private func heldBack(_ shard: Shard, at now: Int64) -> String? {
        if context.samples.stopped != nil { return "stopped" }
        switch shard.clock.heldBack(bootMilliseconds: now) {
        case .nothing: return nil
        case .noSample: return "no end offsets"
        case .lag: return EngineStatus.Partition.lag
        case .openTransaction:
            context.log.warning(
                "an open transaction of another service holds a partition's clock back",
                ["partition": .number(shard.partition)], limit: .once(per: .seconds(60)), key: "\(shard.partition)")
            return "open transaction"
        }
    }
}
