import Configuration
import Journal
import Journey
import Records

/// What a shard's facts add up to: every prospect, the policies, the clock and the offsets.
///
/// The live shard, recovery and the snapshot maker all hold one. It changes by `apply` (a frame of the journal) or, live,
/// by the same steps one by one; both ways end in `PolicySet.evolve`.
final class ShardFold {
    var prospects: ProspectStore
    private(set) var policies = PolicySet()
    let keys: PolicyKeyTable
    /// Every activation so far, oldest first: what `policies` and `keys` were made from.
    private(set) var activations: [Activation] = []
    /// What operators decided with `winback recover`, oldest first.
    private(set) var interventions: [OperatorDecision] = []
    /// The newest time that an operator has confirmed; `distantPast` if none.
    private(set) var acceptedClock = Instant.distantPast
    /// The newest journalled clock; `distantPast` before the first tick.
    var clock = Instant.distantPast
    /// Per event topic: the offset after the last one that was folded; -1 before the first.
    var nextOffsets: [Int64]
    var erasedAddresses = ErasedAddresses()
    /// Events and other messages, and facts, of the frames that were applied.
    private(set) var applied = (messages: 0, facts: 0)
    var destructions = PendingDestructions()
    /// The newest event that was applied, and the hash of its address: what an erasure goes on from in the frame behind it.
    private var lastEvent = (place: MessagePlace(topic: 0, offset: -1, time: .distantPast), address: UInt64(0))
    /// Journeys from which a reminder may still come.
    var activeJourneys = 0

    /// In memory of its own, because a class's property would be copied for every call that reads it.
    private let state = UnsafeMutablePointer<ProspectState>.allocate(capacity: 1)

    struct Activation: Equatable {
        var time: Instant
        /// The configuration's canonical text: policies and the settings that decisions read.
        var text: String
    }

    struct OperatorDecision: Equatable {
        var intervention: Intervention
        var time: Instant
    }

    init(key: [UInt8], topicCount: Int) {
        prospects = ProspectStore()
        keys = PolicyKeyTable(key: key)
        nextOffsets = Array(repeating: -1, count: topicCount)
        state.initialize(to: ProspectState())
    }

    /// From a snapshot: its prospects, and the activations from which the policies follow.
    init(
        key: [UInt8], prospects: consuming ProspectStore, activations: [Activation], clock: Instant,
        nextOffsets: [Int64]
    )
        throws
    {
        self.prospects = prospects
        keys = PolicyKeyTable(key: key)
        self.clock = clock
        self.nextOffsets = nextOffsets
        state.initialize(to: ProspectState())
        for activation in activations { try activate(activation) }
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    func activate(_ activation: Activation) throws {
        let decisions = try PolicyText(text: activation.text)
        keys.register(decisions.policies)
        policies.activate(decisions.policies, decisions.settings, at: activation.time, keys: keys)
        activations.append(activation)
    }

    func intervene(_ intervention: Intervention, at time: Instant) {
        interventions.append(OperatorDecision(intervention: intervention, time: time))
        policies.intervene(intervention, at: time)
        if intervention == .clockAccepted { acceptedClock = max(acceptedClock, time) }
    }

    /// A command that was found when the journal was rebuilt.
    func note(_ reminder: FoundReminder) { policies.note(reminder) }

    /// Applies a frame's facts. Throws on bytes that no writer of ours wrote.
    func apply(_ body: UnsafeRawBufferPointer, framePosition: UInt64) throws {
        var records = RecordsAhead(try RecordReader(body, position: framePosition))
        clock = max(clock, records.clock)
        try apply(&records, framePosition, &state.pointee)
    }

    private func apply(_ records: inout RecordsAhead, _ framePosition: UInt64, _ state: inout ProspectState) throws {
        var (messages, facts) = (0, 0)
        var current: ProspectKey?
        var (event, address) = lastEvent
        defer { lastEvent = (event, address) }
        // Of the frame's records, those of what has been read so far.
        var newest = framePosition
        var place: BlobReference?
        var isLoaded = false
        var isChanged = false
        func finish() {
            if isChanged, let current {
                activeJourneys += state.activeJourneys
                prospects.store(current, state, at: place, nextAction: policies.nextAction(state))
            }
            current = nil
            isLoaded = false
            isChanged = false
        }
        while let record = try records.next(for: &prospects) {
            switch record.pointee {
            case .input(let input):
                messages += 1
                finish()
                current = input.prospect
                event = MessagePlace(topic: input.topic, offset: input.offset, time: input.time)
                address = 0
                newest = max(newest, input.details.record.rawValue)
                advance(topic: input.topic, past: input.offset)
            case .timer(let prospect), .migration(let prospect), .match(let prospect):
                finish()
                current = prospect
            case .fact(let fact):
                facts += 1
                newest = max(newest, fact.record.rawValue)
                guard fact.changesState, let prospect = current else { continue }
                if !isLoaded {
                    place = prospects.load(prospect, into: &state)
                    activeJourneys -= state.activeJourneys
                    isLoaded = true
                }
                policies.evolve(&state, fact)
                if case .addressErased(let at) = fact { erasedAddresses.erase(prospect, at: at) }
                if fact.destroysRecords {
                    destructions.note(
                        fact, of: prospect, leaving: state, event: event, address: address,
                        frame: framePosition, newest: newest)
                }
                isChanged = true
            case .refused(let place, _), .tombstone(let place), .unknownType(let place):
                messages += 1
                finish()
                advance(topic: place.topic, past: place.offset)
            case .tick(let clock):
                finish()
                self.clock = clock
            case .activation(let time, let text):
                finish()
                try activate(Activation(time: time, text: String(decoding: text, as: UTF8.self)))
            case .intervention(let intervention, let time):
                finish()
                intervene(intervention, at: time)
            case .found(let reminder):
                finish()
                note(reminder)
            case .address(let hash): address = hash
            case .command: continue
            case .destroyed(let prospect, let before, let at):
                finish()
                destructions.settle(prospect, before: before, at: at)
            }
        }
        finish()
        applied.facts += facts
        applied.messages += messages
    }

    /// Every prospect of whom anything is known. Swift 6.0 cannot compile a closure over the table in another class.
    func visitProspects(_ body: (ProspectKey, ProspectState) throws -> Void) rethrows { try prospects.visitAll(body) }

    /// When the earliest timer of all is due; `distantFuture` if none is. Looks at every prospect.
    func earliestAction() -> Instant {
        let policies = policies
        var earliest = Instant.distantFuture
        prospects.visitAll { _, state in earliest = min(earliest, policies.nextAction(state) ?? .distantFuture) }
        return earliest
    }

    func advance(topic: UInt8, past offset: Int64) { nextOffsets[Int(topic)] = offset + 1 }
}

extension ProspectState {
    var activeJourneys: Int {
        var count = 0
        for index in journeys.indices where journeys[index].status.isActive { count += 1 }
        return count
    }
}

extension Fact {
    /// Whether `evolve` does anything with it.
    var changesState: Bool {
        switch self {
        case .ignored, .reentrySuppressed: false
        case .opened, .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .reminderRequested,
            .reminderSkipped, .reminderFound, .held, .resumed, .converted, .cancelled, .superseded, .remembered,
            .optedOut, .optedIn,
            .erased, .addressErased, .expired, .forgotten, .lapsed, .migrated:
            true
        }
    }
}
