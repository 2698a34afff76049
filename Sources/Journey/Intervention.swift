/// What an operator decided with `winback recover`: an input of the decisions that follow, as an event is.
public enum Intervention: UInt8, CaseIterable, Hashable, Sendable {
    /// Journeys that had opened by then get no more reminders: purchases may be among events that were lost.
    case withheld = 1
    /// Then the journal was begun anew, or what it lacked was read again, from events that had been decided before.
    case rebuilt = 2
    /// The wall clock is right, however far it is from the last tick.
    case clockAccepted = 3
    /// Commands that were emitted up to then may have been deleted from their topic before the journal was rebuilt.
    case unknown = 4
}

/// A command that the reminder topic held when the journal was rebuilt.
public struct FoundReminder: Hashable, Sendable {
    public var journey: JourneyReference
    /// From 0.
    public var step: UInt8
    public var emitted: Instant

    public init(journey: JourneyReference, step: UInt8, emitted: Instant) {
        self.journey = journey
        self.step = step
        self.emitted = emitted
    }
}

/// What interventions have left for decisions to look at.
struct Interventions: Sendable {
    private struct Found: Sendable {
        var step: UInt8
        var emitted: Instant
    }

    private(set) var withheldUpTo = Instant.distantPast
    /// Commands that were emitted later are all among those that were found.
    private(set) var unknownUpTo = Instant.distantPast
    private(set) var rebuiltAt = Instant.distantPast
    var isRebuilt: Bool { rebuiltAt > .distantPast }
    /// Of each journey, by ascending step.
    private var found: [JourneyReference: ContiguousArray<Found>] = [:]

    mutating func add(_ intervention: Intervention, at time: Instant) {
        switch intervention {
        case .withheld: withheldUpTo = max(withheldUpTo, time)
        case .rebuilt: rebuiltAt = max(rebuiltAt, time)
        case .unknown: unknownUpTo = max(unknownUpTo, time)
        case .clockAccepted: break
        }
    }

    mutating func add(_ reminder: FoundReminder) {
        let new = Found(step: reminder.step, emitted: reminder.emitted)
        let place = found[reminder.journey]?.firstIndex { $0.step >= new.step }
        if let place, found[reminder.journey]?[place].step == new.step { return }
        let steps = found[reminder.journey]?.count ?? 0
        found[reminder.journey, default: []].insert(new, at: place ?? steps)
    }

    func contains(_ journey: JourneyReference) -> Bool { isRebuilt && found[journey] != nil }

    /// The first of the journey's steps that are still to be decided and were found.
    func next(of journey: JourneyState) -> FoundReminder? {
        guard isRebuilt, let steps = found[journey.reference],
            let next = steps.first(where: { $0.step >= journey.nextStep })
        else { return nil }
        return FoundReminder(journey: journey.reference, step: next.step, emitted: next.emitted)
    }

    /// Those that were emitted at or after a time; an older one can keep no later opening from anything.
    func found(since time: Instant) -> [FoundReminder] {
        found.flatMap { journey, steps in
            steps.filter { $0.emitted >= time }.map {
                FoundReminder(journey: journey, step: $0.step, emitted: $0.emitted)
            }
        }
    }
}

extension PolicySet {
    /// Commands that were found and that a decision may still depend on at a clock.
    public func foundReminders(at clock: Instant) -> [FoundReminder] {
        interventions.found(since: clock == .distantPast ? .distantPast : clock - memory)
    }

    /// Whether the step may not be sent: an operator withheld it, or it may have been sent when nothing of it is left.
    func isWithheld(_ journey: JourneyState, step: Int, _ rules: Rules) -> Bool {
        journey.openedAt <= interventions.withheldUpTo
            || earliestEmission(journey, step: step, rules) <= interventions.unknownUpTo
    }

    /// Before then the step cannot have been emitted, whatever happened.
    private func earliestEmission(_ journey: JourneyState, step: Int, _ rules: Rules) -> Instant {
        var time = journey.openedAt
        var step = step
        while true {
            let rule = steps[rules.steps.lowerBound + step]
            time = time + rule.after
            guard rule.countsFromPrevious, step > 0 else { return time }
            step -= 1
        }
    }

    /// What certainly lies behind the prospect at `time`, as far as no command is to be published for it: what was found,
    /// and what became too late.
    ///
    /// A rebuilt journal reads years of events before its first tick. Without this, a journey of long ago would still wait
    /// when the event comes that opened the next one.
    public func decideBacklog(_ state: ProspectState, at time: Instant, into facts: inout Facts) {
        for var journey in state.journeys {
            while nextAction(journey) <= time {
                let fact = dueFact(state, journey, at: time)
                guard isBehind(fact, journey, at: time) else { break }
                facts.append(fact)
                if case .forgotten = fact { break }
                evolve(&journey, fact)
            }
        }
    }

    private func isBehind(_ fact: Fact, _ journey: JourneyState, at time: Instant) -> Bool {
        switch fact {
        case .reminderFound, .resumed, .expired, .forgotten: return true
        case .reminderSkipped(_, let step, let due, _):
            if let found = interventions.next(of: journey), found.emitted <= time { return true }
            return due + steps[rules(journey.policy).steps.lowerBound + Int(step)].maxLateness < time
        case .opened, .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .reminderRequested, .held,
            .converted, .cancelled, .superseded, .reentrySuppressed, .remembered, .optedOut, .optedIn, .erased,
            .addressErased, .lapsed,
            .migrated, .ignored:
            return false
        }
    }
}
