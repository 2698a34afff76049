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
        let start = facts.count
        let isErased = state.erasedAt >= input.time
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
        // Nothing is stored that is older than the newest request, so an older one, or the same again, has nothing to
        // do.
        guard input.time > state.erasedAt else {
            facts.append(.ignored(.outOfDate, nil))
            return
        }
        facts.append(.erased(at: input.time))
    }
}
