import Configuration
import Engine
import Journal
import Journey

/// Puts a prospect's history into words.
///
/// It decides nothing: what happened is in the facts, and what is still to come is asked of the same decisions that the
/// engine takes.
public struct Explainer {
    let history: ProspectHistory
    let stories: [JourneyStory]
    private let topicName: (UInt8) -> String
    private let products: [ScopeKey: String]
    private let names: PersonNames
    private(set) var sentences: [Explanation.Sentence] = []
    var neverOpened: [Explanation.Verdict] = []

    private init(_ history: ProspectHistory, _ source: AuditSource) {
        self.history = history
        stories = JourneyStory.all(of: history)
        topicName = source.topicName
        let names = PersonNames(key: source.directory.key)
        self.names = names
        var products: [ScopeKey: String] = [:]
        func learn(_ product: String) { if !product.isEmpty { products[names.product(product)] = product } }
        for entry in history.entries {
            if case .kept(let data) = entry.data { learn(data.product) }
        }
        for version in history.policies.policies.versions { version.policy.products.forEach(learn) }
        self.products = products
    }

    /// - Parameters:
    ///   - question: about one journey or command, the verdicts are about that alone.
    public static func explain(
        _ history: ProspectHistory, _ source: AuditSource, asOf: Instant? = nil, question: PersonQuestion? = nil
    ) -> Explanation {
        var explainer = Explainer(history, source)
        for index in history.entries.indices { explainer.explain(index) }
        let person = history.person
        func known(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
        var explanation = Explanation(
            person: Explanation.Person(
                tenant: known(person?.tenant), prospect: known(person?.prospectID), email: known(person?.email),
                partition: history.partition, key: Words.hexadecimal(history.prospect), isErased: history.isErased),
            asOf: asOf.map { AuditTime($0) },
            clock: history.clock > .distantPast ? AuditTime(history.clock) : nil)
        explanation.sentences = explainer.sentences
        explanation.verdicts = explainer.verdicts(question)
        explanation.notes = explainer.notes()
        return explanation
    }

    // MARK: What happened

    private mutating func explain(_ index: Int) {
        let entry = history.entries[index]
        switch entry.cause {
        case .event(let input): explain(input, entry)
        case .timer: break
        case .migration: say("An operator applied changed policies to journeys that were under way.", entry)
        case .erasureByAddress:
            say("Someone with the same address asked for the erasure of what is known of it.", entry)
        case .destruction(_, let at):
            say("The person's data was destroyed in the journal's files.", entry, at: at)
        }
        let said = sentences.count
        for place in entry.facts.indices { explain(entry.facts[place], place, index) }
        guard let input = entry.input else { return }
        explainSilence(input, index)
        if sentences.count == said { consequence("It changed nothing for any reminder.", entry) }
    }

    private mutating func explain(_ input: Input, _ entry: ProspectHistory.Entry) {
        var text = Words.event(input.type)
        if let product = productName(input.product) { text += ", product \(product)" }
        if case .kept(let data) = entry.data, !data.subject.isEmpty { text += ", about \(data.subject)" }
        switch input.address {
        case .unusable: text += ", with an address that no mail can go to"
        case .missing, .usable: break
        }
        switch input.consent {
        case .given: text += ", with consent to mails"
        case .withheld: text += ", without consent to mails"
        case .unknown: break
        }
        text += "."
        if entry.clock - input.time > Self.lateRead {
            text += " It was read late: the clock stood at \(entry.clock.readable) by then."
        }
        if entry.data == .erased { text += " What it said of the person has been erased." }
        say(text, entry, at: input.time)
    }

    /// An event that is read so much later than it happened is said to be.
    private static let lateRead = Span.minutes(10)

    // MARK: Sentences

    /// - Parameter policy: whose lines say why.
    mutating func say(
        _ text: String, _ entry: ProspectHistory.Entry, at: Instant? = nil, policy: PolicyVersion? = nil,
        _ lines: [String] = [], isConsequence: Bool = false
    ) {
        sentences.append(
            Explanation.Sentence(
                at: AuditTime(at ?? entry.input?.time ?? entry.clock), text: text,
                evidence: evidence(entry, policy, lines), isConsequence: isConsequence, isPending: entry.isPending))
    }

    func evidence(
        _ entry: ProspectHistory.Entry, _ policy: PolicyVersion? = nil, _ lines: [String] = []
    ) -> Explanation.Evidence {
        var event: String?
        if case .kept(let data) = entry.data, !data.eventID.isEmpty {
            event = data.source.isEmpty ? data.eventID : "\(data.eventID) of \(data.source)"
        }
        return Explanation.Evidence(
            topic: entry.input.map { topicName($0.topic) }, partition: history.partition, offset: entry.input?.offset,
            event: event, clock: entry.clock > .distantPast ? AuditTime(entry.clock) : nil, position: entry.position,
            policy: policy?.policy.name, version: policy?.number, lines: lines)
    }

    func productName(_ key: ScopeKey) -> String? { key == .none ? nil : products[key] }

    func isFor(_ policy: Policy, _ input: Input) -> Bool {
        (policy.tenants.isEmpty || policy.tenants.contains { names.tenant($0) == input.tenant })
            && (policy.products.isEmpty || policy.products.contains { names.product($0) == input.product })
    }

    /// A journey for the middle of a sentence.
    func journey(_ journey: JourneyState, _ entry: ProspectHistory.Entry) -> String {
        var text = "the \(entry.version(journey.policy).policy.name) journey of \(journey.openedAt.readable)"
        if let product = productName(journey.product) { text += " (product \(product))" }
        return text
    }

    func journey(_ reference: JourneyReference, _ entry: ProspectHistory.Entry) -> String {
        if let known = entry.before.journeys.first(where: { $0.reference == reference })
            ?? entry.after.journeys.first(where: { $0.reference == reference })
        {
            return journey(known, entry)
        }
        return "a journey"
    }

    func version(of reference: JourneyReference, _ entry: ProspectHistory.Entry) -> PolicyVersion? {
        let known =
            entry.before.journeys.first { $0.reference == reference }
            ?? entry.after.journeys.first { $0.reference == reference }
        return known.map { entry.version($0.policy) }
    }
}
