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

    public internal(set) var tally = Tally()
    public var clock: Instant { fold.clock }
    /// The first ones; `differenceCount` says how many there were.
    public private(set) var differences: [Difference] = []
    public private(set) var differenceCount = 0
    public static let maximumDifferences = 1000

    /// The journal's records may be of any of the topics that one may name.
    private static let topicCount = 256

    let fold: ShardFold
    private var schedule = DueSchedule()
    let hash: KeyedHash
    let records: PersonalRecords
    var commands: CommandBuilder
    let outbox = Outbox()
    let visit: (Command) throws -> Void
    private let maximumDuePerTick: Int

    /// In memory of its own and handed on as `inout`, because a class's property is copied for every call that reads it.
    private let work = UnsafeMutablePointer<Work>.allocate(capacity: 1)
    var position: UInt64 = 0
    /// The tick under way, and how many actions it has decided.
    private var ticking: (clock: Instant, decided: Int)?
    /// The clock that a frame begins under, where no tick before it had that one.
    private var passedClock: Instant?
    var erasedAt = Instant.distantPast

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
        var records = RecordsAhead(try RecordReader(frame.body, position: frame.position))
        if records.clock > fold.clock {
            endTick(&work.pointee)
            fold.clock = records.clock
            schedule.beginTick()
            passedClock = records.clock
        }
        try replay(&records, &work.pointee)
    }

    private func replay(_ records: inout RecordsAhead, _ work: inout Work) throws {
        while let record = try records.next(for: &fold.prospects) {
            switch record.pointee {
            case .fact(let fact):
                tally.facts += 1
                work.actual.append(fact)
            case .command(let digest): work.digests.append(digest)
            case .address: continue
            default:
                try close(&work, before: record)
                try begin(record, &work)
            }
        }
        try close(&work)
    }

    /// To be called once, behind the last frame.
    public func finish() { endTick(&work.pointee) }

    // MARK: Causes

    private func begin(_ record: UnsafePointer<Record>, _ work: inout Work) throws {
        pass(before: record, &work)
        switch record.pointee {
        case .input(let input):
            endTick(&work)
            begin(input, &work)
        case .timer(let prospect): beginTimer(prospect, &work)
        case .migration(let prospect):
            endTick(&work)
            begin(.migration(prospect), prospect, &work)
            fold.policies.decideMigration(work.state, into: &work.expected)
        case .match(let prospect):
            begin(.match(prospect), prospect, &work)
            fold.policies.decideErasure(work.state, at: erasedAt, into: &work.expected)
        case .tick(let clock):
            endTick(&work)
            tally.ticks += 1
            fold.clock = clock
            schedule.beginTick()
            ticking = (clock, 0)
        case .refused(let place, _), .tombstone(let place), .unknownType(let place):
            endTick(&work)
            advance(place.topic, place.offset)
        case .activation(let time, let text):
            endTick(&work)
            try fold.activate(
                ShardFold.Activation(time: time, text: String(decoding: text, as: UTF8.self)))
        case .intervention(let intervention, let time): fold.intervene(intervention, at: time)
        case .found(let reminder): fold.note(reminder)
        case .destroyed, .fact, .command, .address: break
        }
    }

    private func begin(_ cause: Cause, _ prospect: ProspectKey, _ work: inout Work) {
        work.cause = cause
        work.place = fold.prospects.load(prospect, into: &work.state)
        work.expected.clear()
    }

    private func begin(_ input: Input, _ work: inout Work) {
        tally.inputs += 1
        advance(input.topic, input.offset)
        if fold.policies.readsAgain(at: fold.clock) {
            // What lay behind the prospect has been decided by now, so nothing of it is left.
            begin(.none, input.prospect, &work)
            fold.policies.decideBacklog(work.state, at: input.time, into: &work.expected)
            if let left = work.expected.first {
                report("the event at \(place(input)) was decided before \(words(left))")
            }
        }
        begin(.input(input), input.prospect, &work)
        fold.policies.decide(work.state, input, at: fold.clock, into: &work.expected)
    }

    private func beginTimer(_ prospect: ProspectKey, _ work: inout Work) {
        tally.timers += 1
        guard let clock = ticking?.clock else {
            begin(.backlog(prospect), prospect, &work)
            return
        }
        guard let action = nextDue(at: clock, &work) else {
            report("a timer was decided of which nothing was due at \(clock.text)")
            begin(.timer(prospect), prospect, &work)
            return
        }
        if action.prospect != prospect {
            report("at \(clock.text) another timer was decided than the one that came first by (due time, journey)")
        }
        work.cause = .timer(action.prospect)
        ticking?.decided += 1
    }

    /// The next action of which there is anything to decide. Its prospect and what is decided of it are then in `work`.
    private func nextDue(at clock: Instant, _ work: inout Work) -> DueActions.Action? {
        while schedule.hasNext(of: fold, upTo: clock, limit: maximumDuePerTick, using: &work.state),
            let action = schedule.next()
        {
            work.place = fold.prospects.load(action.prospect, into: &work.state)
            guard work.place != nil else { continue }
            work.expected.clear()
            fold.policies.decideDue(work.state, action.journey, at: clock, into: &work.expected)
            if !work.expected.isEmpty { return action }
        }
        return nil
    }

    /// Behind a tick's last timer nothing else is due, unless the tick has decided as many as one may.
    private func endTick(_ work: inout Work) {
        guard let tick = ticking else { return }
        ticking = nil
        if tick.decided < maximumDuePerTick { requireNothingDue(at: tick.clock, "a tick", &work) }
    }

    /// A frame that begins under a later clock follows ticks that decided nothing, unless it begins with that tick itself.
    private func pass(before record: UnsafePointer<Record>, _ work: inout Work) {
        guard let clock = passedClock else { return }
        passedClock = nil
        if case .tick(clock) = record.pointee { return }
        requireNothingDue(at: clock, "the clock", &work)
    }

    private func requireNothingDue(at clock: Instant, _ what: String, _ work: inout Work) {
        while let action = nextDue(at: clock, &work) {
            report("\(what) passed \(clock.text) and did not decide what was due at \(action.due.text)")
        }
    }

    private func advance(_ topic: UInt8, _ offset: Int64) {
        if offset < fold.nextOffsets[Int(topic)] { report("offset \(offset) of topic \(topic) was folded twice") }
        fold.advance(topic: topic, past: offset)
    }

    func report(_ what: String) {
        differenceCount += 1
        guard differences.count < Self.maximumDifferences else { return }
        differences.append(Difference(position: position, what: what))
    }

    func place(_ input: Input) -> String { "offset \(input.offset) of topic \(input.topic)" }

    func words(_ fact: Fact) -> String { "\(fact)".prefix { $0 != "(" }.description }
}
