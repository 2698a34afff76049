/// What comes next of a journey if nothing happens until then.
public enum Outlook: Hashable, Sendable {
    /// The reminder of step `step` (from 0) is due; `skip` says why it would not be sent.
    case step(Int, due: Instant, skip: SkipReason?)
    /// No reminder comes any more.
    case nothing(JourneyState.Status)
}

extension PolicySet {
    /// Asks the decisions of the ticks to come, one after the other, until one is about a reminder.
    ///
    /// - Parameter clock: the first tick's.
    public func outlook(_ state: ProspectState, _ reference: JourneyReference, from clock: Instant) -> Outlook {
        var state = state
        var facts = Facts()
        var clock = clock
        while let journey = state.journeys.first(where: { $0.reference == reference }) {
            guard journey.status.isActive else { return .nothing(journey.status) }
            clock = max(clock, nextAction(journey))
            facts.clear()
            decideDue(state, reference, at: clock, into: &facts)
            if let step = Self.step(facts) { return step }
            // Each round ends a hold or the journey.
            for fact in facts { evolve(&state, fact) }
        }
        return .nothing(.expired)
    }

    /// The reminder that goes out; where none does, the one that is skipped last.
    private static func step(_ facts: Facts) -> Outlook? {
        var skipped: Outlook?
        for fact in facts {
            switch fact {
            case .reminderRequested(_, let step, let due, _): return .step(Int(step), due: due, skip: nil)
            case .reminderSkipped(_, let step, let due, let reason):
                skipped = .step(Int(step), due: due, skip: reason)
            case .opened, .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .reminderFound, .held,
                .resumed, .converted,
                .cancelled, .superseded, .reentrySuppressed, .remembered, .optedOut, .optedIn, .erased, .addressErased,
                .expired,
                .forgotten, .lapsed, .ignored, .migrated:
                continue
            }
        }
        return skipped
    }
}
