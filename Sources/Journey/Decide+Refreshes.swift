extension PolicySet {
    /// What an event changes in journeys that go on: activity, holds, details, and the person's address and consent.
    /// For each kind the newest event time wins; of two equal ones, the later offset.
    func decideRefreshes(
        _ state: ProspectState, _ input: Input, at clock: Instant, from start: Int, into facts: inout Facts
    ) {
        var concernsLead = false
        var isKnownRecord = false
        for journey in state.journeys where journey.status.isListed {
            let rules = rules(journey.policy)
            guard rules.activityTypes.contains(input.type),
                rules.covers(journey, product: input.product, subject: input.subject),
                !ends(journey, facts, from: start)
            else { continue }
            concernsLead = true
            isKnownRecord = isKnownRecord || journey.details.hash == input.details.hash
            decideActivity(journey, input, rules, into: &facts)
            if !input.details.isNone && input.time >= journey.detailsAt && input.details.hash != journey.details.hash {
                facts.append(.detailsRefreshed(journey.reference, input.details, at: input.time))
            }
        }
        let opens = opened(facts, from: start)
        if !concernsLead && !opens { rememberForOpening(state, input, at: clock, into: &facts) }
        if input.consent != .unknown && input.time >= state.consentAt && input.consent != state.consent
            && activityTypes.contains(input.type)
        {
            facts.append(.consentChanged(input.consent, at: input.time))
        }
        if (concernsLead || opens) && input.address == .usable && input.time >= state.contact.time
            && (state.contact.isNone || opens || !isKnownRecord)
        {
            facts.append(.contactRefreshed(input.details.record, at: input.time))
        }
    }

    private func decideActivity(_ journey: JourneyState, _ input: Input, _ rules: Rules, into facts: inout Facts) {
        guard journey.status.isActive else { return }
        if input.time > journey.activityAt { facts.append(.activity(journey.reference, at: input.time)) }
        guard input.type == .paymentPending || input.type == .paymentFailed else { return }
        guard input.time >= journey.holdAt, journey.openedAt <= input.time + settings.conversionSkew else { return }
        switch (input.type, journey.status) {
        case (.paymentPending, .held) where input.time == journey.holdAt: break
        case (.paymentPending, _):
            facts.append(.held(journey.reference, since: input.time, until: input.time + rules.holdMaximum))
        case (_, .waiting) where input.time == journey.holdAt: break
        default: facts.append(.resumed(journey.reference, at: input.time, .paymentFailed))
        }
    }

    private func opened(_ facts: Facts, from start: Int) -> Bool {
        for index in start..<facts.count {
            if case .opened = facts[index] { return true }
        }
        return false
    }

    /// Payment and consent that are read before the opening they belong to count once it has been read.
    private func rememberForOpening(
        _ state: ProspectState, _ input: Input, at clock: Instant, into facts: inout Facts
    ) {
        let isPayment = input.type == .paymentPending || input.type == .paymentFailed
        let hasConsent = input.consent != .unknown && activityTypes.contains(input.type) && state.journeys.isEmpty
        guard isPayment || hasConsent else { return }
        let memory = Memory(type: input.type, product: input.product, subject: input.subject, time: input.time)
        if mayMatter(memory, at: clock) { remember(memory, state, into: &facts) }
    }
}
