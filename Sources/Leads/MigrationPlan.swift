import Configuration
import Engine
import Journal
import Journey

/// What activating a configuration would change in a data directory, and what `--migrate` would do to the journeys that wait:
/// read beside a running engine or without one, and computed by the functions that will decide it.
///
/// It holds what the engine itself holds of prospects, and goes over them as often as it is asked.
public struct MigrationPlan {
    public let comparison: PolicyComparison
    private let shards: [Shard]
    private let now: Instant

    private struct Shard {
        var state: JournalState
        /// The policies once the configuration is activated.
        var policies: PolicySet
    }

    /// - Parameters:
    ///   - path: the data directory. Throws `JournalError` where there is none.
    ///   - now: the wall clock: what is due before it goes out at once.
    public init(path: String, proposed text: PolicyText, now: Instant, fileSystem: any FileSystem) throws {
        let directory = try DataDirectory.openForReading(path, fileSystem: fileSystem)
        let status = try? EngineStatus.read(from: path)
        var shards: [Shard] = []
        var active: PolicyText?
        for partition in try directory.shards() {
            let confirmed = status?.partitions.first { $0.partition == partition }?.confirmedPosition ?? 0
            let state = try JournalState(directory, partition: partition, confirmedPosition: confirmed)
            active = try active ?? state.activePolicies()
            guard let policies = state.policies(activating: text, at: now) else { throw EngineError.tooManyFields }
            shards.append(Shard(state: state, policies: policies))
        }
        self.shards = shards
        self.now = now
        comparison = PolicyComparison(old: active, new: text)
    }

    /// Of each policy that has any: how many journeys wait under an older version, by what the change means for them.
    public func counts() -> [String: [MigratingJourney.Effect: Int]] {
        var counts: [String: [MigratingJourney.Effect: Int]] = [:]
        for shard in shards {
            shard.state.visitProspects { _, prospect, _ in
                for journey in prospect.journeys {
                    guard let change = change(shard, prospect, journey) else { continue }
                    counts[shard.policies[journey.policy].policy.name, default: [:]][change.effect, default: 0] += 1
                }
            }
        }
        return counts
    }

    /// Every journey that waits under an older version of one of the policies, in no order that means anything.
    public func visit(
        policies wanted: Set<String> = [], _ body: (MigratingJourney) throws -> Void
    ) throws {
        for shard in shards {
            try shard.state.visitProspects { _, prospect, isPending in
                for journey in prospect.journeys {
                    let name = shard.policies[journey.policy].policy.name
                    guard wanted.isEmpty || wanted.contains(name),
                        let change = change(shard, prospect, journey)
                    else { continue }
                    try body(
                        MigratingJourney(
                            person: try shard.state.person(prospect, journey), policy: name,
                            openedAt: journey.openedAt, change: change, partition: shard.state.partition,
                            isPending: isPending))
                }
            }
        }
    }

    private func change(
        _ shard: Shard, _ prospect: ProspectState, _ journey: JourneyState
    ) -> MigratingJourney.Change? {
        let policies = shard.policies
        let migration = policies.migration(of: journey)
        if migration == .none { return nil }
        let clock = max(now, shard.state.clock)
        let old = side(policies, prospect, journey, at: clock)
        guard case .moves(let version) = migration else {
            return MigratingJourney.Change(old: old, new: old, effect: .staysForScope)
        }
        var moved = prospect
        var facts = Facts()
        policies.decideMigration(prospect, into: &facts)
        for fact in facts { policies.evolve(&moved, fact) }
        guard
            var new = moved.journeys.first(where: { $0.reference == journey.reference }).map({
                side(policies, moved, $0, at: clock)
            })
        else { return nil }
        new.version = policies[version].number
        return MigratingJourney.Change(
            old: old, new: new, effect: MigratingJourney.Effect(from: old.outlook, to: new.outlook, at: clock))
    }

    private func side(
        _ policies: PolicySet, _ prospect: ProspectState, _ journey: JourneyState, at clock: Instant
    ) -> MigratingJourney.Side {
        let version = policies[journey.policy]
        let outlook = policies.outlook(prospect, journey.reference, from: clock)
        var template: String?
        if case .step(let step, _, _) = outlook { template = version.policy.steps[step].template }
        return MigratingJourney.Side(
            version: version.number, steps: version.policy.steps.count, outlook: outlook, template: template)
    }
}

/// A journey that waits under an older version of its policy: what comes next, as it is and after a migration.
public struct MigratingJourney: Sendable {
    /// `nil` where the data has been destroyed.
    public var person: JournalState.Person?
    public var policy: String
    public var openedAt: Instant
    public var change: Change
    public var partition: Int32
    /// Something about the person is in the journal, but its commit is not known to have succeeded yet.
    public var isPending: Bool

    public struct Change: Sendable, Equatable {
        public var old: Side
        public var new: Side
        public var effect: Effect
    }

    public struct Side: Sendable, Equatable {
        /// 1 for the first version of the policy.
        public var version: Int
        public var steps: Int
        public var outlook: Outlook
        /// Of the step that comes next.
        public var template: String?
    }

    /// What a migration means for the next reminder.
    public enum Effect: Hashable, Sendable {
        /// It stays under its version: the newest one keeps journeys by something else.
        case staysForScope
        case same, earlier, later, atOnce
        /// There was none to come.
        case added
        case skipped(SkipReason)
        case noStepLeft
        /// A conversion that only the new version lists is known.
        case converted
        /// The new retention ends before the reminder is due.
        case expires

        init(from old: Outlook, to new: Outlook, at clock: Instant) {
            switch new {
            case .nothing(.finished): self = .noStepLeft
            case .nothing(.converted): self = .converted
            case .nothing: self = .expires
            case .step(_, _, let skip?): self = .skipped(skip)
            case .step(_, let due, nil):
                guard case .step(_, let dueBefore, _) = old else {
                    self = due <= clock ? .atOnce : .added
                    return
                }
                self = due <= clock ? .atOnce : due < dueBefore ? .earlier : due > dueBefore ? .later : .same
            }
        }

        public static let allCases: [Effect] =
            [.atOnce, .earlier, .later, .same, .added] + SkipReason.allCases.map { .skipped($0) }
            + [.noStepLeft, .expires, .converted, .staysForScope]

        public var name: String {
            switch self {
            case .staysForScope: "stays: scope changed"
            case .same: "same time"
            case .earlier: "earlier"
            case .later: "later"
            case .atOnce: "at once"
            case .added: "one more"
            case .skipped(let reason): "skipped: \(reason.name)"
            case .noStepLeft: "no step left"
            case .converted: "ends: converted"
            case .expires: "ends: expires before"
            }
        }
    }
}
