import Configuration
import Journal
import Journey
import Records

/// What a shard's journal says, in the oracle's words: its inputs, ticks and activations in their order, each with what was
/// decided of it.
struct JournalStory {
    enum Cause {
        /// An event or another message, by its offset.
        case message(offset: Int64, Model.Fate)
        case tick(Int64)
        case activation(at: Int64, text: String)
        /// Of whom the message at this offset is, too.
        case migration(offset: Int64)
    }

    struct Entry {
        var cause: Cause
        var decisions: [Model.Decision] = []
        /// How many actions a tick has decided that were due.
        var dueActions = 0
        /// Journeys of which nothing is left, and the first messages of those of whom something remembered is forgotten.
        var forgotten: [String] = []
        var lapsed: [Int64] = []
        /// Whether there is any fact at all.
        var hasFact = false
    }

    private(set) var entries: [Entry] = []
    /// Why frames can't be read; `nil` if all can.
    private(set) var damage: String?

    private var clock = Instant.distantPast
    private var policies = PolicySet()
    private var journeys: [JourneyReference: String] = [:]
    /// The first message of each prospect.
    private var prospects: [ProspectKey: Int64] = [:]
    private var offset: Int64?
    /// The first message of the prospect of whom something is due.
    private var due: Int64?
    /// The ids of events, by offset.
    private let names: [Int64: String]
    private let keys = Keys()

    /// Reads a journal to its end and verifies all of it.
    ///
    /// - Parameter names: the ids of the partition's events, by offset.
    init(of directory: String, on disk: any FileSystem, names: [Int64: String]) {
        self.names = names
        do {
            let reader = try JournalReader(directory: directory, fileSystem: disk, verification: .everything)
            while let frame = try reader.next() { try read(frame) }
        } catch {
            damage = "\(error)"
        }
    }

    private mutating func read(_ frame: Frame) throws {
        var reader = try RecordReader(frame.body, position: frame.position)
        see(reader.clock)
        while let record = try reader.next() {
            switch record {
            case .input(let input):
                if prospects[input.prospect] == nil { prospects[input.prospect] = input.offset }
                begin(.message(offset: input.offset, .folded), input.offset)
            case .refused(let place, _): begin(.message(offset: place.offset, .refused), place.offset)
            case .tombstone(let place): begin(.message(offset: place.offset, .tombstone), place.offset)
            case .unknownType(let place): begin(.message(offset: place.offset, .unknownType), place.offset)
            case .tick(let clock): see(clock)
            case .timer(let prospect):
                entries[entries.count - 1].dueActions += 1
                due = prospects[prospect]
            case .match: break
            case .migration(let prospect): begin(.migration(offset: prospects[prospect] ?? -1), nil)
            case .activation(let at, let text):
                let text = String(decoding: text, as: UTF8.self)
                let decisions = try PolicyText(text: text)
                policies.activate(decisions.policies, decisions.settings, at: at, keys: keys)
                begin(.activation(at: at.milliseconds, text: text), nil)
            case .intervention, .found, .command, .address, .destroyed: break
            case .fact(let fact): append(fact)
            }
        }
    }

    /// What is decided from here on is decided under this clock.
    private mutating func see(_ clock: Instant) {
        guard clock > self.clock else { return }
        self.clock = clock
        begin(.tick(clock.milliseconds), nil)
    }

    private mutating func begin(_ cause: Cause, _ offset: Int64?) {
        entries.append(Entry(cause: cause))
        self.offset = offset
    }

    private mutating func append(_ fact: Fact) {
        guard !entries.isEmpty else { return }
        entries[entries.count - 1].hasFact = true
        switch fact {
        case .forgotten(let journey): entries[entries.count - 1].forgotten.append(journeys[journey] ?? "")
        case .lapsed: entries[entries.count - 1].lapsed.append(due ?? -1)
        default: break
        }
        guard let decision = decision(fact) else { return }
        entries[entries.count - 1].decisions.append(decision)
    }

    private func name(_ policy: PolicyIndex) -> String { policies[policy].policy.name }

    private mutating func decision(_ fact: Fact) -> Model.Decision? {
        func of(_ journey: JourneyReference, _ what: String) -> Model.Decision {
            Model.Decision(of: journeys[journey] ?? "a journey that never opened", what: what)
        }
        switch fact {
        case .opened(let opening):
            let name = "\(name(opening.policy)) of \(offset.flatMap { names[$0] } ?? "nothing")"
            journeys[opening.journey.reference] = name
            return of(opening.journey.reference, "opened at \(opening.at.milliseconds)")
        case .reminderRequested(let journey, let step, let due, let emitted):
            return of(journey, "step \(step + 1), due \(due.milliseconds), sent at \(emitted.milliseconds)")
        case .reminderSkipped(let journey, let step, let due, let reason):
            return of(journey, "step \(step + 1), due \(due.milliseconds), skipped: \(reason.name)")
        case .reminderFound(let journey, _, _, _): return of(journey, "found")
        case .resumed(let journey, _, .holdEnded): return of(journey, "resumed")
        case .converted(let journey, _, _): return of(journey, "converted")
        case .cancelled(let journey, _): return of(journey, "cancelled")
        case .superseded(let journey, _): return of(journey, "superseded")
        case .reentrySuppressed(let journey): return of(journey, "its window keeps another from opening")
        case .expired(let journey): return of(journey, "expired")
        case .migrated(let journey, _): return of(journey, "migrated")
        case .optedOut: return Model.Decision(of: "person", what: "opted out")
        case .optedIn: return Model.Decision(of: "person", what: "opted in")
        case .erased, .addressErased: return Model.Decision(of: "person", what: "erased")
        case .ignored(let reason, let policy?):
            return Model.Decision(of: name(policy), what: "does not open: \(reason.name)")
        case .ignored(_, nil), .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .held,
            .resumed(_, _, .paymentFailed), .remembered, .forgotten, .lapsed:
            return nil
        }
    }
}

/// Only versions are asked for: no name needs a key.
private struct Keys: PolicyKeys {
    func identity(ofPolicy name: String) -> JourneyID { JourneyID(high: 0, low: 0) }
    func nameKey(_ name: String) -> UInt16 { 0 }
    func tenantKey(_ tenant: String) -> ScopeKey { .none }
    func productKey(_ product: String) -> ScopeKey { .none }
    func fieldNumber(_ pointer: String) -> UInt64 { 0 }
}
