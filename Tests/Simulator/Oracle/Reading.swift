/// One event and the prospect it is about: what is decided of it, row by row.
struct Reading {
    var person: Person
    let message: Happening
    /// The event's own time, never later than its message's timestamp: a future-dated one would suppress for years.
    let time: Int64
    private(set) var decisions: [Model.Decision] = []
    /// Journeys, by place, that this event ends.
    var ended: Set<Int> = []
    var opened = 0

    init(person: Person, message: Happening) {
        self.person = person
        self.message = message
        time = min(message.time, message.publishedAt)
    }

    var type: String { message.type }
    var skew: Int64 { PlainConfiguration.skew }

    mutating func decide(_ of: String, _ what: String) { decisions.append(Model.Decision(of: of, what: what)) }

    mutating func fold(into model: inout Model) {
        switch type {
        case "contact.opted-out": optOut(&model)
        case "contact.opted-in": optIn(&model)
        case "contact.erasure-requested": erase(&model)
        default:
            end(&model)
            guard time > person.erasedAt else { return model.meet(.olderThanErasure) }
            open(&model)
            refresh(&model)
        }
    }

    // MARK: The person

    private mutating func optOut(_ model: inout Model) {
        // Of an opt-out and an opt-in with one time the opt-out wins: only a newer opt-in lifts it.
        guard time > person.choiceAt || (time == person.choiceAt && !person.isSuppressed) else {
            return model.meet(.disorder)
        }
        model.meet(.optedOut)
        (person.isSuppressed, person.choiceAt) = (true, time)
        for index in person.journeys.indices where person.journeys[index].isListed {
            person.journeys[index].status = .optedOut
        }
        decide("person", "opted out")
    }

    private mutating func optIn(_ model: inout Model) {
        guard time > person.choiceAt else { return model.meet(.disorder) }
        if person.isSuppressed { model.meet(.optedIn) }
        if person.isSuppressed || person.liftedAt != nil { person.liftedAt = time }
        (person.isSuppressed, person.choiceAt) = (false, time)
        decide("person", "opted in")
    }

    private mutating func erase(_ model: inout Model) {
        guard time > person.erasedAt else { return }
        model.meet(.erased)
        person.erasedAt = time
        (person.email, person.emailAt, person.consent, person.consentAt) = (nil, .min, nil, .min)
        for index in person.journeys.indices {
            person.journeys[index].status = .erased
            person.journeys[index].details = [:]
        }
        decide("person", "erased")
    }

    // MARK: Endings

    private mutating func end(_ model: inout Model) {
        let isCancellation = type == "lead.cancelled"
        let convertible = Set(model.configuration.policies.map(\.convertsOn) + person.journeys.map(\.policy.convertsOn))
        guard isCancellation || convertible.contains(type) else { return }
        if message.product == nil && message.subject == nil { model.meet(.namesNone) }
        if person.journeys.isEmpty { model.meet(.fromNowhere) }
        for index in person.journeys.indices where person.journeys[index].isListed {
            let journey = person.journeys[index]
            guard isCancellation || journey.policy.convertsOn == type else { continue }
            guard journey.policy.covers(message.product, message.subject, journey.product, journey.subject) else {
                model.meet(.namesAnother)
                continue
            }
            guard journey.openedAt <= time + skew else {
                model.meet(.olderConversion)
                continue
            }
            if journey.openedAt > time { model.meet(.convertedWithinSkew) }
            if journey.status == .held { model.meet(.convertedWhileHeld) }
            model.meet(isCancellation ? .cancelled : .converted)
            person.journeys[index].status = isCancellation ? .cancelled : .converted
            ended.insert(index)
            decide(journey.name, isCancellation ? "cancelled" : "converted")
        }
        note(&model)
    }

    /// Remembers the event, if an opening that could still open might depend on it.
    private mutating func note(_ model: inout Model) {
        let lastOpening = time + skew
        let actsFrom = model.configuration.policies.map(model.actsFrom).min() ?? .max
        guard lastOpening >= actsFrom, lastOpening > person.erasedAt,
            model.clock.map({ model.forgettable(time) > $0 }) ?? true
        else { return }
        person.notes.append(Person.Note(type: type, product: message.product, subject: message.subject, time: time))
    }

    // MARK: What goes on

    var details: [String: String] {
        var details: [String: String] = [:]
        details["product"] = message.product
        details["name"] = message.firstName
        if Happening.openings.contains(type) { details["subject"] = message.subject }
        return details
    }

    /// An event that names nothing and no address says nothing of what is known: it outdates no other's details.
    var bringsDetails: Bool { !details.isEmpty || message.usableEmail != nil }

    private mutating func refresh(_ model: inout Model) {
        var concerns = opened > 0
        for index in 0..<person.journeys.count - opened {
            let journey = person.journeys[index]
            guard journey.isListed, !ended.contains(index), journey.policy.isActivity(type),
                journey.policy.covers(message.product, message.subject, journey.product, journey.subject)
            else { continue }
            concerns = true
            touch(&person.journeys[index], &model)
            guard bringsDetails else { continue }
            if time >= journey.detailsAt {
                if time == journey.detailsAt { model.meet(.tie) }
                person.journeys[index].details.merge(details) { $1 }
                person.journeys[index].detailsAt = time
            } else {
                model.meet(.disorder)
            }
        }
        noteForOpening(&model)
        refreshConsent(&model)
        if concerns, let email = message.usableEmail, time >= person.emailAt {
            (person.email, person.emailAt) = (email, time)
        }
    }

    private func touch(_ journey: inout Person.Journey, _ model: inout Model) {
        guard journey.isUnderWay else { return }
        if time > journey.activityAt {
            journey.activityAt = time
            if !journey.policy.countsFromOpening { model.meet(.activityMoves) }
        }
        guard type.hasPrefix("payment."), time >= journey.paymentAt, journey.openedAt <= time + skew else { return }
        let isAgain = time == journey.paymentAt
        if type == "payment.pending" {
            if journey.hold != nil && isAgain { return }
            if let hold = journey.hold { journey.holds.append(hold.lowerBound..<time) }
            journey.hold = time..<time + journey.policy.holdMaximum
            journey.status = .held
            model.meet(.held)
        } else {
            if journey.hold == nil && isAgain { return }
            if let hold = journey.hold {
                journey.holds.append(hold.lowerBound..<time)
                journey.hold = nil
                journey.status = .waiting
                model.meet(.resumedByFailure)
            }
        }
        journey.paymentAt = time
    }

    private mutating func noteForOpening(_ model: inout Model) {
        if type.hasPrefix("payment.") { note(&model) }
    }

    private mutating func refreshConsent(_ model: inout Model) {
        guard let consent = message.consent else { return }
        let isLone = person.journeys.isEmpty
        let actsFrom = model.configuration.policies.map(model.actsFrom).min() ?? .max
        let mayMatter = time + model.memory + skew >= max(model.clock ?? .min, actsFrom)
        // A consent of nobody known is remembered for an opening that is read later.
        if isLone && mayMatter {
            person.notes.append(Person.Note(type: type, product: message.product, subject: message.subject, time: time))
        }
        guard time >= person.consentAt else { return model.meet(.disorder) }
        guard consent != person.consent || time > person.consentAt else { return }
        guard !isLone || mayMatter else { return }
        (person.consent, person.consentAt) = (consent, time)
    }
}
