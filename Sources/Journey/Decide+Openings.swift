extension PolicySet {
    /// Whether the event opens a journey of any acting policy, and what a new journey supersedes.
    func decideOpenings(
        _ state: ProspectState, _ input: Input, at clock: Instant, from start: Int, into facts: inout Facts
    ) {
        let types = types(opening: input.type, firstAddress: state.contact.isNone && input.address == .usable)
        guard !openingTypes.isDisjoint(with: types) else { return }
        for index in acting {
            let rules = rules(index)
            guard !rules.opensOn.isDisjoint(with: types), applies(rules, input) else { continue }
            // A first address opens only where nothing was opened before; otherwise the update is an update.
            if !rules.opensOn.contains(input.type)
                && (hasJourney(state, input, rules) || hasConverted(state, input, rules))
            {
                continue
            }
            decideOpening(state, input, index, rules, at: clock, from: start, into: &facts)
        }
    }

    private func applies(_ rules: Rules, _ input: Input) -> Bool {
        (rules.tenants.isEmpty || tenants[rules.tenants.indices].contains(input.tenant))
            && (rules.products.isEmpty || products[rules.products.indices].contains(input.product))
    }

    private func decideOpening(
        _ state: ProspectState, _ input: Input, _ index: PolicyIndex, _ rules: Rules, at clock: Instant,
        from start: Int, into facts: inout Facts
    ) {
        if let reason = refusal(state, input, rules, at: clock) {
            facts.append(.ignored(reason, index))
            return
        }
        let scope = rules.scopeKey(input)
        let id = JourneyID(high: input.seed.high ^ rules.identity.high, low: input.seed.low ^ rules.identity.low)
        if let last = latest(state, rules, scope) {
            // Its details may still be newer than what is known; that is decided with the other refreshes.
            if input.time <= last.openedAt {
                facts.append(.ignored(.duplicate, index))
                return
            }
            if let window = rules.reentryWindow {
                if input.time < last.openedAt + window {
                    facts.append(.reentrySuppressed(last.reference))
                    return
                }
            } else if last.status.isActive && !ends(last, facts, from: start) && !interventions.contains(id.reference) {
                // One that a reminder was sent for did open, whatever has been forgotten of the last.
                return
            } else if input.time <= last.activityAt {
                // It refreshed the journey while steps were left, or would have, had it been read in time.
                facts.append(.ignored(.duplicate, index))
                return
            }
        }
        // The same event with a newer time would give a second journey with the id, and the commands, of the first.
        if state.journeys.contains(where: { $0.reference == id.reference }) {
            facts.append(.ignored(.duplicate, index))
            return
        }
        guard state.journeys.count + openings(facts, from: start) < ProspectState.maximumJourneys else {
            facts.append(.ignored(.tooManyJourneys, index))
            return
        }
        open(state, input, id, index, rules, from: start, into: &facts)
    }

    /// Why the opening opens nothing, whatever journeys there are of its own policy.
    private func refusal(_ state: ProspectState, _ input: Input, _ rules: Rules, at clock: Instant) -> IgnoreReason? {
        if state.suppression.suppresses(input.time) { return .optedOut }
        if input.time < rules.actsFrom { return .beforeActivation }
        if clock > .distantPast && input.time < clock - memory { return .tooOld }
        if let reason = knownEnding(state, input, rules) { return reason }
        for other in state.journeys {
            // An offer that was read before its lead: remembered like a conversion, by its journey.
            guard superseded[self.rules(other.policy).superseded.indices].contains(rules.nameKey),
                other.product.covers(input.product), input.time <= other.openedAt + settings.conversionSkew
            else { continue }
            return .superseded
        }
        return nil
    }

    /// Whether a conversion or cancellation is known that the opening is not clearly after.
    private func knownEnding(_ state: ProspectState, _ input: Input, _ rules: Rules) -> IgnoreReason? {
        for memory in state.memories where input.time <= memory.time + settings.conversionSkew {
            guard rules.covers(memory, input) else { continue }
            if rules.convertsOn.contains(memory.type) { return .converted }
            if memory.type == .leadCancelled { return .cancelled }
        }
        return nil
    }

    /// The newest journey of the policy's name in this scope, ended ones too: windows and duplicates outlive the end.
    private func latest(_ state: ProspectState, _ rules: Rules, _ scope: ScopeKey) -> JourneyState? {
        var latest: JourneyState?
        for journey in state.journeys
        where journey.scope == scope && journey.openedAt >= (latest?.openedAt ?? .distantPast) {
            if self.rules(journey.policy).nameKey == rules.nameKey { latest = journey }
        }
        return latest
    }

    private func hasJourney(_ state: ProspectState, _ input: Input, _ rules: Rules) -> Bool {
        for journey in state.journeys where rules.covers(journey, product: input.product, subject: input.subject) {
            if self.rules(journey.policy).nameKey == rules.nameKey { return true }
        }
        return false
    }

    /// A start that a conversion kept from opening must not be opened by the update that follows it.
    private func hasConverted(_ state: ProspectState, _ input: Input, _ rules: Rules) -> Bool {
        state.memories.contains { rules.convertsOn.contains($0.type) && rules.covers($0, input) }
    }

    private func open(
        _ state: ProspectState, _ input: Input, _ id: JourneyID, _ index: PolicyIndex, _ rules: Rules,
        from start: Int, into facts: inout Facts
    ) {
        let scope = rules.scopeKey(input)
        facts.append(
            .opened(
                Fact.Opening(
                    journey: id, policy: index, scope: scope, product: input.product, at: input.time,
                    details: input.details)))
        for journey in state.journeys where journey.status.isActive {
            let other = self.rules(journey.policy)
            let isOlderOfSamePolicy = other.nameKey == rules.nameKey && journey.scope == scope
            let isSuperseded =
                superseded[rules.superseded.indices].contains(other.nameKey) && journey.product.covers(input.product)
                && journey.openedAt <= input.time + settings.conversionSkew
            if (isOlderOfSamePolicy || isSuperseded) && !ends(journey, facts, from: start) {
                facts.append(.superseded(journey.reference, by: id.reference))
            }
        }
        applyHoldMemory(state, input, rules, id.reference, into: &facts)
    }

    /// A payment event that was read before the opening it belongs to holds the new journey as it would have.
    private func applyHoldMemory(
        _ state: ProspectState, _ input: Input, _ rules: Rules, _ reference: JourneyReference, into facts: inout Facts
    ) {
        var newest: Memory?
        for memory in state.memories where memory.time + settings.conversionSkew >= input.time {
            guard memory.type == .paymentPending || memory.type == .paymentFailed else { continue }
            if rules.covers(memory, input) && memory.time >= (newest?.time ?? .distantPast) { newest = memory }
        }
        guard let newest else { return }
        if newest.time > input.time { facts.append(.activity(reference, at: newest.time)) }
        if newest.type == .paymentPending {
            facts.append(.held(reference, since: newest.time, until: newest.time + rules.holdMaximum))
        } else {
            facts.append(.resumed(reference, at: newest.time, .paymentFailed))
        }
    }
}
