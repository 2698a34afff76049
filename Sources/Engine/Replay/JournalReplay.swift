import Contract
import Journal
import Journey
import Records

/// Decides a shard's journal once more: from its inputs, ticks and activations, by the functions and in the order of the live
/// shard, and compares every decision with the facts, and every command with the digest, that the journal holds.
///
/// The state goes on from the journalled facts, so one difference does not make others. Which frames it is given is the
/// caller's choice: all from the first one on. One thread uses one.
public final class JournalReplay {
    /// What a replay has looked at.
    public struct Tally: Sendable, Equatable {
        public var frames = 0
        public var inputs = 0
        public var ticks = 0
        public var timers = 0
        public var facts = 0
        /// Commands whose bytes, made once more, have the journalled digest.
        public var sameCommands = 0
        /// Commands of people whose data has been destroyed: their digest stays, and nothing to make them from.
        public var destroyedCommands = 0
        /// Commands from before the journal had digests: made once more, and compared with a topic alone.
        public var undigestedCommands = 0

        /// Commands that were found in the topic when the journal was rebuilt: they were published before it began.
        public var foundCommands = 0

        /// All that were decided.
        public var commands: Int { sameCommands + destroyedCommands + undigestedCommands }
    }

    /// Something that the journal says otherwise than it is decided now.
    public struct Difference: Sendable, Equatable {
        /// The frame that says it.
        public var position: UInt64
        public var what: String
    }

    /// A command as it is decided now; the bytes are valid during the call.
    public struct Command {
        public var journey: JourneyReference
        /// From 1.
        public var step: Int
        public var emitted: Instant
        public var position: UInt64
        /// It was found in the topic when the journal was rebuilt, and nothing of it was decided.
        public var isFound = false
        /// What the journal says that was published; `nil` from before it had digests.
        public var journalled: CommandDigest?
        /// Made once more; `nil` where the data for it has been destroyed.
        public var key: UnsafeRawBufferPointer?
        public var value: UnsafeRawBufferPointer?
    }

    public private(set) var tally = Tally()
    public var clock: Instant { fold.clock }
    /// The first ones; `differenceCount` says how many there were.
    public private(set) var differences: [Difference] = []
    public private(set) var differenceCount = 0
    public static let maximumDifferences = 1000

    /// The journal's records may be of any of the topics that one may name.
    private static let topicCount = 256

    private let fold: ShardFold
    private var schedule = DueSchedule()
    private let hash: KeyedHash
    private let records: PersonalRecords
    private var commands: CommandBuilder
    private var outbox = Outbox()
    private let visit: (Command) throws -> Void
    private let maximumDuePerTick: Int

    /// The prospect in hand: what is decided of it now, and what the journal says.
    private struct Work {
        var cause = Cause.none
        var state = ProspectState()
        var place: BlobReference?
        var expected = Facts()
        var actual = Facts()
        var digests: ContiguousArray<CommandDigest> = []
    }

    enum Cause {
        case none
        case input(Input)
        case timer(ProspectKey)
        /// A timer before an event that a rebuilt journal reads once more.
        case backlog(ProspectKey)
        case migration(ProspectKey)
        case match(ProspectKey)
    }

    /// In memory of its own and handed on as `inout`, because a class's property is copied for every call that reads it.
    private let work = UnsafeMutablePointer<Work>.allocate(capacity: 1)
    private var scratch = ProspectState()
    private var position: UInt64 = 0
    /// The tick under way, and how many actions it has decided.
    private var ticking: (clock: Instant, decided: Int)?
    /// The clock that a frame begins under, where no tick before it had that one.
    private var passedClock: Instant?
    private var erasedAt = Instant.distantPast

    /// - Parameters:
    ///   - directory: the data directory; its key is what digests are compared under.
    ///   - commandSource: what commands name as their source.
    ///   - snapshot: what to go on from, where the frames before it are not at hand: what it says is taken for true.
    ///   - maximumDuePerTick: how many actions a tick may have decided while more were due; as the live shard if nil.
    ///   - visit: is shown every command.
    public init(
        _ directory: DataDirectory, partition: Int32, commandSource: String,
        from snapshot: SnapshotFile.Candidate? = nil, maximumDuePerTick: Int? = nil,
        visit: @escaping (Command) throws -> Void = { _ in }
    ) throws {
        fold =
            try snapshot.map { try StateSnapshot.load($0, directory, topicCount: Self.topicCount) }
            ?? ShardFold(key: directory.key, topicCount: Self.topicCount)
        work.initialize(to: Work())
        hash = KeyedHash(key: directory.key)
        records = try PersonalRecords(
            directory: directory.shardPath(partition), fileSystem: directory.fileSystem)
        commands = CommandBuilder(source: commandSource, digest: PublicDigest())
        self.maximumDuePerTick = maximumDuePerTick ?? ShardSettings.maximumDuePerTick
        self.visit = visit
    }

    deinit {
        work.deinitialize(count: 1)
        work.deallocate()
    }

    /// Decides the next frame's records once more.
    ///
    /// - Throws: `RecordError` on bytes that no writer of ours wrote, `JournalError` on damage, and what `visit` throws.
    public func replay(_ frame: Frame) throws {
        position = frame.position
        tally.frames += 1
        var reader = try RecordReader(frame.body, position: frame.position)
        var ahead = ProspectsAhead(try RecordReader(frame.body, position: frame.position))
        if reader.clock > fold.clock {
            try endTick()
            fold.clock = reader.clock
            schedule.beginTick()
            passedClock = reader.clock
        }
        while let record = try reader.next() {
            switch record {
            case .fact(let fact):
                tally.facts += 1
                work.pointee.actual.append(fact)
            case .command(let digest): work.pointee.digests.append(digest)
            case .address: continue
            default:
                try close(before: record)
                if record.namesProspect { ahead.read(for: &fold.prospects) }
                try begin(record)
            }
        }
        try close()
    }

    /// To be called once, behind the last frame.
    public func finish() throws { try endTick() }

    // MARK: Causes

    private func begin(_ record: Record) throws {
        try pass(before: record)
        switch record {
        case .input(let input):
            try endTick()
            try begin(input)
        case .timer(let prospect): try beginTimer(prospect)
        case .migration(let prospect):
            try endTick()
            begin(.migration(prospect), prospect)
            fold.policies.decideMigration(work.pointee.state, into: &work.pointee.expected)
        case .match(let prospect):
            begin(.match(prospect), prospect)
            fold.policies.decideErasure(work.pointee.state, at: erasedAt, into: &work.pointee.expected)
        case .tick(let clock):
            try endTick()
            tally.ticks += 1
            fold.clock = clock
            schedule.beginTick()
            ticking = (clock, 0)
        case .refused(let place, _), .tombstone(let place), .unknownType(let place):
            try endTick()
            advance(place.topic, place.offset)
        case .activation(let time, let text):
            try endTick()
            try fold.activate(
                ShardFold.Activation(time: time, text: String(decoding: text, as: UTF8.self)))
        case .intervention(let intervention, let time): fold.intervene(intervention, at: time)
        case .found(let reminder): fold.note(reminder)
        case .destroyed, .fact, .command, .address: break
        }
    }

    private func begin(_ cause: Cause, _ prospect: ProspectKey) {
        work.pointee.cause = cause
        work.pointee.place = fold.prospects.load(prospect, into: &work.pointee.state)
        work.pointee.expected.removeAll(keepingCapacity: true)
    }

    private func begin(_ input: Input) throws {
        tally.inputs += 1
        advance(input.topic, input.offset)
        if fold.policies.readsAgain(at: fold.clock) {
            // What lay behind the prospect has been decided by now, so nothing of it is left.
            begin(.none, input.prospect)
            fold.policies.decideBacklog(work.pointee.state, at: input.time, into: &work.pointee.expected)
            if let left = work.pointee.expected.first {
                report("the event at \(place(input)) was decided before \(words(left))")
            }
        }
        begin(.input(input), input.prospect)
        fold.policies.decide(work.pointee.state, input, at: fold.clock, into: &work.pointee.expected)
    }

    private func beginTimer(_ prospect: ProspectKey) throws {
        tally.timers += 1
        guard let clock = ticking?.clock else {
            begin(.backlog(prospect), prospect)
            return
        }
        guard let action = try nextDue(at: clock) else {
            report("a timer was decided of which nothing was due at \(clock.text)")
            begin(.timer(prospect), prospect)
            return
        }
        if action.prospect != prospect {
            report("at \(clock.text) another timer was decided than the one that came first by (due time, journey)")
        }
        begin(.timer(action.prospect), action.prospect)
        fold.policies.decideDue(work.pointee.state, action.journey, at: clock, into: &work.pointee.expected)
        ticking?.decided += 1
    }

    /// The next action of which there is anything to decide.
    private func nextDue(at clock: Instant) throws -> DueActions.Action? {
        while schedule.hasNext(of: fold, upTo: clock, limit: maximumDuePerTick, using: &scratch),
            let action = schedule.next()
        {
            guard fold.prospects.load(action.prospect, into: &scratch) != nil else { continue }
            work.pointee.expected.removeAll(keepingCapacity: true)
            fold.policies.decideDue(scratch, action.journey, at: clock, into: &work.pointee.expected)
            if !work.pointee.expected.isEmpty { return action }
        }
        return nil
    }

    /// Behind a tick's last timer nothing else is due, unless the tick has decided as many as one may.
    private func endTick() throws {
        guard let tick = ticking else { return }
        ticking = nil
        if tick.decided < maximumDuePerTick { try requireNothingDue(at: tick.clock, "a tick") }
    }

    /// A frame that begins under a later clock follows ticks that decided nothing, unless it begins with that tick itself.
    private func pass(before record: Record) throws {
        guard let clock = passedClock else { return }
        passedClock = nil
        if case .tick(clock) = record { return }
        try requireNothingDue(at: clock, "the clock")
    }

    private func requireNothingDue(at clock: Instant, _ what: String) throws {
        while let action = try nextDue(at: clock) {
            report("\(what) passed \(clock.text) and did not decide what was due at \(action.due.text)")
        }
    }

    private func advance(_ topic: UInt8, _ offset: Int64) {
        if offset < fold.nextOffsets[Int(topic)] { report("offset \(offset) of topic \(topic) was folded twice") }
        fold.advance(topic: topic, past: offset)
    }

    // MARK: Comparing

    /// - Parameter next: the record that ends it.
    private func close(before next: Record? = nil) throws {
        defer {
            work.pointee.cause = .none
            work.pointee.actual.removeAll(keepingCapacity: true)
            work.pointee.digests.removeAll(keepingCapacity: true)
        }
        let prospect: ProspectKey
        switch work.pointee.cause {
        case .none: return
        case .input(let input):
            prospect = input.prospect
            if !work.pointee.actual.elementsEqual(work.pointee.expected),
                !CompletedDetails(input, work.pointee.state).explain(
                    work.pointee.actual, instead: work.pointee.expected)
            {
                report("of the event at \(place(input)) \(otherwise)")
            }
            if input.type == .contactErasureRequested { erasedAt = input.time }
        case .timer(let key):
            prospect = key
            if !work.pointee.actual.elementsEqual(work.pointee.expected) {
                report("of a timer at \(fold.clock.text) \(otherwise)")
            }
            try compareCommands(key)
        case .backlog(let key):
            prospect = key
            guard case .input(let input)? = next, input.prospect == key else {
                report("a timer was decided outside of a tick")
                break
            }
            fold.policies.decideBacklog(work.pointee.state, at: input.time, into: &work.pointee.expected)
            if !work.pointee.actual.elementsEqual(work.pointee.expected) {
                report("of what lay before the event at \(place(input)) \(otherwise)")
            }
        case .migration(let key), .match(let key):
            prospect = key
            if !work.pointee.actual.elementsEqual(work.pointee.expected) { report("of a prospect \(otherwise)") }
        }
        evolve(prospect)
    }

    private func evolve(_ prospect: ProspectKey) {
        var isChanged = false
        for fact in work.pointee.actual where fact.changesState {
            fold.policies.evolve(&work.pointee.state, fact)
            if case .addressErased(let at) = fact { fold.erasedAddresses.erase(prospect, at: at) }
            isChanged = true
        }
        guard isChanged else { return }
        fold.prospects.store(
            prospect, work.pointee.state, at: work.pointee.place,
            nextAction: fold.policies.nextAction(work.pointee.state))
    }

    /// Makes the commands of the requested reminders once more, from the state before them, as they were made.
    private func compareCommands(_ prospect: ProspectKey) throws {
        var index = 0
        for fact in work.pointee.actual {
            if case .reminderFound(let reference, let step, _, let emitted) = fact {
                tally.foundCommands += 1
                try visit(
                    Command(
                        journey: reference, step: Int(step) + 1, emitted: emitted, position: position, isFound: true))
            }
            guard case .reminderRequested(let reference, let step, let due, let emitted) = fact,
                let journey = work.pointee.state.journeys.first(where: { $0.reference == reference })
            else { continue }
            let digest = index < work.pointee.digests.count ? work.pointee.digests[index] : nil
            index += 1
            let request = CommandBuilder.Request(
                prospect: prospect, journey: journey, contact: work.pointee.state.contact.record, step: Int(step),
                due: due,
                emitted: emitted)
            try compare(request, digest)
        }
    }

    private func compare(_ request: CommandBuilder.Request, _ digest: CommandDigest?) throws {
        var command = Command(
            journey: request.journey.reference, step: request.step + 1, emitted: request.emitted, position: position,
            journalled: digest)
        outbox.removeAll()
        do {
            try commands.build(
                request, fold.policies[request.journey.policy], keys: fold.keys, journal: records, into: &outbox)
        } catch let error as JournalError where error.code == .destroyed {
            tally.destroyedCommands += 1
            return try visit(command)
        }
        try outbox.withLast { key, value in
            (command.key, command.value) = (key, value)
            switch digest {
            case nil: tally.undigestedCommands += 1
            case hash.commandDigest(key: key, value: value): tally.sameCommands += 1
            case .some:
                report("step \(command.step) of a journey, emitted at \(request.emitted.text), was published otherwise")
            }
            try visit(command)
        }
    }

    // MARK: Words

    private func report(_ what: String) {
        differenceCount += 1
        guard differences.count < Self.maximumDifferences else { return }
        differences.append(Difference(position: position, what: what))
    }

    private func place(_ input: Input) -> String { "offset \(input.offset) of topic \(input.topic)" }

    private var otherwise: String {
        func list(_ facts: Facts) -> String { facts.isEmpty ? "nothing" : facts.map(words).joined(separator: ", ") }
        return "the journal says \(list(work.pointee.actual)), and decided is \(list(work.pointee.expected))"
    }

    private func words(_ fact: Fact) -> String { "\(fact)".prefix { $0 != "(" }.description }
}

extension Record {
    /// Whether what follows is decided of a prospect that it names.
    fileprivate var namesProspect: Bool {
        switch self {
        case .input, .timer, .migration, .match: true
        case .fact, .refused, .tombstone, .unknownType, .tick, .activation, .intervention, .found, .command, .address,
            .destroyed:
            false
        }
    }
}
