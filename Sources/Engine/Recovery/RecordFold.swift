import Journey
import Records

/// What a shard's journal adds up to, record by record, for audits that look between two of them. It ends in the same
/// `PolicySet.evolve` and the same table as the engine's own fold, and takes as much memory.
public final class RecordFold {
    public private(set) var history: PolicyHistory
    /// The newest clock so far; `distantPast` before the first tick.
    public private(set) var clock = Instant.distantPast
    /// Whom the records in hand are about; `nil` between people.
    public private(set) var prospect: ProspectKey?
    /// What was known of that prospect before the next record.
    public private(set) var state = ProspectState()

    private var prospects = ProspectStore()
    private var place: BlobReference?
    private var isChanged = false

    public var policies: PolicySet { history.policies }

    /// - Parameter key: the data directory's.
    public init(key: [UInt8]) { history = PolicyHistory(key: key) }

    /// A frame begins, whose inputs saw this clock.
    public func begin(clock: Instant) { self.clock = max(self.clock, clock) }

    public func apply(_ record: Record) throws {
        switch record {
        case .input(let input): load(input.prospect)
        case .timer(let prospect), .migration(let prospect), .match(let prospect): load(prospect)
        case .fact(let fact):
            guard prospect != nil, fact.changesState else { return }
            history.policies.evolve(&state, fact)
            isChanged = true
        case .tick(let clock):
            store()
            self.clock = clock
        case .activation, .intervention, .found:
            store()
            try history.apply(record)
        case .refused, .tombstone, .unknownType, .destroyed: store()
        case .command, .address: break
        }
    }

    /// Every prospect of whom anything is known.
    public func visitProspects(_ body: (ProspectKey, ProspectState) throws -> Void) rethrows {
        store()
        try prospects.visitAll(body)
    }

    private func load(_ key: ProspectKey) {
        store()
        place = prospects.load(key, into: &state)
        prospect = key
    }

    private func store() {
        if isChanged, let prospect {
            prospects.store(prospect, state, at: place, nextAction: nil)
        }
        prospect = nil
        isChanged = false
    }
}
