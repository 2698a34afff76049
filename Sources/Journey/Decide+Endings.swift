extension PolicySet {
    /// Conversions and cancellations: what they end, and what later openings must know of them.
    func decideEndings(_ state: ProspectState, _ input: Input, at clock: Instant, into facts: inout Facts) {
        let converts = convertingTypes.contains(input.type)
        let cancels = input.type == .leadCancelled
        guard converts || cancels else { return }
        for journey in state.journeys where journey.status.isListed {
            let rules = rules(journey.policy)
            // Services' clocks differ: a journey that opened a little after the conversion's own time was converted by
            // it.
            guard journey.openedAt <= input.time + settings.conversionSkew,
                rules.covers(journey, product: input.product, subject: input.subject)
            else { continue }
            if rules.convertsOn.contains(input.type) {
                facts.append(.converted(journey.reference, at: input.time, afterStep: journey.nextStep))
            } else if cancels {
                facts.append(.cancelled(journey.reference, at: input.time))
            }
        }
        let memory = Memory(type: input.type, product: input.product, subject: input.subject, time: input.time)
        if mayMatter(memory, state, at: clock) { remember(memory, state, into: &facts) }
    }

    /// Whether an opening that could still open could depend on the memory.
    func mayMatter(_ memory: Memory, _ state: ProspectState, at clock: Instant) -> Bool {
        let lastOpening = memory.time + settings.conversionSkew
        return lastOpening >= actsFrom && lastOpening > state.erasedAt && keptUntil(memory) > clock
    }

    func remember(_ memory: Memory, _ state: ProspectState, into facts: inout Facts) {
        let isKnown = state.memories.contains { $0.includes(memory) }
        if !isKnown { facts.append(.remembered(memory)) }
    }

    /// Whether one of the facts from `start` on ends the journey.
    func ends(_ journey: JourneyState, _ facts: Facts, from start: Int) -> Bool {
        for index in start..<facts.count {
            switch facts[index] {
            case .converted(let reference, _, _), .cancelled(let reference, _), .superseded(let reference, _):
                if reference == journey.reference { return true }
            case .opened, .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .reminderRequested,
                .reminderSkipped, .reminderFound, .held, .resumed, .reentrySuppressed, .remembered, .optedOut, .optedIn,
                .erased, .addressErased, .expired, .forgotten, .lapsed, .migrated, .ignored:
                continue
            }
        }
        return false
    }
}
