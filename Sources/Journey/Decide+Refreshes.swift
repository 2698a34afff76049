extension PolicySet {
    /// What an event changes in journeys that go on: activity, holds, details, and the person's address and consent.
    /// For each kind the newest event time wins; of two equal ones, the later offset. So a newer event that says the
    /// same again is a fact too: it outdates what was said in between and is read later.
    func decideRefreshes(
        _ state: ProspectState, _ input: Input, at clock: Instant, from start: Int, into facts: inout Facts
    ) {
        var concerned = Concerned()
        for journey in state.journeys where journey.status.isListed {
            let rules = rules(journey.policy)
            guard rules.activityTypes.contains(input.type),
                rules.covers(journey, product: input.product, subject: input.subject),
                !ends(journey, facts, from: start)
            else { continue }
            concerned.isAny = true
            decideActivity(journey, input, rules, into: &facts)
            decideDetails(journey, input, state.contact, &concerned, into: &facts)
        }
        let opens = openings(facts, from: start) > 0
        rememberForOpening(state, input, opens: opens, at: clock, into: &facts)
        decideConsent(state, input, opens: opens, at: clock, into: &facts)
        if concerned.isAny || opens { decideContact(state, input, concerned, opens: opens, into: &facts) }
    }

    /// What the event has to do with journeys that were there before it.
    private struct Concerned {
        /// There is a lead on the table that the event is about.
        var isAny = false
        /// The record that holds the event's content already.
        var record: RecordPosition?
        /// That record is the contact's, and a fact says that it is as new as this event.
        var confirmsContact = false
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

    private func decideDetails(
        _ journey: JourneyState, _ input: Input, _ contact: ProspectState.Contact, _ concerned: inout Concerned,
        into facts: inout Facts
    ) {
        guard !input.details.isNone else { return }
        guard input.details.hash == journey.details.hash else {
            if input.time >= journey.detailsAt {
                facts.append(.detailsRefreshed(journey.reference, input.details, at: input.time))
            }
            return
        }
        let isContact = journey.details.record == contact.record
        if isContact || concerned.record == nil { concerned.record = journey.details.record }
        if input.time > journey.detailsAt {
            facts.append(.detailsRefreshed(journey.reference, .none, at: input.time))
            concerned.confirmsContact = concerned.confirmsContact || isContact
        }
    }

    private func decideConsent(
        _ state: ProspectState, _ input: Input, opens: Bool, at clock: Instant, into facts: inout Facts
    ) {
        guard input.consent != .unknown, input.time >= state.consentAt else { return }
        guard input.consent != state.consent || input.time > state.consentAt else { return }
        // Of a person of whom nothing is kept, consent from long ago is not kept either.
        guard opens || !state.journeys.isEmpty || mayMatterAsConsent(input, at: clock) else { return }
        facts.append(.consentChanged(input.consent, at: input.time))
    }

    private func decideContact(
        _ state: ProspectState, _ input: Input, _ concerned: Concerned, opens: Bool, into facts: inout Facts
    ) {
        guard input.address == .usable, input.time >= state.contact.time else { return }
        let record = opens ? input.details.record : concerned.record ?? input.details.record
        let isConfirmed = concerned.confirmsContact || input.time == state.contact.time
        if record == state.contact.record && isConfirmed { return }
        facts.append(.contactRefreshed(record, at: input.time))
    }

    /// How many journeys the facts from `start` on open.
    func openings(_ facts: Facts, from start: Int) -> Int {
        var count = 0
        for index in start..<facts.count {
            if case .opened = facts[index] { count += 1 }
        }
        return count
    }

    /// Payment and consent that are read before the opening they belong to count once it has been read. Consent itself
    /// is the prospect's; the memory keeps the prospect.
    private func rememberForOpening(
        _ state: ProspectState, _ input: Input, opens: Bool, at clock: Instant, into facts: inout Facts
    ) {
        let memory = Memory(type: input.type, product: input.product, subject: input.subject, time: input.time)
        let isPayment = input.type == .paymentPending || input.type == .paymentFailed
        let hasLoneConsent = input.consent != .unknown && state.journeys.isEmpty && !opens
        if isPayment && mayMatter(memory, state, at: clock) || hasLoneConsent && mayMatterAsConsent(input, at: clock) {
            remember(memory, state, into: &facts)
        }
    }

    /// Whether an opening that is read later may come soon enough after the event for its consent to count.
    private func mayMatterAsConsent(_ input: Input, at clock: Instant) -> Bool {
        input.time + memory + settings.conversionSkew >= max(clock, actsFrom)
    }
}
