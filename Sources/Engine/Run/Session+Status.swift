import Journey

extension Session {
    static let statusMilliseconds: Int64 = 250

    /// Tells the board where the shards are, a few times a second.
    func reportStatus() {
        let now = context.time.bootMilliseconds
        guard now - lastStatus >= Self.statusMilliseconds else { return }
        lastStatus = now
        reportConnection(while: "reading events")
        reportOddities()
        context.board.update(shards.values.map { status(of: $0, at: now) })
    }

    /// What is probably not meant, each as often as there is more of it, but not more than once a minute.
    private func reportOddities() {
        let now = folder.oddities
        let before = reported
        guard now != before else { return }
        reported = now
        context.board.update(now)
        if now.foreignKeys > before.foreignKeys {
            context.log.warning(
                "events that end reminders have a key that is not their prospect's identity: use the identity as the key",
                ["events": .number(now.foreignKeys)], limit: .once(per: .seconds(60)))
        }
        if now.strays > before.strays {
            context.log.warning(
                "events lie in another partition than their key's: all services must use one partitioner (topics.partitioner)",
                ["events": .number(now.strays), "partitioner": .text(now.partitioner ?? "unknown")],
                limit: .once(per: .seconds(60)))
        }
        if now.withoutID > 0, before.withoutID == 0 {
            context.log.warning(
                "some events have an id and some an address only: who sends both is two prospects; see `identity: email`",
                ["events": .number(now.withoutID)], limit: .once(per: .seconds(60)))
        }
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
