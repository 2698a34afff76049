/// Facts in the order in which they take effect; reused from event to event.
public typealias Facts = ContiguousArray<Fact>

extension PolicySet {
    /// What follows from an event, given everything known: at least one fact, `ignored` when nothing changes.
    ///
    /// A pure function: the live engine, recovery's proof, replay and simulation call this one. The facts are to be
    /// evolved in order. An opening's journey id is made from `input.seed`, which matters only where `mayOpen` says so.
    ///
    /// - Parameter clock: the partition's clock, `distantPast` before its first tick.
    public func decide(_ state: ProspectState, _ input: Input, at clock: Instant, into facts: inout Facts) {
        guard let erasure = learnErasure(state, input) else {
            return decideOfKnown(state, input, at: clock, into: &facts)
        }
        var erased = state
        facts.append(erasure)
        evolve(&erased, erasure)
        decideOfKnown(erased, input, at: clock, into: &facts)
    }

    /// What the event's address tells of the person: that an erasure was about them, too. Journeys that opened after it stay:
    /// then only this event is too old.
    private func learnErasure(_ state: ProspectState, _ input: Input) -> Fact? {
        guard input.addressErasedAt > state.erasedAt, input.addressErasedAt >= input.time,
            input.type != .contactErasureRequested,
            state.journeys.allSatisfy({ $0.openedAt <= input.addressErasedAt })
        else { return nil }
        return .erased(at: input.addressErasedAt)
    }

    private func decideOfKnown(
        _ state: ProspectState, _ input: Input, at clock: Instant, into facts: inout Facts
    ) {
        let start = facts.count
        let isErased = max(state.erasedAt, input.addressErasedAt) >= input.time
        switch input.type {
        case .contactOptedOut, .contactOptedIn: decideSuppression(state, input, into: &facts)
        case .contactErasureRequested: decideErasure(state, input, into: &facts)
        case .salesLeadCreated, .offerCreated, .policyIssued, .checkoutStarted, .checkoutUpdated, .checkoutCompleted,
            .paymentPending, .paymentFailed, .leadCancelled:
            guard concerns(input.type) else {
                facts.append(.ignored(.noPolicy, nil))
                return
            }
            decideEndings(state, input, at: clock, into: &facts)
            // What an erased person did before stores and opens nothing. That a purchase or an opt-out was read late
            // must still not lead to a mail: those two are decided as always.
            if isErased { break }
            decideOpenings(state, input, at: clock, from: start, into: &facts)
            decideRefreshes(state, input, at: clock, from: start, into: &facts)
        }
        if facts.count == start {
            let reason: IgnoreReason = isErased ? .erased : state.journeys.isEmpty ? .noJourney : .nothingNew
            facts.append(.ignored(reason, nil))
        }
    }

    private func decideSuppression(_ state: ProspectState, _ input: Input, into facts: inout Facts) {
        let optsOut = input.type == .contactOptedOut
        let known = state.suppression
        // Of an opt-out and an opt-in with one time the opt-out wins: only a newer opt-in lifts it.
        let isNewer = input.time > known.time || (input.time == known.time && optsOut)
        guard isNewer && known != .optedOut(at: input.time) else {
            facts.append(
                .ignored(input.time == known.time && optsOut == known.isActive ? .nothingNew : .outOfDate, nil))
            return
        }
        facts.append(optsOut ? .optedOut(at: input.time) : .optedIn(at: input.time))
    }

    private func decideErasure(_ state: ProspectState, _ input: Input, into facts: inout Facts) {
        if input.addressErasedAt == input.time && input.time > state.erasedAt {
            facts.append(.addressErased(at: input.time))
        } else {
            let start = facts.count
            decideErasure(state, at: input.time, into: &facts)
            if facts.count == start { facts.append(.ignored(.outOfDate, nil)) }
        }
    }

    /// Nothing is stored that is older than the newest request, so an older one, or the same again, has nothing to do: there
    /// is no fact then.
    public func decideErasure(_ state: ProspectState, at time: Instant, into facts: inout Facts) {
        if time > state.erasedAt { facts.append(.erased(at: time)) }
    }
}
