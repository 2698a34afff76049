extension PolicySet {
    /// Applies one fact. Together with `decide`, the only code that knows what a journey is; recovery, snapshots and
    /// replay call it too. Facts that change nothing (`ignored`, `reentrySuppressed`) leave the state as it is.
    public func evolve(_ state: inout ProspectState, _ fact: Fact) {
        switch fact {
        case .opened(let opening):
            var journey = JourneyState(
                reference: opening.journey.reference, policy: opening.policy, scope: opening.scope,
                product: opening.product, openedAt: opening.at, details: opening.details)
            // Any details are newer than none.
            if opening.details.isNone { journey.detailsAt = .distantPast }
            state.journeys.append(journey)
        case .contactRefreshed(let record, let at):
            state.contact = ProspectState.Contact(record: record, time: at)
        case .consentChanged(let consent, let at):
            state.consent = consent
            state.consentAt = at
        case .optedOut(let at):
            state.suppression = .optedOut(at: at)
            end(&state, as: .optedOut)
        case .optedIn(let at):
            switch state.suppression {
            case .none, .optedIn: state.suppression = .optedIn(at: at)
            case .optedOut, .lifted: state.suppression = .lifted(at: at)
            }
        case .erased(let at), .addressErased(let at): erase(&state, at: at)
        case .remembered(let memory): remember(&state, memory)
        case .lapsed(let memory):
            state.memories.removeAll { $0 == memory }
            forgetPerson(&state)
        case .forgotten(let reference):
            state.journeys.removeAll { $0.reference == reference }
            forgetPerson(&state)
        case .expired(let reference):
            guard let index = state.journeys.firstIndex(where: { $0.reference == reference }) else { return }
            evolve(&state.journeys[index], fact)
            forgetPerson(&state)
        case .reentrySuppressed, .ignored: break
        case .detailsRefreshed(let reference, let details, let at):
            guard let index = state.journeys.firstIndex(where: { $0.reference == reference }) else { return }
            evolve(&state.journeys[index], fact)
            if details.isNone && !state.contact.isNone && state.journeys[index].details.record == state.contact.record {
                state.contact.time = max(state.contact.time, at)
            }
        case .activity(let reference, _),
            .reminderRequested(let reference, _, _, _), .reminderSkipped(let reference, _, _, _),
            .reminderFound(let reference, _, _, _),
            .held(let reference, _, _), .resumed(let reference, _, _), .converted(let reference, _, _),
            .cancelled(let reference, _), .superseded(let reference, _), .migrated(let reference, _):
            guard let index = state.journeys.firstIndex(where: { $0.reference == reference }) else { return }
            evolve(&state.journeys[index], fact)
        }
    }

    /// Applies a fact that is about one journey to that journey.
    func evolve(_ journey: inout JourneyState, _ fact: Fact) {
        let rules = rules(journey.policy)
        switch fact {
        case .detailsRefreshed(_, let details, let at):
            if !details.isNone { journey.details = details }
            journey.detailsAt = at
        case .activity(_, let at):
            // What was paused lies directly behind the activity before, as a hold begins with an activity of its own.
            let resumed = journey.activityAt + journey.paused
            journey.activityAt = at
            guard activityMoves(journey, rules) else { break }
            // The wait starts again at `at`: what was paused before it no longer counts, but the rest of a hold that it
            // lies in does, also where it is read after that hold's end.
            journey.paused = max(.zero, resumed - at)
        case .reminderRequested(_, let step, _, let emitted), .reminderFound(_, let step, _, let emitted):
            decided(&journey, step, at: emitted, rules)
        case .reminderSkipped(_, let step, let due, _): decided(&journey, step, at: due, rules)
        case .held(_, let since, let until):
            if case .held(let earlier, _) = journey.status { pause(&journey, from: earlier, to: since, rules) }
            journey.status = .held(since: since, until: until)
            journey.holdAt = max(journey.holdAt, since)
        case .resumed(_, let at, let reason):
            if case .held(let since, _) = journey.status {
                pause(&journey, from: since, to: at, rules)
                journey.status = .waiting
            }
            switch reason {
            case .paymentFailed: journey.holdAt = at
            // The payment that held it has had its time: the same event once more must not hold it again.
            case .holdEnded: journey.holdAt = journey.holdAt + Span(milliseconds: 1)
            }
        case .converted(_, let at, _): journey.status = .converted(at: at)
        case .cancelled(_, let at): journey.status = .cancelled(at: at)
        case .superseded: journey.status = .superseded
        case .expired:
            journey.status = .expired
            journey.details = .none
            journey.opening = .none
        case .migrated(_, let version): migrate(&journey, to: version)
        case .opened, .contactRefreshed, .consentChanged, .reentrySuppressed, .remembered, .optedOut, .optedIn, .erased,
            .addressErased,
            .forgotten, .lapsed, .ignored:
            break
        }
    }

    /// Counts a hold's time, as far as it lies after the moment that the next step's wait runs from.
    private func pause(_ journey: inout JourneyState, from start: Instant, to end: Instant, _ rules: Rules) {
        let step = Int(journey.nextStep)
        let base = base(journey, steps[rules.steps.lowerBound + step], step: step, rules)
        journey.paused += max(.zero, end - max(start, base))
    }

    private func decided(_ journey: inout JourneyState, _ step: UInt8, at time: Instant, _ rules: Rules) {
        journey.nextStep = step + 1
        journey.previousAt = time
        if countsFromPrevious(Int(journey.nextStep), rules) { journey.paused = .zero }
        if Int(journey.nextStep) >= rules.steps.count { journey.status = .finished }
    }

    /// What was decided and what is known of the journey stays. So does a hold's end, and the time for which holds have
    /// stopped the timer, also where the next step now counts from another moment: a reminder may come later for it, never
    /// earlier than the new wait.
    private func migrate(_ journey: inout JourneyState, to version: PolicyIndex) {
        journey.policy = version
        if journey.status.isActive && Int(journey.nextStep) >= rules(version).steps.count { journey.status = .finished }
    }

    private func end(_ state: inout ProspectState, as status: JourneyState.Status) {
        for index in state.journeys.indices where state.journeys[index].status.isListed {
            state.journeys[index].status = status
        }
    }

    private func erase(_ state: inout ProspectState, at time: Instant) {
        state.erasedAt = max(state.erasedAt, time)
        state.contact = .none
        state.consent = .unknown
        state.consentAt = .distantPast
        for index in state.journeys.indices {
            state.journeys[index].status = .erased
            state.journeys[index].details = .none
            state.journeys[index].opening = .none
        }
    }

    private func remember(_ state: inout ProspectState, _ memory: Memory) {
        state.memories.removeAll { memory.includes($0) }
        state.memories.append(memory)
        if state.memories.count > ProspectState.maximumMemories { widen(&state.memories) }
    }

    /// Makes one memory of the two oldest of the type that has most.
    private func widen(_ memories: inout ContiguousArray<Memory>) {
        var type = memories[0].type
        var most = 0
        for candidate in EventType.allCases {
            let count = memories.count { $0.type == candidate }
            if count > most { (type, most) = (candidate, count) }
        }
        let times = memories.filter { $0.type == type }.map(\.time).sorted()
        let wide = Memory(type: type, product: .none, subject: .none, time: times[min(1, times.count - 1)])
        memories.removeAll { wide.includes($0) }
        memories.append(wide)
    }

    /// The address belongs to leads: when none is left with data, it is not kept. Consent names nobody, and lasts as
    /// long as anything that a later opening could depend on.
    private func forgetPerson(_ state: inout ProspectState) {
        if !state.journeys.contains(where: { $0.status != .expired && $0.status != .erased }) { state.contact = .none }
        guard state.journeys.isEmpty && state.memories.isEmpty else { return }
        state.consent = .unknown
        state.consentAt = .distantPast
    }
}
