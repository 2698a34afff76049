import Engine
import Journey

/// Counts what became of one shard's journeys on both sides: as it was, and under the candidate.
///
/// The same opening gives the same journey on both sides, so a journey has two halves, and what both did with it can be
/// compared when both have ended. In memory is what may still change: journeys of the period that neither side has ended,
/// and of the people that either side still knows whom it has mailed. One who was forgotten by both and comes back counts
/// as another person.
struct BacktestTally {
    enum Side: Int { case recorded, candidate }

    /// A purchase that comes later after the last reminder has hardly come of it.
    static let afterReminder = Span.days(7)

    private let period: Range<Instant>
    private let partition: Int32
    private let examples: Int
    private(set) var result = BacktestResult()
    /// By side and policy index: the policy's place in the result.
    private var places: [[Int]] = [[], []]
    private var people: [ProspectKey: Person] = [:]

    private struct Half {
        var isOpen = false
        var hasOpened = false
        var hasBought = false
        /// How many steps there were up to the last one that was sent.
        var lastStep: UInt8 = 0
        var sent: UInt8 = 0
        var lastSent = Instant.distantPast
    }

    private struct Journey {
        var reference: JourneyReference
        var place: Int32
        var recorded = Half()
        var candidate = Half()

        subscript(side: Side) -> Half {
            get { side == .recorded ? recorded : candidate }
            set { if side == .recorded { recorded = newValue } else { candidate = newValue } }
        }
    }

    /// The first reminder of a policy on each side.
    private struct Mail {
        var place: Int32
        var recorded = Instant.distantFuture
        var candidate = Instant.distantFuture
    }

    private struct Person {
        var journeys: ContiguousArray<Journey> = []
        var mails: ContiguousArray<Mail> = []
        /// The newest place where the person's data lies, and of which topic that is.
        var record = RecordPosition.none
        var topic: UInt8 = 0
    }

    /// - Parameters:
    ///   - period: of the openings' own times.
    ///   - examples: how many of each kind are kept.
    init(_ period: Range<Instant>, partition: Int32, examples: Int) {
        self.period = period
        self.partition = partition
        self.examples = examples
    }

    /// Learns of the versions that a side has activated since.
    mutating func learn(_ policies: PolicySet, _ side: Side) {
        for version in policies.versions[places[side.rawValue].count...] {
            let name = version.policy.name
            var place = result.policies.firstIndex { $0.name == name }
            if place == nil {
                result.policies.append(BacktestPolicy(name: name))
                place = result.policies.count - 1
            }
            guard let place else { continue }
            places[side.rawValue].append(place)
            if side == .recorded {
                result.policies[place].recorded.add(version.policy)
            } else {
                result.policies[place].candidate.add(version.policy)
            }
        }
    }

    /// Takes note of an event, before what was decided of it.
    mutating func count(_ input: Input) {
        result.events += 1
        if period.contains(input.time) { result.eventsInPeriod += 1 }
        result.firstEvent = min(result.firstEvent, input.time)
        result.lastEvent = max(result.lastEvent, input.time)
    }

    /// A record of the person that the journal has kept, or the place of a message that brings the person's data.
    mutating func note(_ record: RecordPosition, topic: UInt8 = 0, of prospect: ProspectKey) {
        guard record != .none, let index = people.index(forKey: prospect) else { return }
        people.values[index].record = record
        people.values[index].topic = topic
    }

    mutating func limits(_ change: (inout BacktestResult.Limits) -> Void) { change(&result.limits) }

    mutating func check(_ check: BacktestResult.Check) { result.check = check }

    // MARK: Facts

    mutating func apply(_ fact: Fact, of person: ProspectKey, _ side: Side) {
        switch fact {
        case .opened(let opening): open(opening, person, side)
        case .reminderRequested(let reference, let step, _, let emitted),
            .reminderFound(let reference, let step, _, let emitted):
            send(person, reference, step, at: emitted, side)
        case .reminderSkipped(let reference, let step, _, let reason):
            change(person, reference, side) { _, results in results.steps[Int(step)][reason] += 1 }
        case .converted(let reference, let at, _): buy(person, reference, at: at, side)
        case .cancelled(let reference, _), .expired(let reference): end(person, side) { $0.reference == reference }
        case .optedOut, .erased, .addressErased: end(person, side) { _ in true }
        case .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .held, .resumed, .superseded,
            .reentrySuppressed, .remembered, .optedIn, .forgotten, .lapsed, .migrated, .ignored:
            break
        }
    }

    private mutating func open(_ opening: Fact.Opening, _ key: ProspectKey, _ side: Side) {
        guard period.contains(opening.at) else { return }
        let place = places[side.rawValue][Int(opening.policy.rawValue)]
        let reference = opening.journey.reference
        if side == .recorded {
            result.policies[place].recorded.opened += 1
        } else {
            result.policies[place].candidate.opened += 1
        }
        var person = people.removeValue(forKey: key) ?? Person()
        var index = person.journeys.firstIndex { $0.reference == reference }
        if index == nil {
            person.journeys.append(Journey(reference: reference, place: Int32(place)))
            index = person.journeys.count - 1
        }
        if let index {
            person.journeys[index][side].hasOpened = true
            person.journeys[index][side].isOpen = true
        }
        people[key] = person
    }

    private mutating func send(
        _ key: ProspectKey, _ reference: JourneyReference, _ step: UInt8, at time: Instant, _ side: Side
    ) {
        var place: Int32?
        change(key, reference, side) { journey, results in
            place = journey.place
            journey[side].lastStep = step + 1
            journey[side].sent += 1
            journey[side].lastSent = time
            results.steps[Int(step)].sent += 1
        }
        guard let place, let index = people.index(forKey: key) else { return }
        let known = people.values[index].mails.firstIndex { $0.place == place }
        var mail = known.map { people.values[index].mails[$0] } ?? Mail(place: place)
        if side == .recorded { mail.recorded = min(mail.recorded, time) }
        if side == .candidate { mail.candidate = min(mail.candidate, time) }
        if let known { people.values[index].mails[known] = mail } else { people.values[index].mails.append(mail) }
    }

    private mutating func buy(_ key: ProspectKey, _ reference: JourneyReference, at time: Instant, _ side: Side) {
        change(key, reference, side) { journey, results in
            let half = journey[side]
            journey[side].hasBought = true
            guard half.sent > 0 else {
                results.boughtUnreminded += 1
                return
            }
            results.steps[Int(half.lastStep) - 1].bought += 1
            if time - half.lastSent <= Self.afterReminder { results.boughtWithinWeek += 1 }
        }
        end(key, side) { $0.reference == reference }
    }

    /// Journeys of other periods are not known, and nothing happens on a side where one has ended.
    private mutating func change(
        _ key: ProspectKey, _ reference: JourneyReference, _ side: Side,
        _ body: (inout Journey, inout BacktestSide) -> Void
    ) {
        guard let index = people.index(forKey: key),
            let place = people.values[index].journeys.firstIndex(where: { $0.reference == reference }),
            people.values[index].journeys[place][side].isOpen
        else { return }
        let policy = Int(people.values[index].journeys[place].place)
        if side == .recorded {
            body(&people.values[index].journeys[place], &result.policies[policy].recorded)
        } else {
            body(&people.values[index].journeys[place], &result.policies[policy].candidate)
        }
    }

    private mutating func end(_ key: ProspectKey, _ side: Side, _ isMeant: (Journey) -> Bool) {
        guard let index = people.index(forKey: key) else { return }
        var place = 0
        while place < people.values[index].journeys.count {
            let journey = people.values[index].journeys[place]
            if isMeant(journey) { people.values[index].journeys[place][side].isOpen = false }
            let isOver =
                !people.values[index].journeys[place].recorded.isOpen
                && !people.values[index].journeys[place].candidate.isOpen
            guard isOver else {
                place += 1
                continue
            }
            finish(people.values[index].journeys.remove(at: place))
        }
    }

    // MARK: The end

    private mutating func finish(_ journey: Journey) {
        let (recorded, candidate) = (journey.recorded, journey.candidate)
        guard recorded.hasBought && candidate.hasBought else { return }
        result.policies[Int(journey.place)].mailsSaved += max(0, Int(recorded.sent) - Int(candidate.sent))
        result.policies[Int(journey.place)].mailsAdded += max(0, Int(candidate.sent) - Int(recorded.sent))
        if recorded.lastStep != candidate.lastStep { result.limits.purchasesAfterOtherMails += 1 }
    }

    /// Neither side knows the person any more.
    mutating func forget(_ prospect: ProspectKey) {
        guard let index = people.index(forKey: prospect), people.values[index].journeys.isEmpty else { return }
        finish(people.remove(at: index).value, prospect)
    }

    private mutating func finish(_ person: Person, _ prospect: ProspectKey) {
        for mail in person.mails {
            let place = Int(mail.place)
            switch (mail.recorded < .distantFuture, mail.candidate < .distantFuture) {
            case (true, true): result.policies[place].mailedByBoth += 1
            case (true, false):
                result.policies[place].mailedByRecorded += 1
                let example = example(person, prospect, mail.recorded)
                result.policies[place].recordedExamples.addEarliest([example], limit: examples)
            case (false, true):
                result.policies[place].mailedByCandidate += 1
                let example = example(person, prospect, mail.candidate)
                result.policies[place].candidateExamples.addEarliest([example], limit: examples)
            case (false, false): break
            }
        }
    }

    private func example(_ person: Person, _ prospect: ProspectKey, _ at: Instant) -> BacktestExample {
        BacktestExample(
            partition: partition, at: at, record: person.record, topic: person.topic, prospect: prospect)
    }

    /// Counts what is still open.
    mutating func finish() -> BacktestResult {
        for (prospect, person) in people {
            for journey in person.journeys { finish(journey) }
            finish(person, prospect)
        }
        people = [:]
        return result
    }
}
