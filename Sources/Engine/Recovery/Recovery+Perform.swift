import Journal
import Journey
import Kafka
import Records

extension Recovery {
    /// Does what the operator has chosen from this diagnosis.
    ///
    /// The committed offsets are last: until then the next start refuses as it did before, and the recovery can be done again.
    public func perform(_ choice: RecoveryChoice, _ diagnosis: Diagnosis) throws {
        precondition(diagnosis.offers(choice), "a choice is one of those that the diagnosis offers")
        var commits: [PartitionOffset] = []
        if choice == .rebuild { commits += try rebuild(diagnosis) }
        for shard in diagnosis.shards {
            switch shard.way {
            case .none(.begin), .rebuild: continue
            case .none(.resume(let offsets, let head)):
                guard choice == .acceptClock else { continue }
                commits += shard.offsets(topics, try end(shard, at: head, .clockAccepted), offsets)
            case .none(.renew(let offsets, let head)):
                let end = try end(shard, at: head, choice == .acceptClock ? .clockAccepted : nil)
                commits += shard.offsets(topics, end, offsets)
            case .resume(let resumption):
                let withholds = choice == .resumeAndWithhold && resumption.losesEvents
                // What opens from the events that are left is not concerned: whoever bought did it behind them.
                let end = try end(
                    shard, at: resumption.tail.head, withholds ? .withheld : nil, upTo: shard.forecast.newestOpening)
                commits += shard.offsets(topics, end, resumption.offsets)
            }
        }
        try commit(commits)
        try directory?.endRebuild()
    }

    private func commit(_ offsets: [PartitionOffset]) throws {
        if offsets.isEmpty { return }
        let consumer = try makeConsumer()
        defer { consumer.close() }
        try insist { try consumer.commit(offsets, timeoutMilliseconds: Self.callMilliseconds) }
    }

    /// Cuts the journal to a place, and notes there what the operator decided.
    private func end(
        _ shard: ShardCase, at head: JournalHead, _ intervention: Intervention?, upTo time: Instant? = nil
    ) throws -> JournalHead {
        let journal = try ShardJournal.open(
            directory: shardPath(shard.partition), fileSystem: fileSystem, settings: options.journal)
        defer { try? journal.close() }
        try journal.cut(to: head)
        guard let intervention else { return head }
        try journal.beginFrame()
        var writer = RecordWriter()
        writer.begin(position: journal.head.position, clock: shard.clock, to: &journal.body)
        writer.intervention(intervention, at: time ?? now, to: &journal.body)
        writer.end(to: &journal.body)
        let end = try journal.appendFrame()
        try journal.sync()
        return end
    }
}
