import Journal
import Journey
import Kafka

extension Recovery {
    /// How each shard can go on that the engine would refuse, and what an operator can choose from.
    func findWays(_ looks: [Look], _ diagnosis: inout Diagnosis) throws {
        var published: PublishedCommands?
        func lookUp() throws -> PublishedCommands {
            if let published { return published }
            let read = try readPublished()
            published = read
            return read
        }
        for look in looks {
            switch look.outcome {
            case .success(let plan): diagnosis.shards.append(ShardCase(look, .none(plan)))
            case .failure(let refusal):
                diagnosis.findings.append(
                    .init(partition: look.evidence.partition, code: refusal.code, message: refusal.message))
                diagnosis.shards.append(try shard(look, refusal, lookUp))
            }
        }
        if diagnosis.shards.contains(where: \.isRebuilt) {
            diagnosis.rebuild = try makePlan(looks.count, try lookUp())
        }
        offerWays(&diagnosis)
    }

    private func shard(
        _ look: Look, _ refusal: Refusal, _ published: () throws -> PublishedCommands
    ) throws -> ShardCase {
        guard refusal.keepsJournal else { return try rebuilt(look, refusal) }
        do {
            var (resumption, fold) = try resumption(look, refusal, keepsAll: refusal.isRestored, published)
            if resumption.losesEvents && resumption.tail.cutFrames > 0 {
                // What would be cut off can't be read again: it is kept, and what it decided counts as sent.
                (resumption, fold) = try self.resumption(look, refusal, keepsAll: true, published)
            }
            var shard = ShardCase(look, .resume(resumption))
            shard.note(fold, at: tickNow)
            return shard
        } catch let error as JournalError where error.code == .damaged || error.code == .diverged {
            return ShardCase(look, .rebuild(nil))
        }
    }

    /// An older copy of the journal that belongs to the group and to the topics is a beginning: it knows opt-outs and
    /// suppressions that no topic may hold any more. What it may have had to cut when it went on is not used.
    private func rebuilt(_ look: Look, _ refusal: Refusal) throws -> ShardCase {
        let head = look.survey.confirmed.head
        guard refusal.isBehind, head != .start, look.evidence.lastGroup == configuration.group else {
            return ShardCase(look, .rebuild(nil))
        }
        do {
            let fold = try restore(look.evidence.partition, head)
            let places = try places(look, head, fold, isCommitted: false, restored: nil)
            guard !places.contains(where: \.isAnother) else { return ShardCase(look, .rebuild(nil)) }
            var shard = ShardCase(look, .rebuild(Resumption(tail: TailEnd(head: head), places: places)))
            shard.note(fold, at: tickNow)
            return shard
        } catch let error as JournalError where error.code == .damaged || error.code == .diverged {
            return ShardCase(look, .rebuild(nil))
        }
    }

    private func resumption(
        _ look: Look, _ refusal: Refusal, keepsAll: Bool, _ published: () throws -> PublishedCommands
    ) throws -> (Resumption, ShardFold) {
        let evidence = look.evidence
        let tail: TailEnd
        if refusal.isOutOfRange, let head = evidence.committedHead {
            tail = TailEnd(head: head)
        } else {
            tail = try end(of: look.survey, evidence.partition, keepsAll: keepsAll, published)
        }
        let fold = try restore(evidence.partition, tail.head)
        let committed = refusal.isRestored ? evidence.committed.map(\.offset) : nil
        let places = try places(look, tail.head, fold, isCommitted: refusal.isOutOfRange, restored: committed)
        return (Resumption(tail: tail, places: places), fold)
    }

    /// Where each topic is read on.
    ///
    /// - Parameters:
    ///   - isCommitted: the committed offsets are the ones of the journal's end.
    ///   - restored: offsets that a broker has committed that was restored from a backup.
    private func places(
        _ look: Look, _ head: JournalHead, _ fold: ShardFold, isCommitted: Bool, restored: [Int64?]?
    ) throws -> [Resumption.Place] {
        let evidence = look.evidence
        let memory = try memory(of: evidence.partition, fold, head)
        return try topics.indices.map { topic in
            let wanted = wanted(topic, fold, evidence, isCommitted: isCommitted)
            let isRead = memory.isOfTheseTopics && memory.lastOffsets[topic] != nil
            // The last message may be gone where the topic begins right behind it.
            let isThere = isRead && wanted > evidence.beginnings[topic] && wanted <= evidence.ends[topic]
            return Resumption.place(
                wanted: wanted, beginning: evidence.beginnings[topic], end: evidence.ends[topic],
                last: isThere ? try memory.found(topic) : nil, committed: restored?[topic])
        }
    }

    /// The offset that the journal's end stands for. Records that take up offsets without a message lie before a committed one.
    private func wanted(
        _ topic: Int, _ fold: ShardFold, _ evidence: RecoveryPlan.Evidence, isCommitted: Bool
    ) -> Int64 {
        if isCommitted, let committed = evidence.committed[topic].offset { return committed }
        if fold.nextOffsets[topic] >= 0 { return fold.nextOffsets[topic] }
        // Nothing was folded from it yet. A confirmation tells the first topic's offset.
        return topic == 0 && evidence.confirmed.offset >= 0 ? evidence.confirmed.offset : evidence.beginnings[topic]
    }

    private func end(
        of survey: JournalSurvey, _ partition: Int32, keepsAll: Bool, _ published: () throws -> PublishedCommands
    ) throws -> TailEnd {
        let isSilent = survey.tail.allSatisfy { $0.reminders.isEmpty && $0.letters.isEmpty }
        let found = isSilent ? PublishedCommands() : try published()
        return TailEnd.of(
            survey.tail, behind: survey.confirmed.head, keepsAll: keepsAll,
            publishesLeads: configuration.topics.leads != nil
        ) { reminder in
            let name = PublishedCommands.Name(journey: reminder.journey, step: reminder.step)
            if found.commands[name] != nil { return .found }
            return reminder.emitted <= found.commandsUnknownUpTo ? .unknown : .missing
        } letter: { letter in
            let origin = PublishedCommands.Letter(
                topic: topics[letter.topic], partition: partition, offset: letter.offset)
            if found.letters.contains(origin) { return .found }
            return letter.time <= found.lettersUnknownUpTo ? .unknown : .missing
        }
    }
}

extension ShardCase {
    var isRebuilt: Bool { if case .rebuild = way { true } else { false } }
    /// Where the journal is kept up to that is rebuilt, if any of it is.
    var base: Resumption? { if case .rebuild(let base) = way { base } else { nil } }
    var resumption: Resumption? { if case .resume(let resumption) = way { resumption } else { nil } }
}

extension Recovery.Refusal {
    fileprivate var isOutOfRange: Bool { code == EngineError.Code.offsetOutOfRange.rawValue }
    fileprivate var isBehind: Bool { code == EngineError.Code.journalBehind.rawValue }
    fileprivate var isRestored: Bool { code == EngineError.Code.offsetsRestored.rawValue }
}
