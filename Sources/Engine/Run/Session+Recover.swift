import Journal
import Journey
import Kafka
import Telemetry

extension Session {
    /// Brings every shard to exactly what the broker has committed, and starts consuming from there.
    ///
    /// The one path for a start, a crash, a rebalance and an unknown outcome.
    func recover(_ partitions: [Int32]) throws {
        let all = partitions.flatMap { partition in context.topics.map { TopicPartition($0, partition) } }
        let committed = try insist("reading the committed offsets") {
            try consumer.committed(all, timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
        }
        let beginnings = try insist("reading the first offsets") {
            try reader.beginningOffsets(all, timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
        }
        let ends = try insist("reading the end offsets") {
            try reader.endOffsets(all, timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
        }
        let byPartition = Dictionary(uniqueKeysWithValues: committed.map { ($0.partition, $0) })
        let lastGroup = try context.directory.group()
        var planned: [Planned] = []
        defer { for each in planned where shards[each.evidence.partition] == nil { try? each.journal.close() } }
        for partition in partitions {
            let places = context.topics.map { TopicPartition($0, partition) }
            planned.append(
                try plan(
                    partition, committed: places.map { byPartition[$0] },
                    beginnings: places.map { beginnings[$0] ?? 0 },
                    ends: places.map { ends[$0] ?? 0 }, lastGroup: lastGroup))
        }
        try RecoveryPlan.requireTogether(planned.map { ($0.evidence, $0.plan) })
        let plans = try restore(planned)
        if lastGroup != context.configuration.group { try context.directory.setGroup(context.configuration.group) }
        if try context.directory.eventTopics() == nil { try context.directory.setEventTopics(context.topics) }
        try commitFirstOffsets(plans)
        try commitForgottenOffsets(plans)
        if let approves = context.options.approvesActivation, try !approves() {
            context.stop.request()
            throw SessionEnd.stopped
        }
        try activate()
        try consumer.assign(plans.flatMap { offsets(of: $0).map { PartitionOffset($0.partition, offset: $0.offset) } })
    }

    /// A shard's journal, and what it goes on from.
    private struct Planned {
        var journal: ShardJournal
        var evidence: RecoveryPlan.Evidence
        var plan: RecoveryPlan
    }

    /// A shard, and what it goes on from.
    struct Recovered {
        var shard: Shard
        var evidence: RecoveryPlan.Evidence
        var plan: RecoveryPlan
    }

    private func plan(
        _ partition: Int32, committed: [CommittedOffset?], beginnings: [Int64], ends: [Int64], lastGroup: String?
    ) throws -> Planned {
        let path = context.directory.shardPath(partition)
        // What the broker has committed was durable: a journal that ends before it is damaged, and not to be touched.
        let committedHeads = committed.compactMap { $0?.metadata.flatMap(OffsetMetadata.init)?.head.position }
        let journal = try openJournal(path, partition, committedHeads.max() ?? 0)
        do {
            let evidence = RecoveryPlan.Evidence(
                partition: partition, topics: context.topics,
                committed: committed.map { RecoveryPlan.Committed(offset: $0?.offset, metadata: $0?.metadata) },
                beginnings: beginnings, ends: ends, journalHead: journal.head, confirmed: journal.confirmed,
                group: context.configuration.group, lastGroup: lastGroup, journalPath: path)
            let plan = try RecoveryPlan.decide(evidence) {
                try journal.hash(at: $0)
            } memory: {
                try memory(of: partition, path, journal.head)
            }
            return Planned(journal: journal, evidence: evidence, plan: plan)
        } catch {
            try journal.close()
            throw error
        }
    }

    /// Folds every shard's journal up to where it goes on from, as many at a time as there are processors.
    private func restore(_ planned: [Planned]) throws -> [Recovered] {
        var folds: [Result<ShardFold, any Error>?] = Array(repeating: nil, count: planned.count)
        folds.withUnsafeMutableBufferPointer { folds in
            // Each iteration has a shard and a place of its own.
            nonisolated(unsafe) let (folds, planned, session) = (folds, planned, self)
            context.options.perform(planned.count) { index in
                folds[index] = Result { try session.restore(planned[index]) }
            }
        }
        return try zip(planned, folds).map { each, fold in
            guard let fold = try fold?.get() else { preconditionFailure("every shard is restored") }
            let partition = each.evidence.partition
            let shard = Shard(
                partition: partition, journal: each.journal, fold: fold, settings: context.shardSettings,
                decoderFields: EventReader.fields(of: context.configuration.policies))
            shards[partition] = shard
            context.destructions.begin(partition)
            orderDestructions(shard)
            while shardOfPartition.count <= Int(partition) { shardOfPartition.append(nil) }
            shardOfPartition[Int(partition)] = shard
            return Recovered(shard: shard, evidence: each.evidence, plan: each.plan)
        }
    }

    private func openJournal(_ path: String, _ partition: Int32, _ committed: UInt64) throws -> ShardJournal {
        do {
            return try ShardJournal.open(
                directory: path, fileSystem: context.directory.fileSystem, settings: context.options.journal,
                committedPosition: committed)
        } catch let error as JournalError where error.code == .damaged || error.code == .notFound {
            throw EngineError(
                .journalBehind,
                """
                The committed offset of group \(context.configuration.group) for partition \(partition) stands for journal \
                position \(committed), but the journal in \(path) does not reach there intact: \(error). It was lost or \
                damaged, or an older copy was put back. Restore the newest copy of the data directory; if there is none, \
                `winback recover` rebuilds it. Nothing was read or sent, and no file was changed.
                """)
        }
    }

    private func restore(_ planned: Planned) throws -> ShardFold {
        switch planned.plan {
        case .begin(let offsets):
            let fold = ShardFold(key: context.directory.key, topicCount: context.topics.count)
            fold.nextOffsets = offsets
            return fold
        case .resume(let offsets, let head), .renew(let offsets, let head):
            try planned.journal.cut(to: head)
            let fold = try restorer(planned.evidence.journalPath).restore(to: head)
            // Records that were read and take up offsets without a frame (control records) are between the two.
            fold.nextOffsets = offsets
            // That the commit is known is news: the process may have died before it heard of it.
            planned.journal.confirm(Confirmation(position: head.position, hash: head.hash, offset: offsets[0]))
            return fold
        }
    }

    func restorer(_ path: String) -> Restorer {
        Restorer(
            path: path, key: context.directory.key, fileSystem: context.directory.fileSystem,
            topicCount: context.topics.count, log: context.log)
    }

    func offsets(of recovered: Recovered) -> [PartitionOffset] {
        let (head, erasing) = (recovered.shard.journal.head, recovered.shard.fold.erasing)
        return context.topics.enumerated().map { index, topic in
            PartitionOffset(
                TopicPartition(topic, recovered.shard.partition), offset: recovered.plan.offsets[index],
                metadata: OffsetMetadata(head: head, erasing: erasing[index]).text)
        }
    }

    /// A first start says explicitly where it starts, so that a missing offset always means that one was lost.
    private func commitFirstOffsets(_ plans: [Recovered]) throws {
        let offsets = plans.filter { if case .begin = $0.plan { true } else { false } }.flatMap { self.offsets(of: $0) }
        if offsets.isEmpty { return }
        try insist("committing the first offsets") {
            try consumer.commit(offsets, timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
        }
    }

    /// Makes the configuration the shards' own where it is not yet. The time of an activation is the same in all shards,
    /// also when a crash left it in some of them.
    private func activate() throws {
        let text = context.configuration.canonicalPolicyText
        let known = shards.values.compactMap { shard in shard.fold.activations.last { $0.text == text } }
        let isOlder = shards.values.contains { shard in
            shard.fold.activations.dropLast().contains { $0.text == text } && shard.fold.activations.last?.text != text
        }
        if isOlder && !context.options.allowsRollback {
            throw EngineError.olderConfiguration
        }
        let time = isOlder ? context.time.wall : known.map(\.time).min() ?? context.time.wall
        for shard in shards.values.sorted(by: { $0.partition < $1.partition })
        where shard.fold.activations.last?.text != text {
            guard shard.fold.keys.canHold(context.configuration.policies) else { throw EngineError.tooManyFields }
            try shard.activate(ShardFold.Activation(time: time, text: text))
        }
        let moved = context.options.migrates ? try migrate() : 0
        try commit(within: WorkerLimits.transactionMilliseconds)
        context.board.activated(moving: moved)
    }

    /// In one transaction with the activation, unless there is more to tell of leads than one can hold: after a crash the
    /// journeys of a transaction have moved, or none of them has, and the rest move when it is done again.
    private func migrate() throws -> Int {
        var moved = 0
        for shard in shards.values.sorted(by: { $0.partition < $1.partition }) {
            while true {
                let some = try shard.migrateSome(into: outbox)
                if some == 0 { break }
                moved += some
                if outbox.byteCount >= WorkerLimits.outboxBytes {
                    try commit(within: WorkerLimits.transactionMilliseconds)
                }
            }
        }
        return moved
    }
}
