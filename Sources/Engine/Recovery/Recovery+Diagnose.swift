import Configuration
import Journal
import Journey
import Kafka

extension Recovery {
    /// What a shard's journal and the broker say of each other.
    struct Look {
        var evidence: RecoveryPlan.Evidence
        var survey: JournalSurvey
        /// How the engine would go on, or why it would not.
        var outcome: Result<RecoveryPlan, Refusal>

        var refusal: Refusal? { if case .failure(let refusal) = outcome { refusal } else { nil } }
    }

    /// Why the engine would not go on with a shard.
    struct Refusal: Error {
        var code: String
        var message: String
        /// Whether the journal can be used, cut to a place or as it is.
        var keepsJournal: Bool

        init(_ error: EngineError) {
            code = error.code.rawValue
            message = error.message
            keepsJournal = error.code != .journalBehind && error.code != .journalDiverged
        }

        init(_ error: JournalError) {
            code = "journal-\(error.code.rawValue)"
            message = error.description
            keepsJournal = false
        }
    }

    /// Finds out what stands in the way of a start. Changes nothing.
    public func diagnose() throws -> Diagnosis {
        try requireEmptyGroup()
        var diagnosis = Diagnosis()
        let count: Int
        do {
            count = try insist {
                try TopicCheck(configuration: configuration, reader: reader).partitionCount(directory)
            }
        } catch let error as EngineError {
            guard let advice = Self.advice(error.code) else { throw error }
            diagnosis.findings = [.init(partition: nil, code: error.code.rawValue, message: error.message)]
            diagnosis.advice = [advice]
            return diagnosis
        }
        var looks = try look(count)
        requireTogether(&looks)
        try noteInterruptedRebuild(&looks)
        if looks.contains(where: { $0.refusal != nil }) {
            try findWays(looks, &diagnosis)
        } else {
            try checkClock(looks, &diagnosis)
        }
        return diagnosis
    }

    private func look(_ count: Int) throws -> [Look] {
        let all = (0..<Int32(count)).flatMap { partition in topics.map { TopicPartition($0, partition) } }
        let consumer = try makeConsumer()
        defer { consumer.close() }
        let committed = try insist { try consumer.committed(all, timeoutMilliseconds: Self.callMilliseconds) }
        let byPartition = Dictionary(uniqueKeysWithValues: committed.map { ($0.partition, $0) })
        let beginnings = try insist { try reader.beginningOffsets(all, timeoutMilliseconds: Self.callMilliseconds) }
        let ends = try insist { try reader.endOffsets(all, timeoutMilliseconds: Self.callMilliseconds) }
        let lastGroup = try directory?.group()
        return try (0..<Int32(count)).map { partition in
            let places = topics.map { TopicPartition($0, partition) }
            return try look(
                RecoveryPlan.Evidence(
                    partition: partition, topics: topics,
                    committed: places.map {
                        RecoveryPlan.Committed(offset: byPartition[$0]?.offset, metadata: byPartition[$0]?.metadata)
                    }, beginnings: places.map { beginnings[$0] ?? 0 }, ends: places.map { ends[$0] ?? 0 },
                    journalHead: .start, confirmed: .none, group: configuration.group, lastGroup: lastGroup,
                    journalPath: shardPath(partition)))
        }
    }

    private func look(_ evidence: RecoveryPlan.Evidence) throws -> Look {
        var evidence = evidence
        let path = evidence.journalPath
        do {
            let survey = try JournalSurvey.read(
                path, fileSystem: fileSystem, committed: evidence.committedHead?.position)
            evidence.journalHead = survey.head
            evidence.confirmed = survey.confirmed
            do {
                let plan = try RecoveryPlan.decide(evidence) { _ in
                    survey.hashAtCommitted
                } memory: {
                    try memory(of: evidence.partition, try restore(evidence.partition, survey.head), survey.head)
                }
                return Look(evidence: evidence, survey: survey, outcome: .success(plan))
            } catch let error as EngineError {
                return Look(evidence: evidence, survey: survey, outcome: .failure(Refusal(error)))
            }
        } catch let error as JournalError where error.code == .damaged || error.code == .diverged {
            return Look(evidence: evidence, survey: .empty, outcome: .failure(Refusal(error)))
        }
    }

    /// An empty journal beside others whose offsets were forgotten was lost, as in `RecoveryPlan.requireTogether`.
    private func requireTogether(_ looks: inout [Look]) {
        let others = looks.contains {
            $0.survey.head != .start && $0.evidence.committed.allSatisfy { $0.offset == nil }
        }
        guard others else { return }
        for index in looks.indices {
            guard case .success(.begin) = looks[index].outcome else { continue }
            var refusal = Refusal(looks[index].evidence.lostBesideOthers)
            refusal.keepsJournal = false
            looks[index].outcome = .failure(refusal)
        }
    }

    /// What an interrupted rebuild has left is rebuilt again.
    private func noteInterruptedRebuild(_ looks: inout [Look]) throws {
        guard let directory else { return }
        let shards = try directory.rebuilding()
        for index in looks.indices where shards.contains(looks[index].evidence.partition) {
            var refusal = Refusal(EngineError.rebuildInterrupted(directory.path))
            refusal.keepsJournal = false
            looks[index].outcome = .failure(refusal)
        }
    }

    func restore(_ partition: Int32, _ head: JournalHead) throws -> ShardFold {
        guard let directory else { preconditionFailure("there is no journal without a data directory") }
        return try Restorer(
            path: shardPath(partition), key: directory.key, fileSystem: fileSystem, topicCount: topics.count, log: log
        ).restore(to: head)
    }

    func memory(of partition: Int32, _ fold: ShardFold, _ head: JournalHead) throws -> TopicMemory {
        guard let directory else { preconditionFailure("there is no journal without a data directory") }
        return try TopicMemoryReader(
            directory: directory, topics: topics, mappings: configuration.events, reader: reader
        )
        .read(partition, fold, upTo: head) { [self] ask in try insist(ask) }
    }

    /// Where no shard is in the way, the clock or the configuration may be.
    private func checkClock(_ looks: [Look], _ diagnosis: inout Diagnosis) throws {
        var gap = Span.zero
        var isOlder = false
        let text = configuration.canonicalPolicyText
        for look in looks {
            guard case .success(let plan) = look.outcome else { continue }
            var shard = ShardCase(look, .none(plan))
            defer { diagnosis.shards.append(shard) }
            guard let head = plan.head else { continue }
            let fold = try restore(look.evidence.partition, head)
            shard.note(fold, at: tickNow)
            if fold.clock > .distantPast { gap = max(gap, tickNow - max(fold.clock, fold.acceptedClock)) }
            isOlder = isOlder || (fold.activations.last?.text != text && fold.activations.contains { $0.text == text })
        }
        if gap > configuration.clock.maxGap { offerClock(gap, &diagnosis) }
        if isOlder, !options.allowsRollback {
            let error = EngineError.olderConfiguration
            diagnosis.findings.append(.init(partition: nil, code: error.code.rawValue, message: error.message))
        }
    }

    /// The clock that a tick would have now.
    var tickNow: Instant { now - configuration.clock.lateness }
}

extension RecoveryPlan.Evidence {
    /// What the committed offsets stand for, if they are ours.
    var committedHead: JournalHead? {
        let heads = committed.map { $0.metadata.flatMap(OffsetMetadata.init)?.head }
        guard let first = heads.first, heads.allSatisfy({ $0 == first }) else { return nil }
        return first
    }
}

extension RecoveryPlan {
    /// Where the journal is gone on from; `nil` where there is none yet.
    var head: JournalHead? {
        switch self {
        case .begin: nil
        case .resume(_, let head), .renew(_, let head): head
        }
    }
}

extension ShardCase {
    init(_ look: Recovery.Look, _ way: Way) {
        self.init(
            partition: look.evidence.partition, beginnings: look.evidence.beginnings, ends: look.evidence.ends, way: way
        )
    }

    mutating func note(_ fold: ShardFold, at clock: Instant) {
        self.clock = fold.clock
        forecast.add(fold, at: clock)
    }
}
