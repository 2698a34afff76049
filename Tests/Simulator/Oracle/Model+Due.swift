extension Model {
    // When things are due.

    /// The wait runs from its anchor, and stands still while a payment is pending.
    func due(_ journey: Person.Journey) -> Int64 {
        let step = journey.policy.steps[journey.stepsDecided]
        let base: Int64
        if step.countsFromPrevious && journey.stepsDecided > 0 {
            base = journey.previousAt
        } else {
            base = journey.policy.countsFromOpening ? journey.openedAt : journey.activityAt
        }
        let stood = journey.holds.reduce(Int64(0)) { $0 + max(0, $1.upperBound - max($1.lowerBound, base)) }
        return base + step.after + stood
    }

    func nextLook(at person: Person) -> Int64 {
        var next = Int64.max
        for journey in person.journeys { next = min(next, nextAction(journey)) }
        for note in person.notes { next = min(next, forgettable(note.time)) }
        return next
    }

    private func nextAction(_ journey: Person.Journey) -> Int64 {
        switch journey.status {
        case .waiting: min(due(journey), journey.retentionEnd)
        case .held: min(journey.hold?.upperBound ?? .max, journey.retentionEnd)
        case .finished, .superseded, .converted, .cancelled, .optedOut: journey.retentionEnd
        case .erased, .expired:
            forgettable(max(journey.activityAt, journey.openedAt + (journey.policy.reentryWindow ?? 0)))
        }
    }

    // What a tick decides.

    /// - Parameter chooses: whether the tick comes to what has been due since when.
    mutating func look(
        at person: inout Person, _ clock: Int64, chooses: (_ what: Due, _ since: Int64) -> Bool
    ) -> [Decision] {
        var decisions: [Decision] = []
        var left: Set<String> = []
        for index in person.journeys.indices {
            let journey = person.journeys[index]
            let due = nextAction(journey)
            guard due <= clock else { continue }
            guard chooses(journey.hasEnded ? .end(journey.name) : .journey(journey.name), due) else {
                left.insert(journey.name)
                continue
            }
            decisions += act(on: index, of: &person, upTo: clock)
        }
        person.forget()
        person.journeys.removeAll { $0.hasEnded && nextAction($0) <= clock && !left.contains($0.name) }
        if let due = person.notes.map({ forgettable($0.time) }).min(), due <= clock, chooses(.notes, due) {
            person.notes.removeAll { forgettable($0.time) <= clock }
        }
        person.forget()
        return decisions
    }

    private mutating func act(on index: Int, of person: inout Person, upTo clock: Int64) -> [Decision] {
        var decisions: [Decision] = []
        while person.journeys[index].isUnderWay, nextAction(person.journeys[index]) <= clock {
            decisions.append(act(on: index, of: &person, clock))
        }
        let journey = person.journeys[index]
        guard !journey.hasEnded, journey.retentionEnd <= clock else { return decisions }
        person.journeys[index].status = .expired
        return decisions + [expire(journey)]
    }

    private mutating func expire(_ journey: Person.Journey) -> Decision {
        meet(.expired)
        return Decision(of: journey.name, what: "expired")
    }

    private mutating func act(on index: Int, of person: inout Person, _ clock: Int64) -> Decision {
        var journey = person.journeys[index]
        defer { person.journeys[index] = journey }
        if let hold = journey.hold, hold.upperBound <= min(clock, journey.retentionEnd) {
            journey.holds.append(hold)
            journey.hold = nil
            journey.status = .waiting
            journey.paymentAt += 1
            meet(.resumedByEnd)
            return Decision(of: journey.name, what: "resumed")
        }
        guard journey.hold == nil, due(journey) <= min(clock, journey.retentionEnd) else {
            journey.status = .expired
            return expire(journey)
        }
        return decideStep(&journey, person, clock)
    }

    private mutating func decideStep(_ journey: inout Person.Journey, _ person: Person, _ clock: Int64) -> Decision {
        let due = due(journey)
        let step = journey.policy.steps[journey.stepsDecided]
        let number = journey.stepsDecided + 1
        let skipped = reasonToSkip(journey, person, clock)
        if step.countsFromPrevious && number > 1 { meet(journey.wasSkipped ? .afterSkipped : .countedFromPrevious) }
        if skipped == nil {
            var fields = ["product": "-", "subject": "-", "name": "there"]
            if journey.details["name"] == nil { meet(.fallback) }
            fields.merge(journey.details) { $1 }
            reminders.append(
                Reminder(
                    journey: journey.name, prospect: journey.prospect,
                    email: person.email ?? "", template: step.template, step: number, due: due, emitted: clock,
                    expires: due + step.maxLateness, fields: fields))
            meet(.sent)
            if configuration.policies.first(where: { $0.name == journey.policy.name }) != journey.policy {
                meet(.keptVersion)
            }
        }
        decided(&journey, at: skipped == nil ? clock : due)
        journey.wasSkipped = skipped != nil
        return Decision(
            of: journey.name,
            what: skipped.map { "step \(number), due \(due), skipped: \($0)" }
                ?? "step \(number), due \(due), sent at \(clock)")
    }

    /// The next step's wait, if it counts from this one, begins now: what was held before does not lengthen it.
    private func decided(_ journey: inout Person.Journey, at time: Int64) {
        journey.stepsDecided += 1
        journey.previousAt = time
        guard journey.stepsDecided < journey.policy.steps.count else {
            journey.status = .finished
            return
        }
        if journey.policy.steps[journey.stepsDecided].countsFromPrevious { journey.holds = [] }
    }

    private mutating func reasonToSkip(_ journey: Person.Journey, _ person: Person, _ clock: Int64) -> String? {
        let due = due(journey)
        let step = journey.policy.steps[journey.stepsDecided]
        if journey.stepsDecided + 1 < journey.policy.steps.count {
            var next = journey
            decided(&next, at: due)
            if self.due(next) <= clock {
                meet(.overtaken)
                return "overtaken"
            }
        }
        if clock > due + step.maxLateness {
            meet(.tooLate)
            return "too-late"
        }
        if person.consent == false || (journey.policy.requiresConsent && person.consent != true) {
            meet(person.consent == false ? .noConsent : .consentMissing)
            return "no-consent"
        }
        if person.email == nil {
            meet(.noAddress)
            return "no-address"
        }
        if journey.policy.requiresName && journey.details["name"] == nil {
            meet(.missingField)
            return "missing-field"
        }
        return nil
    }
}
