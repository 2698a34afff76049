import Contract
import Journal
import Journey
import Records

/// One partition of all event topics, live: its journal, its state, its clock, and what it adds to the next commit.
///
/// A frame is begun with the first record after a seal and sealed (written, not yet synced) by the worker before each
/// commit, or when it has grown large. One thread owns a shard.
final class Shard {
    let partition: Int32
    let journal: ShardJournal
    let fold: ShardFold
    var clock: PartitionClock
    private(set) var due = DueActions()
    private(set) var counters = ShardCounters()

    private let settings: ShardSettings
    private var hash: KeyedHash
    private var writer = RecordWriter()
    private var isFrameOpen = false
    private var recordedClock = Instant.distantPast
    /// Frames that were sealed since the last commit, and so wait for it.
    private(set) var hasSealedFrames = false
    /// The prospect in hand. In memory of its own, because a class's property would be copied for every call that reads it.
    private let state = UnsafeMutablePointer<ProspectState>.allocate(capacity: 1)
    private var facts = Facts()
    private var taken: ContiguousArray<BlobReference> = []
    private var merged = PersonalRecord.Writer()
    private var commands: CommandBuilder
    private(set) var fieldSlots: ContiguousArray<FieldSlot> = []
    private let decoderFields: [String]

    init(
        partition: Int32, journal: ShardJournal, fold: ShardFold, settings: ShardSettings, decoderFields: [String]
    ) {
        self.partition = partition
        self.journal = journal
        self.fold = fold
        self.settings = settings
        hash = settings.hash
        self.decoderFields = decoderFields
        state.initialize(to: ProspectState())
        clock = PartitionClock(now: fold.clock, positions: fold.nextOffsets, settings: settings.clock)
        commands = CommandBuilder(source: settings.commandSource)
        recordedClock = fold.clock
        refreshFieldSlots()
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Whether anything has been folded since the last commit.
    var isDirty: Bool { isFrameOpen || hasSealedFrames }

    /// The journal position up to which the frame being built reaches, roughly: decides when it is sealed early.
    var frameBytes: Int { isFrameOpen ? journal.body.count : 0 }

    // MARK: Events

    /// Folds a decoded and normalised event. `seed` is called only if the event opens a journey.
    func fold(_ input: Input, record: borrowing PersonalRecord.Writer, seed: () -> JourneyID) throws {
        try openFrame()
        var input = input
        let place = fold.prospects.load(input.prospect, into: &state.pointee)
        decide(input)
        let uses = recordUse(input)
        if uses != .none {
            if uses == .opens { input.seed = seed() }
            input.details.record = append(record)
            decide(input)
            try completeDetails(record, input)
        } else {
            input.details.record = .none
        }
        if input.address == .unusable { counters.unusableAddresses += 1 }
        writer.input(input, to: &journal.body)
        write(facts, place, input.prospect)
        passed(input.topic, input.offset)
    }

    /// A message that is no event for the fold.
    enum Passed {
        case tombstone, unknownType
        /// It went to the dead-letter topic.
        case refused(reason: UInt8)
    }

    /// Keeps where the message was and why it was passed.
    func pass(_ place: MessagePlace, _ why: Passed) throws {
        try openFrame()
        switch why {
        case .tombstone: writer.tombstone(place, to: &journal.body)
        case .unknownType: writer.unknownType(place, to: &journal.body)
        case .refused(let reason):
            writer.refused(place, reason: reason, to: &journal.body)
            counters.deadLetters += 1
        }
        passed(place.topic, place.offset)
    }

    private func passed(_ topic: UInt8, _ offset: Int64) {
        fold.advance(topic: topic, past: offset)
        clock.advance(topic: Int(topic), to: offset + 1)
        counters.events += 1
    }

    private func decide(_ input: Input) {
        facts.removeAll(keepingCapacity: true)
        fold.policies.decide(state.pointee, input, at: fold.clock, into: &facts)
    }

    private enum RecordUse { case none, refers, opens }

    /// What is said again needs no record: the facts refer to the one that is there.
    private func recordUse(_ input: Input) -> RecordUse {
        var use = RecordUse.none
        for fact in facts {
            switch fact {
            case .opened: return .opens
            case .detailsRefreshed(_, let details, _) where !details.isNone: use = .refers
            case .contactRefreshed(let record, _) where record == input.details.record: use = .refers
            default: continue
            }
        }
        return use
    }

    private func append(_ record: borrowing PersonalRecord.Writer) -> RecordPosition {
        RecordPosition(rawValue: journal.appendPersonal(record.bytes))
    }

    /// Details that lack what the journey already knew are completed from its record, so that an update of one field
    /// does not lose the others; details that bring nothing new after that only say that what is known is as new.
    private func completeDetails(_ record: borrowing PersonalRecord.Writer, _ input: Input) throws {
        var index = 0
        while index < facts.count {
            defer { index += 1 }
            guard case .detailsRefreshed(let reference, let details, let at) = facts[index], !details.isNone,
                let journey = state.pointee.journeys.first(where: { $0.reference == reference }),
                journey.details.record != .none, journey.details.fields & ~details.fields != 0
            else { continue }
            try journal.withPersonal(at: journey.details.record.rawValue) { old in
                PersonalRecord.merge(
                    new: PersonalRecord.View(bytes: record.bytes), old: PersonalRecord.View(bytes: old), into: &merged)
            }
            let mergedHash = hash.detailsHash(merged.details)
            if mergedHash == journey.details.hash {
                if at > journey.detailsAt {
                    facts[index] = .detailsRefreshed(reference, .none, at: at)
                } else {
                    facts.remove(at: index)
                    index -= 1
                }
                continue
            }
            let completed = Details(record: append(merged), hash: mergedHash, fields: merged.fields)
            facts[index] = .detailsRefreshed(reference, completed, at: at)
        }
        if facts.isEmpty { facts.append(.ignored(.nothingNew, nil)) }
    }

    private func write(_ facts: Facts, _ place: BlobReference?, _ prospect: ProspectKey) {
        var isChanged = false
        let active = state.pointee.activeJourneys
        for fact in facts {
            writer.fact(fact, to: &journal.body)
            counters.count(fact)
            guard fact.changesState else { continue }
            fold.policies.evolve(&state.pointee, fact)
            isChanged = true
        }
        if isChanged {
            fold.activeJourneys += state.pointee.activeJourneys - active
            fold.prospects.store(
                prospect, state.pointee, at: place, nextAction: fold.policies.nextAction(state.pointee))
        }
    }

    // MARK: Ticks

    /// Sets the clock on and decides what is due, at most `maximumDuePerTick` actions; what is left stays due.
    ///
    /// - Returns: how many actions were decided. With none nothing is journalled, and nothing needs a commit.
    func tick(_ tick: PartitionClock.Tick, into outbox: inout Outbox) throws -> Int {
        fold.clock = tick.clock
        let horizon = collectDue(upTo: tick.clock)
        // A frame that holds events already must say from where on they were decided under another clock.
        if due.isEmpty && !isFrameOpen { return 0 }
        try openFrame()
        writer.tick(clock: tick.clock, to: &journal.body)
        var decided = 0
        while decided < settings.maximumDuePerTick, let action = due.next(before: horizon) {
            if try decide(action, at: tick.clock, into: &outbox) { decided += 1 }
        }
        return decided
    }

    /// Takes prospects that may be due out of the timers, as many as one tick can decide.
    ///
    /// - Returns: the horizon: every action that is due before it is among `due`.
    private func collectDue(upTo clock: Instant) -> Instant {
        var horizon = Instant.distantPast
        while due.count < settings.maximumDuePerTick && horizon <= clock {
            taken.removeAll(keepingCapacity: true)
            horizon = fold.prospects.takeDue(upTo: clock, limit: settings.maximumDuePerTick, into: &taken)
            for place in taken {
                let prospect = fold.prospects.load(at: place, into: &state.pointee)
                guard let next = fold.policies.nextAction(state.pointee), next <= clock else {
                    fold.prospects.reschedule(place, nextAction: fold.policies.nextAction(state.pointee))
                    continue
                }
                // Its timer is this list now. An event that stores it meanwhile queues it again; then it is decided twice,
                // and the second time nothing is due.
                fold.prospects.reschedule(place, nextAction: nil)
                fold.policies.forEachDue(state.pointee, at: clock) { due, journey in
                    self.due.append(DueActions.Action(due: due, journey: journey, prospect: prospect))
                }
            }
        }
        return horizon
    }

    /// Journals the clock alone, so that the newest journalled tick is never older than a day.
    func recordClock() throws {
        try openFrame()
        writer.tick(clock: fold.clock, to: &journal.body)
    }

    /// Whether the newest journalled clock is older than the newest tick by at least `span`.
    func clockIsUnrecorded(for span: Span) -> Bool { fold.clock - recordedClock >= span }

    private func decide(_ action: DueActions.Action, at clock: Instant, into outbox: inout Outbox) throws -> Bool {
        guard let place = fold.prospects.load(action.prospect, into: &state.pointee) else { return false }
        facts.removeAll(keepingCapacity: true)
        fold.policies.decideDue(state.pointee, action.journey, at: clock, into: &facts)
        if facts.isEmpty { return false }
        for fact in facts {
            if case .reminderRequested(let reference, let step, let due, _) = fact {
                try command(action.prospect, reference, step, due, clock, into: &outbox)
            }
        }
        writer.timer(action.prospect, to: &journal.body)
        write(facts, place, action.prospect)
        return true
    }

    private func command(
        _ prospect: ProspectKey, _ reference: JourneyReference, _ step: UInt8, _ due: Instant, _ clock: Instant,
        into outbox: inout Outbox
    ) throws {
        guard let journey = state.pointee.journeys.first(where: { $0.reference == reference }) else { return }
        let request = CommandBuilder.Request(
            prospect: prospect, journey: journey, contact: state.pointee.contact.record, step: Int(step), due: due,
            emitted: clock)
        try commands.build(request, fold.policies[journey.policy], keys: fold.keys, journal: journal, into: &outbox)
    }

    // MARK: Frames

    func activate(_ activation: ShardFold.Activation) throws {
        try openFrame()
        var text = activation.text
        text.withUTF8 {
            writer.activation(at: activation.time, text: UnsafeRawBufferPointer($0), to: &journal.body)
        }
        try fold.activate(activation)
        refreshFieldSlots()
    }

    private func refreshFieldSlots() {
        fieldSlots = ContiguousArray(
            decoderFields.enumerated().compactMap { slot, pointer in
                fold.keys.number(ofField: pointer).map { FieldSlot(slot: slot, number: $0) }
            }.sorted { $0.number < $1.number })
    }

    private func openFrame() throws {
        if isFrameOpen { return }
        try journal.beginFrame()
        writer.begin(position: journal.head.position, clock: fold.clock, to: &journal.body)
        isFrameOpen = true
        recordedClock = fold.clock
    }

    /// Writes the frame being built. It is durable after `journal.sync()`, and has happened when its transaction has.
    func seal() throws {
        guard isFrameOpen else { return }
        writer.end(to: &journal.body)
        _ = try journal.appendFrame()
        isFrameOpen = false
        hasSealedFrames = true
    }

    /// The transaction that carried everything up to the journal's head has succeeded.
    func confirm() {
        precondition(!isFrameOpen, "a commit holds sealed frames only")
        journal.confirm(
            Confirmation(position: journal.head.position, hash: journal.head.hash, offset: fold.nextOffsets[0]))
        hasSealedFrames = false
    }
}

struct ShardSettings {
    var clock: PartitionClock.Settings
    /// One tick decides at most so many due actions, so that the normal traffic behind them does not wait long.
    var maximumDuePerTick = 100_000
    var hash: KeyedHash
    var commandSource: String
}
