/// What must come of one partition's messages and ticks, from the description of the product alone: a second opinion that
/// is slow, keeps everything in dictionaries, and shares no code with what it judges.
struct Model {
    /// What becomes of a message.
    enum Fate: Hashable { case folded, tombstone, unknownType, refused }

    /// Something that was decided, in words that the journal's facts are put into, too.
    struct Decision: Hashable, Comparable, CustomStringConvertible {
        /// A journey, a policy, or a person.
        var of: String
        var what: String

        static func < (a: Decision, b: Decision) -> Bool { (a.of, a.what) < (b.of, b.what) }
        var description: String { "\(of): \(what)" }
    }

    /// A reminder that must be published, once.
    struct Reminder: Hashable {
        var journey, prospect, email, template: String
        var step: Int
        var due, emitted, expires: Int64
        var fields: [String: String]
    }

    let partitionCount: Int
    private(set) var configuration = PlainConfiguration()
    /// Since when policies act, by name, and for how long a conversion is remembered.
    private(set) var activatedAt: [String: Int64] = [:]
    private(set) var memory: Int64 = 0
    var clock: Int64?
    private(set) var people: [Person] = []
    private var numbers: [String: Int] = [:]
    /// By the person's number: nothing happens of itself before.
    private var wakes: [Int64] = []
    var reminders: [Reminder] = []
    var met: [Row: Int] = [:]

    init(partitionCount: Int) { self.partitionCount = partitionCount }

    mutating func meet(_ row: Row) { met[row, default: 0] += 1 }

    mutating func activate(_ configuration: PlainConfiguration, at time: Int64) {
        self.configuration = configuration
        for policy in configuration.policies {
            if activatedAt[policy.name] == nil { activatedAt[policy.name] = time }
            memory = max(memory, policy.longestPath)
        }
    }

    func actsFrom(_ policy: PlainPolicy) -> Int64 { (activatedAt[policy.name] ?? .max) - policy.backfill }

    /// From then on nothing that happened at `time` can matter to any opening.
    func forgettable(_ time: Int64) -> Int64 { time + PlainConfiguration.skew + memory + 1 }

    func isTooOld(_ time: Int64) -> Bool { clock.map { time < $0 - memory } ?? false }

    // MARK: Messages

    /// - Returns: what becomes of it, and what is decided.
    mutating func read(_ message: Happening) -> (fate: Fate, decisions: [Decision]) {
        switch message.body {
        case .tombstone:
            meet(.tombstone)
            return (.tombstone, [])
        case .malformed:
            meet(.malformed)
            return (.refused, [])
        case .event: break
        }
        guard Self.types.contains(message.type) else {
            meet(configuration.refusesUnknownTypes ? .unknownTypeRefused : .unknownType)
            return (configuration.refusesUnknownTypes ? .refused : .unknownType, [])
        }
        guard let identity = identity(of: message) else {
            meet(.malformed)
            return (.refused, [])
        }
        if partitionCount > 1, !isKeyed(message) {
            let isFolded = configuration.isEnding(message.type)
            meet(isFolded ? .foreignKeyOfEnding : .foreignKey)
            if !isFolded { return (.refused, []) }
        }
        if message.time > message.publishedAt { meet(.futureDated) }
        let number = number(of: identity)
        var reading = Reading(person: people[number], message: message)
        reading.fold(into: &self)
        people[number] = reading.person
        wakes[number] = nextLook(at: people[number])
        return (.folded, reading.decisions)
    }

    static let types: Set<String> = [
        "sales-lead.created", "offer.created", "policy.issued", "checkout.started", "checkout.updated",
        "checkout.completed", "payment.pending", "payment.failed", "lead.cancelled", "contact.opted-out",
        "contact.opted-in", "contact.erasure-requested",
    ]

    func identity(of message: Happening) -> String? {
        if configuration.identity == .prospect, let id = message.prospect { return "\(message.tenant)|\(id)" }
        return message.usableEmail.map { "\(message.tenant)|<\($0)>" }
    }

    private func isKeyed(_ message: Happening) -> Bool {
        let identity =
            configuration.identity == .prospect ? message.prospect ?? message.usableEmail : message.usableEmail
        let key = message.key ?? message.usualKey(configuration.identity)
        return key == identity || key == message.email || key == "\(message.tenant):\(identity ?? "")"
    }

    private mutating func number(of identity: String) -> Int {
        if let known = numbers[identity] { return known }
        numbers[identity] = people.count
        people.append(Person())
        wakes.append(.max)
        return people.count - 1
    }

    // MARK: Ticks

    /// What comes of itself when its time has come.
    enum Due: Hashable {
        /// Of a journey: the end of a hold, a step, the end of retention.
        case journey(String)
        /// All that is left of a journey is forgotten; nobody can tell when, but for what is forgotten with it.
        case end(String)
        /// Some of a person's notes are forgotten.
        case notes
    }

    /// What a tick has come to that could not come to everything.
    struct Choice {
        var journeys: Set<String>
        /// Whose notes, by identity.
        var notes: Set<String>
    }

    /// What is due at a tick.
    ///
    /// - Parameter choice: `nil` where the tick has come to everything.
    /// - Returns: the decisions, and a journey that was left though it was due before another one.
    mutating func tick(_ clock: Int64, only choice: Choice? = nil) -> (decisions: [Decision], overtaken: String?) {
        self.clock = clock
        let noted = choice.map { Set($0.notes.compactMap { numbers[$0] }) }
        var decisions: [Decision] = []
        var latest = Int64.min
        var left: (due: Int64, name: String)?
        for number in wakes.indices where wakes[number] <= clock {
            var person = people[number]
            decisions += look(at: &person, clock) { what, due in
                switch what {
                case .notes: return noted?.contains(number) ?? true
                case .end(let name): return choice?.journeys.contains(name) ?? true
                case .journey(let name):
                    guard choice?.journeys.contains(name) ?? true else {
                        if due < left?.due ?? .max { left = (due, name) }
                        return false
                    }
                    latest = max(latest, due)
                    return true
                }
            }
            people[number] = person
            wakes[number] = nextLook(at: person)
        }
        if left != nil { meet(.full) }
        return (decisions, left.flatMap { $0.due < latest ? $0.name : nil })
    }

    /// Moves the person's journeys to the policies as they are now.
    mutating func migrate(_ identity: String) -> [Decision] {
        guard let number = numbers[identity] else { return [] }
        var decisions: [Decision] = []
        for index in people[number].journeys.indices where people[number].journeys[index].isUnderWay {
            let journey = people[number].journeys[index]
            guard let policy = configuration.policies.first(where: { $0.name == journey.policy.name }),
                policy != journey.policy, policy.scope == journey.policy.scope
            else { continue }
            people[number].journeys[index].policy = policy
            if journey.stepsDecided >= policy.steps.count { people[number].journeys[index].status = .finished }
            meet(.migrated)
            decisions.append(Decision(of: journey.name, what: "migrated"))
        }
        wakes[number] = nextLook(at: people[number])
        return decisions
    }

    /// Journeys that a migration must have moved.
    var unmigrated: [String] {
        people.flatMap(\.journeys).filter { journey in
            journey.isUnderWay
                && configuration.policies.contains { $0.name == journey.policy.name && $0 != journey.policy }
        }.map(\.name)
    }
}

extension Happening {
    /// Trimmed and lower-cased, if it is one.
    var usableEmail: String? {
        guard let email, email.contains("@") else { return nil }
        return email.lowercased()
    }

    func usualKey(_ identity: PlainConfiguration.Identity) -> String {
        (identity == .prospect ? prospect : nil) ?? usableEmail ?? "nobody"
    }
}
