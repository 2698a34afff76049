import Engine
import Journal
import Journey
import Records

/// Reads one prospect's history from a shard's journal.
public struct HistoryReader {
    private let source: AuditSource
    private let partition: Int32
    private let prospect: ProspectKey
    private var history: ProspectHistory
    private var policies: PolicyHistory
    private var clock = Instant.distantPast
    private var current: ProspectHistory.Entry?
    /// Entries up to here are from before an erasure.
    private var erasedEntries = 0
    private var destroyedBefore = RecordPosition.none
    private var entries: [ProspectHistory.Entry] = []

    private init(_ source: AuditSource, _ found: PersonFinder.Found) {
        self.source = source
        partition = found.partition
        prospect = found.prospect
        policies = PolicyHistory(key: source.directory.key)
        history = ProspectHistory(partition: partition, prospect: prospect, policies: policies)
    }

    /// - Parameters:
    ///   - asOf: what happened later is left out; that the person was erased later is not, and hides what is erased.
    ///   - pending: whether what is not known to be committed counts, too.
    public static func read(
        _ source: AuditSource, _ found: PersonFinder.Found, asOf: Instant = .distantFuture, pending: Bool = false,
        progress: JournalWalk.Progress = { _ in }
    ) throws -> ProspectHistory {
        var reader = HistoryReader(source, found)
        let walk = try JournalWalk(source, partition: found.partition)
        // An erasure counts here as soon as it is written, whether it is committed or not.
        try walk.frames(of: [found.prospect], pending: true, progress: progress) { step in
            try reader.read(step, counts: pending || !step.isPending)
        }
        return try reader.finish(asOf, walk)
    }

    private mutating func read(_ step: JournalWalk.Step, counts: Bool) throws {
        var records = try RecordReader(step.frame.body, position: step.frame.position)
        clock = max(clock, records.clock)
        while let record = try records.next() {
            switch record {
            case .input(let input): begin(.event(input), input.prospect, step, counts)
            case .timer(let prospect): begin(.timer, prospect, step, counts)
            case .migration(let prospect): begin(.migration, prospect, step, counts)
            case .match(let prospect): begin(.erasureByAddress, prospect, step, counts)
            case .destroyed(let prospect, let before, let at):
                begin(.destruction(before: before, at: at), prospect, step, counts)
                if prospect == self.prospect { destroyedBefore = max(destroyedBefore, before) }
            case .fact(let fact): add(fact)
            case .command(let digest): current?.commands.append(digest)
            case .address: break
            case .tick(let clock):
                close(counts)
                self.clock = clock
            case .activation, .intervention, .found:
                close(counts)
                if counts { try policies.apply(record) }
            case .refused, .tombstone, .unknownType: close(counts)
            }
        }
        close(counts)
        if counts { history.clock = clock }
    }

    private mutating func begin(
        _ cause: ProspectHistory.Cause, _ prospect: ProspectKey, _ step: JournalWalk.Step, _ counts: Bool
    ) {
        close(counts)
        guard prospect == self.prospect else { return }
        current = ProspectHistory.Entry(
            cause: cause, position: step.frame.position, clock: clock, isPending: step.isPending,
            before: ProspectState(), policies: policies.policies, data: .none)
    }

    private mutating func add(_ fact: Fact) {
        guard current != nil else { return }
        current?.facts.append(fact)
        switch fact {
        case .erased, .addressErased: erasedEntries = entries.count + 1
        case .opened, .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .reminderRequested,
            .reminderSkipped, .reminderFound, .held, .resumed, .converted, .cancelled, .superseded, .reentrySuppressed,
            .remembered, .optedOut, .optedIn, .expired, .forgotten, .lapsed, .migrated, .ignored:
            break
        }
    }

    private mutating func close(_ counts: Bool) {
        guard let current else { return }
        self.current = nil
        if counts { entries.append(current) } else { history.pendingEntries += 1 }
    }

    private mutating func finish(_ asOf: Instant, _ walk: JournalWalk) throws -> ProspectHistory {
        let records = try walk.records()
        for (index, var entry) in entries.enumerated() {
            entry.data = try data(of: entry, index, records)
            if entry.data == .erased { history.isErased = true }
            guard entry.time <= asOf else { continue }
            entry.before = history.state
            for fact in entry.facts { entry.policies.evolve(&history.state, fact) }
            history.entries.append(entry)
        }
        history.policies = policies
        history.clock = min(history.clock, asOf)
        return history
    }

    private func data(
        of entry: ProspectHistory.Entry, _ index: Int, _ records: PersonalRecords
    ) throws -> ProspectHistory.Data {
        guard let record = entry.input?.details.record, record != .none else { return .none }
        if index < erasedEntries || record < destroyedBefore { return .erased }
        do {
            return .kept(try records.withPersonal(at: record.rawValue) { PersonalData($0) })
        } catch let error as JournalError where error.code == .destroyed {
            return .erased
        }
    }
}
