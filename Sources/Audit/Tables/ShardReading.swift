import Engine
import Journal
import Journey
import Records

/// Reads a shard's journal from its beginning, and tells of facts and commands as they come; what it adds up to is known at
/// the end. In memory is what the engine has there, and some bytes for each journey that is not forgotten.
public final class ShardReading {
    public let partition: Int32
    let fold: RecordFold
    private let walk: JournalWalk
    private let asOf: Instant
    private let pending: Bool

    /// The second halves of journeys' ids, of which the state keeps the first only.
    private var lows: [JourneyName: UInt64] = [:]
    /// People that frames changed whose commit is not known.
    private(set) var pendingPeople: Set<ProspectKey> = []
    private var cause = Cause.none
    private var position: UInt64 = 0
    private var isPending = false
    private var number = 0
    /// Later than asked: what follows from it does not count.
    private var isPassedOver = false
    /// Commands whose digests follow.
    private var awaiting: [CommandRow] = []

    /// Events with the same source and id of two people give both the same journey id.
    private struct JourneyName: Hashable {
        var prospect: ProspectKey
        var journey: JourneyReference
    }

    enum Cause {
        case none, timer, migration, erasureByAddress
        case event(Input)
    }

    /// A fact where it stands in the journal.
    struct FactPlace {
        var prospect: ProspectKey
        var cause: Cause
        var clock: Instant
        var position: UInt64
        /// The record's number among the frame's facts, from 0.
        var number: Int
        var isPending: Bool
        var row: FactRow
        var version: PolicyVersion?
        /// The second half of the journey's id.
        var low: UInt64?
    }

    /// - Parameters:
    ///   - asOf: what happened or was decided later does not count.
    ///   - pending: whether what is not known to be committed counts.
    public init(
        _ source: AuditSource, partition: Int32, asOf: Instant = .distantFuture, pending: Bool = false
    ) throws {
        self.partition = partition
        self.asOf = asOf
        self.pending = pending
        walk = try JournalWalk(source, partition: partition)
        fold = RecordFold(key: source.directory.key)
    }

    var policies: PolicySet { fold.policies }

    private struct Enough: Error {}

    func read(
        progress: JournalWalk.Progress = { _ in }, facts: ((FactPlace) throws -> Void)? = nil,
        commands: ((CommandRow) throws -> Void)? = nil
    ) throws {
        do {
            try walk.frames(pending: pending, progress: progress) { try read($0, facts, commands) }
        } catch is Enough {}
        try flush(commands)
    }

    func id(of journey: JourneyReference, _ prospect: ProspectKey) -> JourneyID {
        JourneyID(
            high: journey.rawValue, low: lows[JourneyName(prospect: prospect, journey: journey)] ?? 0)
    }

    private func read(
        _ step: JournalWalk.Step, _ facts: ((FactPlace) throws -> Void)?, _ commands: ((CommandRow) throws -> Void)?
    ) throws {
        var reader = try RecordReader(step.frame.body, position: step.frame.position)
        if reader.clock > asOf { throw Enough() }
        position = step.frame.position
        isPending = step.isPending
        number = 0
        fold.begin(clock: reader.clock)
        while let record = try reader.next() {
            switch record {
            case .input(let input): try begin(.event(input), input.time > asOf, commands)
            case .timer: try begin(.timer, false, commands)
            case .migration: try begin(.migration, false, commands)
            case .match: try begin(.erasureByAddress, false, commands)
            case .tick(let clock):
                try begin(.none, false, commands)
                if clock > asOf { throw Enough() }
            case .fact(let fact):
                if isPassedOver { continue }
                try tell(fact, facts)
            case .command(let digest):
                guard !awaiting.isEmpty else { continue }
                var command = awaiting.removeFirst()
                command.digest = digest
                try commands?(command)
            case .refused, .tombstone, .unknownType, .activation, .intervention, .found, .destroyed:
                try begin(.none, false, commands)
            case .address: break
            }
            try fold.apply(record)
        }
    }

    private func begin(
        _ cause: Cause, _ isPassedOver: Bool, _ commands: ((CommandRow) throws -> Void)?
    ) throws {
        try flush(commands)
        self.cause = cause
        self.isPassedOver = isPassedOver
    }

    /// Commands of older journals have no digests.
    private func flush(_ commands: ((CommandRow) throws -> Void)?) throws {
        for command in awaiting { try commands?(command) }
        awaiting.removeAll(keepingCapacity: true)
    }

    private func tell(_ fact: Fact, _ facts: ((FactPlace) throws -> Void)?) throws {
        guard let prospect = fold.prospect else { return }
        if isPending { pendingPeople.insert(prospect) }
        switch fact {
        case .opened(let opening):
            lows[JourneyName(prospect: prospect, journey: opening.journey.reference)] = opening.journey.low
        case .reminderRequested(let journey, let step, let due, let emitted):
            if let command = command(prospect, journey, Int(step), due, emitted) { awaiting.append(command) }
        case .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .reminderSkipped, .reminderFound, .held,
            .resumed, .converted, .cancelled, .superseded, .reentrySuppressed, .remembered, .optedOut, .optedIn,
            .erased, .addressErased, .expired, .forgotten, .lapsed, .migrated, .ignored:
            break
        }
        if let facts {
            let row = FactRow(fact)
            try facts(
                FactPlace(
                    prospect: prospect, cause: cause, clock: fold.clock, position: position, number: number,
                    isPending: isPending, row: row, version: version(row),
                    low: row.journey.flatMap { lows[JourneyName(prospect: prospect, journey: $0)] }))
        }
        number += 1
        if case .forgotten(let journey) = fact { lows[JourneyName(prospect: prospect, journey: journey)] = nil }
    }

    private func version(_ row: FactRow) -> PolicyVersion? {
        if let policy = row.policy { return policies[policy] }
        guard let journey = row.journey, let known = fold.state.journeys.first(where: { $0.reference == journey })
        else { return nil }
        return policies[known.policy]
    }

    private func command(
        _ prospect: ProspectKey, _ reference: JourneyReference, _ step: Int, _ due: Instant, _ emitted: Instant
    ) -> CommandRow? {
        guard let journey = fold.state.journeys.first(where: { $0.reference == reference }) else { return nil }
        let version = policies[journey.policy]
        return CommandRow(
            journey: id(of: reference, prospect), step: step, prospect: prospect, version: version, due: due,
            emitted: emitted, partition: partition, position: position, isPending: isPending,
            records: PersonRecords(opening: journey.opening, contact: fold.state.contact.record))
    }
}
