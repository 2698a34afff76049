import Engine
import Journal
import Journey
import Records

/// Everything that a journal says of one prospect, in the order in which it became known and was decided.
public struct ProspectHistory {
    /// An event, a timer or an operator's act, and the facts that were decided from it.
    public struct Entry: Sendable {
        public var cause: Cause
        /// Where the frame that holds it begins in the journal.
        public var position: UInt64
        /// The partition's clock at the time; `distantPast` before its first tick.
        public var clock: Instant
        /// Whether its commit is not known to have succeeded.
        public var isPending: Bool
        public var facts: [Fact] = []
        /// Of the reminders that were requested, in their order; older journals have none.
        public var commands: [CommandDigest] = []
        /// What was known before.
        public var before: ProspectState
        /// The policies as they were.
        public var policies: PolicySet
        /// What the event said of the person.
        public var data: Data
    }

    public enum Cause: Sendable, Equatable {
        case event(Input)
        case timer
        /// An operator moved waiting journeys to the newest versions of their policies.
        case migration
        /// Someone with the same address asked for erasure.
        case erasureByAddress
        /// The personal records from before a position were destroyed.
        case destruction(before: RecordPosition, at: Instant)
    }

    public enum Data: Sendable, Equatable {
        /// Nothing was kept of it.
        case none
        case kept(PersonalData)
        /// It was kept, and has been destroyed or is not to be shown any more.
        case erased
    }

    public var partition: Int32
    public var prospect: ProspectKey
    public var entries: [Entry] = []
    /// What is known at the end.
    public var state = ProspectState()
    /// The policies and the numbers of fields at the end.
    public var policies: PolicyHistory
    /// The newest clock that the journal tells, or the instant up to which was read.
    public var clock = Instant.distantPast
    /// Whether any data of the person has been destroyed or may not be shown any more.
    public var isErased = false
    /// How many entries were left out because their commits are not known to have succeeded.
    public var pendingEntries = 0

    /// The newest data of the person that still exists.
    public var person: PersonalData? {
        for entry in entries.reversed() {
            if case .kept(let data) = entry.data { return data }
        }
        return nil
    }
}

extension ProspectHistory.Entry {
    /// When it happened, as far as the journal can tell: not before the event's own time, nor before the clock's.
    public var time: Instant {
        switch cause {
        case .event(let input): max(clock, input.time)
        case .timer, .migration, .erasureByAddress: clock
        case .destruction(_, let at): max(clock, at)
        }
    }

    public var input: Input? {
        if case .event(let input) = cause { input } else { nil }
    }

    /// What is known after it.
    public var after: ProspectState {
        var state = before
        for fact in facts { policies.evolve(&state, fact) }
        return state
    }

    public func version(_ index: PolicyIndex) -> PolicyVersion { policies[index] }
}
