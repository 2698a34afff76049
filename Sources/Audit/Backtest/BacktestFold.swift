import Configuration
import Engine
import Journal
import Journey
import Records

/// One shard's journal with other policies beside it, frame by frame.
///
/// **The clock.** The journal has the clock under which every event was folded, and every tick that fired anything. Between
/// two of these times the clock moved as well, and nothing of the recorded policies was due; but something of the candidate's
/// may be. So the clock goes on from one time to the next in two parts. Up to the moment at which the first of the actions
/// was due that the later tick fired, it is taken to have ticked all the time, and what is due is decided when it is due.
/// From that moment on it is known to have stood, because a tick would have fired that action; everything else is decided
/// at the later time, after all events between. The recorded policies, decided in the same way, have nothing due in the
/// first part by its definition, and so come to the journal's own decisions at its own ticks: `recorded` is that proof, run
/// beside the candidate.
///
/// **What is in force.** The candidate is activated where the journal activates its first configuration, also where only a
/// later period is counted: so it knows of the windows, purchases and opt-outs from before. Operators' decisions, erasures
/// by address and the recorded order of events hold for both sides.
final class BacktestFold {
    private let recorded: PolicyTrial
    private let candidate: PolicyTrial
    private let policies: ProposedPolicies
    private let tenants: RecordedTenant
    private var tally: BacktestTally
    private var check = BacktestResult.Check()
    /// Reminders that only the journal, or only the recorded policies' trial has had so far.
    private var unmatched: [Reminder: Int] = [:]
    private var translation: FieldTranslation?
    private var recordsTenants = false
    /// The time that the clock has come to; how it came there is known when the next record has been read.
    private var pendingClock: Instant?
    /// Whose facts follow, and the newest erasure by address.
    private var current: ProspectKey?
    /// What the journal has kept of the event whose facts follow.
    private var currentRecord = RecordPosition.none
    private var addressErasedAt = Instant.distantPast
    /// Whether the candidate asks for tenants.
    private let asksForTenants: Bool

    private struct Reminder: Hashable {
        var prospect: ProspectKey
        var journey: JourneyReference
        var step: UInt8
    }

    /// - Parameter key: the data directory's.
    init(
        _ policies: ProposedPolicies, key: [UInt8], period: Range<Instant>, partition: Int32, examples: Int
    ) {
        self.policies = policies
        recorded = PolicyTrial(key: key)
        candidate = PolicyTrial(key: key)
        tenants = RecordedTenant(key: key)
        tally = BacktestTally(period, partition: partition, examples: examples)
        asksForTenants = policies.policies.contains { !$0.tenants.isEmpty }
    }

    func apply(_ frame: Frame) throws {
        var reader = try RecordReader(frame.body, position: frame.position)
        if reader.clock > recorded.clock { pendingClock = reader.clock }
        while let record = try reader.next() {
            moveClock(before: record)
            try apply(record, frame)
        }
        moveClock(tickingUntil: .distantFuture)
    }

    private func apply(_ record: Record, _ frame: Frame) throws {
        switch record {
        case .input(let input): try apply(input, frame)
        case .fact(let fact): if let current { apply(fact, of: current) }
        case .timer(let prospect): current = prospect
        case .migration(let prospect):
            current = prospect
            recorded.migrate(prospect, compare)
        case .match(let prospect):
            current = prospect
            recorded.erase(prospect, at: addressErasedAt, compare)
            candidate.erase(prospect, at: addressErasedAt, tryOut)
        case .refused: tally.limits { $0.refused += 1 }
        case .unknownType: tally.limits { $0.unknownTypes += 1 }
        case .tick(let clock): pendingClock = clock
        case .activation(let time, let text): try activate(String(decoding: text, as: UTF8.self), at: time)
        case .intervention(let intervention, let time):
            recorded.intervene(intervention, at: time)
            candidate.intervene(intervention, at: time)
            if intervention == .rebuilt { tally.limits { $0.rebuilt += 1 } }
        case .found(let reminder): recorded.note(reminder)
        case .tombstone, .command, .address, .destroyed: break
        }
    }

    // MARK: The clock

    /// A tick is followed by what it fired, the earliest first, or it fired nothing.
    private func moveClock(before record: Record) {
        if pendingClock == nil { return }
        switch record {
        case .tick(let clock) where clock == pendingClock: break
        case .timer(let prospect): moveClock(tickingUntil: recorded.nextAction(of: prospect) ?? .distantFuture)
        case .input, .fact, .refused, .tombstone, .unknownType, .tick, .migration, .match, .activation, .intervention,
            .found, .command, .address, .destroyed:
            moveClock(tickingUntil: .distantFuture)
        }
    }

    private func moveClock(tickingUntil free: Instant) {
        guard let clock = pendingClock else { return }
        pendingClock = nil
        recorded.run(to: clock, tickingUntil: free, compare)
        candidate.run(to: clock, tickingUntil: free, tryOut)
    }

    // MARK: Decisions

    private func apply(_ input: Input, _ frame: Frame) throws {
        current = input.prospect
        if input.type == .contactErasureRequested { addressErasedAt = input.time }
        tally.count(input)
        var tried = input
        let isDetailed = recorded.policies.detailedTypes.contains(input.type)
        if let translation { tried.details = translation.translate(input.details, isDetailed: isDetailed) }
        if !isDetailed, candidate.policies.detailedTypes.contains(input.type) {
            tally.limits { $0.withoutDetails += 1 }
        }
        if asksForTenants, !recordsTenants { tried.tenant = try tenant(of: input, frame) }
        candidate.event(tried, tryOut)
        recorded.event(input, compare)
        currentRecord = input.details.record
        tally.note(currentRecord, of: input.prospect)
    }

    private func tenant(of input: Input, _ frame: Frame) throws -> ScopeKey {
        let record = input.details.record
        if record != .none, let bytes = try frame.personal(at: record.rawValue).bytes { return tenants.key(in: bytes) }
        if candidate.policies.named.contains(where: { candidate.policies[$0].policy.opensOn.contains(input.type) }) {
            tally.limits { $0.withoutTenant += 1 }
        }
        return .none
    }

    /// A fact of the journal.
    private func apply(_ fact: Fact, of prospect: ProspectKey) {
        tally.apply(fact, of: prospect, .recorded)
        if case .opened = fact { tally.note(currentRecord, of: prospect) }
        if let reminder = Self.reminder(fact, prospect) {
            check.recorded += 1
            match(reminder, 1)
        }
        if case .forgotten = fact { forget(prospect) }
    }

    /// What the recorded policies come to when they are decided again.
    private func compare(_ prospect: ProspectKey, _ facts: Facts) {
        for fact in facts { if let reminder = Self.reminder(fact, prospect) { match(reminder, -1) } }
    }

    private func tryOut(_ prospect: ProspectKey, _ facts: Facts) {
        var isForgotten = false
        for fact in facts {
            tally.apply(fact, of: prospect, .candidate)
            if case .forgotten = fact { isForgotten = true }
        }
        if isForgotten { forget(prospect) }
    }

    private func forget(_ prospect: ProspectKey) {
        if !recorded.knows(prospect), !candidate.knows(prospect) { tally.forget(prospect) }
    }

    private static func reminder(_ fact: Fact, _ prospect: ProspectKey) -> Reminder? {
        switch fact {
        case .reminderRequested(let journey, let step, _, _), .reminderFound(let journey, let step, _, _):
            Reminder(prospect: prospect, journey: journey, step: step)
        case .opened, .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .reminderSkipped, .held,
            .resumed, .converted, .cancelled, .superseded, .reentrySuppressed, .remembered, .optedOut, .optedIn,
            .erased, .addressErased, .expired, .forgotten, .lapsed, .migrated, .ignored:
            nil
        }
    }

    private func match(_ reminder: Reminder, _ difference: Int) {
        let count = unmatched[reminder, default: 0] + difference
        unmatched[reminder] = count == 0 ? nil : count
    }

    // MARK: Activations

    private func activate(_ text: String, at time: Instant) throws {
        let isFirst = recorded.policies.versions.isEmpty
        try recorded.activate(text, at: time)
        let active = try PolicyText(text: text)
        if isFirst {
            var proposed = active
            proposed.policies = policies.policies
            if let skew = policies.conversionSkew { proposed.settings.conversionSkew = skew }
            try candidate.activate(proposed.text, at: time)
        }
        if let identity = policies.identity, identity != active.identity {
            tally.limits { $0.hasOtherIdentity = true }
        }
        recordsTenants = active.policies.contains { !$0.tenants.isEmpty }
        // Only the fields that the newest policies use are read out of events.
        var recordedFields: [String: Int] = [:]
        for pointer in active.policies.flatMap(\.command.pointers) {
            recordedFields[pointer] = recorded.number(ofField: pointer)
        }
        let translation = FieldTranslation(to: candidate, recorded: recordedFields)
        tally.limits { $0.add(unknownFields: translation.unknownPointers) }
        self.translation = translation
        tally.learn(recorded.policies, .recorded)
        tally.learn(candidate.policies, .candidate)
    }

    /// The counts of everything that was read.
    func finish() -> BacktestResult {
        let missing = unmatched.values.reduce(0) { $0 + max(0, $1) }
        check.same = check.recorded - missing
        check.extra = unmatched.values.reduce(0) { $0 + max(0, -$1) }
        tally.check(check)
        return tally.finish()
    }
}
