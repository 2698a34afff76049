/// When things are due. All of it follows from a state and the policies, so a timer needs no memory of its own.
extension PolicySet {
    /// When step `step` of the journey is due, if it is the next one.
    func due(_ journey: JourneyState, step: Int, _ rules: Rules) -> Instant {
        let rule = steps[rules.steps.lowerBound + step]
        return base(journey, rule, step: step, rules) + rule.after + journey.paused
    }

    /// The time from which the step's wait runs.
    func base(_ journey: JourneyState, _ rule: StepRule, step: Int, _ rules: Rules) -> Instant {
        if rule.countsFromPrevious && step > 0 { return journey.previousAt }
        return rules.anchor == .opened ? journey.openedAt : journey.activityAt
    }

    /// Whether activity moves the journey's next step.
    func activityMoves(_ journey: JourneyState, _ rules: Rules) -> Bool {
        guard rules.anchor == .lastActivity, Int(journey.nextStep) < rules.steps.count else { return false }
        return !countsFromPrevious(Int(journey.nextStep), rules)
    }

    func countsFromPrevious(_ step: Int, _ rules: Rules) -> Bool {
        step > 0 && step < rules.steps.count && steps[rules.steps.lowerBound + step].countsFromPrevious
    }

    /// From when no later event may depend on the journey's skeleton: when every opening inside its window, and every
    /// one that it would tell for a duplicate, is too old to open.
    func keptUntil(_ journey: JourneyState, _ rules: Rules) -> Instant {
        firstTooOld(max(journey.activityAt, journey.openedAt + (rules.reentryWindow ?? .zero)))
    }

    func keptUntil(_ memory: Memory) -> Instant { firstTooOld(memory.time) }

    /// The first clock at which every opening that `time` could still prevent is itself too old to open.
    private func firstTooOld(_ time: Instant) -> Instant {
        time + settings.conversionSkew + memory + Span(milliseconds: 1)
    }

    /// The journey's one timer: the time of its next action.
    public func nextAction(_ journey: JourneyState) -> Instant {
        let rules = rules(journey.policy)
        let retention = journey.openedAt + rules.retention
        switch journey.status {
        case .waiting:
            let next = min(due(journey, step: Int(journey.nextStep), rules), retention)
            guard let found = interventions.next(of: journey) else { return next }
            return min(next, found.emitted)
        case .held(_, let until): return min(until, retention)
        case .finished, .superseded, .converted, .cancelled, .optedOut: return retention
        case .erased, .expired: return keptUntil(journey, rules)
        }
    }

    /// When the next reminder of the journey is due if nothing happens until then; `nil` when none is left or it is
    /// held.
    public func nextReminder(_ journey: JourneyState) -> Instant? {
        guard case .waiting = journey.status else { return nil }
        let rules = rules(journey.policy)
        return due(journey, step: Int(journey.nextStep), rules)
    }

    /// The time of the prospect's next action; `nil` when nothing is left to do.
    public func nextAction(_ state: ProspectState) -> Instant? {
        forEachDue(state, at: .distantPast) { _, _ in }
    }

    /// Every action that is due at `clock`, as (due, journey); memories that lapse come as journey 0.
    ///
    /// - Returns: the time of the next action, due or not; `nil` when nothing is left to do.
    @inline(__always)
    @discardableResult
    public func forEachDue(
        _ state: ProspectState, at clock: Instant, _ body: (Instant, JourneyReference) -> Void
    ) -> Instant? {
        var next = Instant.distantFuture
        // By index: a loop over the elements retains and releases the array.
        for index in state.journeys.indices {
            let due = nextAction(state.journeys[index])
            if due <= clock { body(due, state.journeys[index].reference) }
            next = min(next, due)
        }
        var lapse = Instant.distantFuture
        for index in state.memories.indices { lapse = min(lapse, keptUntil(state.memories[index])) }
        if lapse <= clock { body(lapse, .memories) }
        next = min(next, lapse)
        return next == .distantFuture ? nil : next
    }
}

extension JourneyReference {
    /// Stands for the prospect's memories in the order of due actions.
    public static var memories: JourneyReference { JourneyReference(rawValue: 0) }
}
