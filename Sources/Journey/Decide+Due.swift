extension PolicySet {
    /// What follows from the clock for one journey of the prospect (`.memories`: for its memories). Nothing, when the
    /// journey's next action is not due after all: what was due may have been overtaken by an event.
    public func decideDue(
        _ state: ProspectState, _ reference: JourneyReference, at clock: Instant, into facts: inout Facts
    ) {
        if reference == .memories {
            for memory in state.memories where keptUntil(memory) <= clock { facts.append(.lapsed(memory)) }
            return
        }
        guard var journey = state.journeys.first(where: { $0.reference == reference }) else { return }
        // Each round takes one fact further: the end of a hold, each step, the end of retention, the end of the window.
        while nextAction(journey) <= clock {
            let fact = dueFact(state, journey, at: clock)
            facts.append(fact)
            if case .forgotten = fact { return }
            evolve(&journey, fact)
        }
    }

    func dueFact(_ state: ProspectState, _ journey: JourneyState, at clock: Instant) -> Fact {
        let rules = rules(journey.policy)
        switch journey.status {
        case .held(_, let until) where until <= min(clock, journey.openedAt + rules.retention):
            return .resumed(journey.reference, at: until, .holdEnded)
        case .waiting:
            let step = Int(journey.nextStep)
            let due = due(journey, step: step, rules)
            if let found = interventions.next(of: journey), found.emitted <= clock {
                return foundFact(journey, found, due: due)
            }
            if due > min(clock, journey.openedAt + rules.retention) { return .expired(journey.reference) }
            return stepFact(state, journey, step, due, rules, at: clock)
        case .erased, .expired: return .forgotten(journey.reference)
        case .held, .finished, .superseded, .converted, .cancelled, .optedOut: return .expired(journey.reference)
        }
    }

    /// A step that was found has been sent, whatever came of the events since; those before it can't be sent any more.
    private func foundFact(_ journey: JourneyState, _ found: FoundReminder, due: Instant) -> Fact {
        guard found.step == journey.nextStep else {
            return .reminderSkipped(
                journey.reference, step: journey.nextStep, due: min(due, found.emitted), .overtaken)
        }
        return .reminderFound(
            journey.reference, step: found.step, due: min(due, found.emitted), emitted: found.emitted)
    }

    private func stepFact(
        _ state: ProspectState, _ journey: JourneyState, _ step: Int, _ due: Instant, _ rules: Rules, at clock: Instant
    ) -> Fact {
        let number = UInt8(step)
        if let reason = skipReason(state, journey, step, due, rules, at: clock) {
            return .reminderSkipped(journey.reference, step: number, due: due, reason)
        }
        return .reminderRequested(journey.reference, step: number, due: due, emitted: clock)
    }

    private func skipReason(
        _ state: ProspectState, _ journey: JourneyState, _ step: Int, _ due: Instant, _ rules: Rules, at clock: Instant
    ) -> SkipReason? {
        if step + 1 < rules.steps.count {
            var skipped = journey
            evolve(&skipped, .reminderSkipped(journey.reference, step: UInt8(step), due: due, .overtaken))
            if self.due(skipped, step: step + 1, rules) <= clock { return .overtaken }
        }
        if clock > due + steps[rules.steps.lowerBound + step].maxLateness { return .tooLate }
        if isWithheld(journey, step: step, rules) { return .withheld }
        if state.consent == .withheld || (rules.consentRequired && state.consent != .given) { return .noConsent }
        if state.contact.isNone { return .noAddress }
        if journey.details.fields & rules.requiredFields != rules.requiredFields { return .missingField }
        return nil
    }
}
