import Configuration
import Journal
import Journey
import Records

/// Counts what became of one shard's journeys that were opened in a period, frame by frame.
///
/// In memory is what is still open of the period alone: some hundred bytes for each person. Facts follow the event or timer
/// of their person, so a person's journeys are found without a table of journeys.
struct ResultsFold {
    private let period: Range<Instant>
    private var policies = PolicySet()
    private var results: [PolicyResults] = []
    /// By policy index: the policy's place in `results`.
    private var places: [Int] = []
    private var people: [ProspectKey: Person] = [:]
    private var current: ProspectKey?

    private struct Journey {
        var reference: JourneyReference
        var policy: UInt16
        /// How many steps there were up to the last one that was sent.
        var remindedStep: UInt8 = 0
        var isSuperseded = false
    }

    /// Mostly there is one journey.
    private struct Person {
        var first: Journey
        var others: ContiguousArray<Journey> = []
    }

    /// - Parameter period: of the openings' own times.
    init(_ period: Range<Instant>) { self.period = period }

    mutating func apply(_ frame: Frame) throws {
        var reader = try RecordReader(frame.body, position: frame.position)
        while let record = try reader.next() {
            switch record {
            case .input(let input): current = input.prospect
            case .timer(let prospect), .migration(let prospect), .match(let prospect): current = prospect
            case .fact(let fact): try apply(fact)
            case .activation(let at, let text): try activate(String(decoding: text, as: UTF8.self), at: at)
            case .command, .address: break
            case .refused, .tombstone, .unknownType, .tick, .intervention, .found, .destroyed: current = nil
            }
        }
    }

    /// The results, with what is still open.
    consuming func finish() -> [PolicyResults] {
        var results = results
        for person in people.values {
            for journey in [person.first] + person.others {
                let place = places[Int(journey.policy)]
                if journey.isSuperseded { results[place].superseded += 1 } else { results[place].open += 1 }
            }
        }
        return results
    }

    /// A configuration became current: of a frame, or before what can be read begins.
    mutating func activate(_ text: String, at time: Instant) throws {
        let decisions = try PolicyText(text: text)
        policies.activate(decisions.policies, decisions.settings, at: time, keys: NoKeys())
        for version in policies.versions.dropFirst(places.count) {
            let known = results.firstIndex { $0.policy == version.policy.name }
            if known == nil { results.append(PolicyResults(policy: version.policy.name)) }
            let place = known ?? results.count - 1
            results[place].add(version.policy)
            places.append(place)
        }
    }

    private mutating func apply(_ fact: Fact) throws {
        guard let person = current else { return }
        switch fact {
        case .opened(let opening): open(opening, person)
        case .reminderRequested(let reference, let step, _, _), .reminderFound(let reference, let step, _, _):
            change(person, reference) { journey, results in
                journey.remindedStep = step + 1
                results.steps[Int(step)].reminded += 1
            }
        case .reminderSkipped(let reference, let step, _, let reason):
            change(person, reference) { _, results in results.steps[Int(step)][reason] += 1 }
        case .migrated(let reference, let to): change(person, reference) { journey, _ in journey.policy = to.rawValue }
        case .superseded(let reference, _): change(person, reference) { journey, _ in journey.isSuperseded = true }
        case .converted(let reference, _, _):
            end(person, reference) { journey, results in
                if journey.remindedStep == 0 {
                    results.convertedUnreminded += 1
                } else {
                    results.steps[Int(journey.remindedStep) - 1].converted += 1
                }
            }
        case .cancelled(let reference, _): end(person, reference) { _, results in results.cancelled += 1 }
        case .expired(let reference):
            end(person, reference) { journey, results in
                if journey.isSuperseded { results.superseded += 1 } else { results.expired += 1 }
            }
        case .optedOut: endAll(person) { _, results in results.optedOut += 1 }
        case .erased, .addressErased: endAll(person) { _, results in results.erased += 1 }
        case .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .held, .resumed, .reentrySuppressed,
            .remembered, .optedIn, .forgotten, .lapsed, .ignored:
            break
        }
    }

    private mutating func open(_ opening: Fact.Opening, _ person: ProspectKey) {
        guard period.contains(opening.at) else { return }
        let journey = Journey(reference: opening.journey.reference, policy: opening.policy.rawValue)
        results[places[Int(journey.policy)]].opened += 1
        if people[person]?.others.append(journey) == nil { people[person] = Person(first: journey) }
    }

    /// Journeys of other periods are not known, and nothing happens to those that have ended.
    private mutating func change(
        _ key: ProspectKey, _ reference: JourneyReference, _ body: (inout Journey, inout PolicyResults) -> Void
    ) {
        guard let index = people.index(forKey: key) else { return }
        var journey = people.values[index].first
        if journey.reference == reference {
            body(&journey, &results[places[Int(journey.policy)]])
            people.values[index].first = journey
        } else if let other = people.values[index].others.firstIndex(where: { $0.reference == reference }) {
            journey = people.values[index].others[other]
            body(&journey, &results[places[Int(journey.policy)]])
            people.values[index].others[other] = journey
        }
    }

    private mutating func end(
        _ key: ProspectKey, _ reference: JourneyReference, _ body: (inout Journey, inout PolicyResults) -> Void
    ) {
        guard let index = people.index(forKey: key) else { return }
        change(key, reference, body)
        if people.values[index].first.reference != reference {
            people.values[index].others.removeAll { $0.reference == reference }
        } else if let next = people.values[index].others.popLast() {
            people.values[index].first = next
        } else {
            people.remove(at: index)
        }
    }

    private mutating func endAll(_ key: ProspectKey, _ body: (inout Journey, inout PolicyResults) -> Void) {
        guard let person = people[key] else { return }
        for journey in [person.first] + person.others { end(key, journey.reference, body) }
    }
}

/// For a set of policies of which nothing but their texts is asked.
private struct NoKeys: PolicyKeys {
    func identity(ofPolicy name: String) -> JourneyID { JourneyID(high: 0, low: 0) }
    func nameKey(_ name: String) -> UInt16 { 0 }
    func tenantKey(_ tenant: String) -> ScopeKey { .none }
    func productKey(_ product: String) -> ScopeKey { .none }
    func fieldNumber(_ pointer: String) -> UInt64 { 0 }
}
