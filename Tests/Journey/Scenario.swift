import Testing

@testable import Journey

/// One prospect's story: given these events, when the clock ticks, then these reminders.
///
/// Times are elapsed times since the policies' activation. Events and ticks run as the engine runs them: an event is
/// decided and evolved; a tick decides everything that is due, in (due, journey) order. A copy of a scenario is an
/// independent story.
struct Scenario {
    /// When the policies are activated, unless told otherwise: 2026-01-01T00:00:00Z.
    static let start = Instant(milliseconds: 1_767_225_600_000)

    private(set) var policies = PolicySet()
    private(set) var state = ProspectState()
    private(set) var clock = Instant.distantPast
    /// What followed from the last event or tick.
    private(set) var last: [Fact] = []
    /// Everything that ever followed.
    private(set) var facts: [Fact] = []
    private(set) var reminders: [Reminder] = []
    private(set) var skips: [Skip] = []
    /// What every event and tick meant for leads.
    private(set) var leadChanges: [LeadChange] = []
    private(set) var lastLeadChanges: [LeadChange] = []
    private var offset: Int64 = 0
    private var isBacklog = false
    private let keys = TestKeys()

    init(_ policies: [Policy], skew: Span = .minutes(10), activatedAt: Span = .zero) {
        activate(policies, skew: skew, at: activatedAt)
    }

    init(_ policy: Policy, skew: Span = .minutes(10)) { self.init([policy], skew: skew) }

    mutating func activate(_ policies: [Policy], skew: Span = .minutes(10), at time: Span) {
        self.policies.activate(
            policies, DecisionSettings(conversionSkew: skew), at: Scenario.start + time, keys: keys)
    }

    // MARK: Given

    /// Folds an event. Openings bring an address and all fields unless told otherwise; other events bring what is
    /// named.
    @discardableResult
    mutating func event(
        _ type: EventType, at time: Span, product: String? = nil, subject: String? = nil, tenant: String? = nil,
        consent: Consent = .unknown, email: Email = .asUsual, fields: [String]? = nil, id: String? = nil
    ) -> [Fact] {
        let opens: [EventType] = [.salesLeadCreated, .offerCreated, .checkoutStarted]
        let address = email.text ?? (email == .asUsual && opens.contains(type) ? "ada@example.com" : nil)
        let fields = fields ?? (address == nil ? [] : [ExamplePolicies.productName, ExamplePolicies.checkoutURL])
        let name = id ?? "\(type)-\(time.milliseconds)-\(product ?? "")-\(subject ?? "")"
        let content = fields.joined(separator: ",") + (address ?? "")
        let details =
            content.isEmpty
            ? Details.none
            : Details(
                record: RecordPosition(rawValue: UInt64(offset + 1)), hash: TestKeys.hash(content) >> 16 | 1,
                fields: fields.reduce(0) { $0 | 1 << keys.fieldNumber($1) })
        return fold(
            Input(
                type: type, prospect: ProspectKey(high: 1, low: 1), time: Scenario.start + time, offset: offset,
                tenant: keys.scope(tenant), product: keys.scope(product), subject: keys.scope(subject),
                seed: JourneyID(high: TestKeys.hash(name), low: TestKeys.hash(name + "'")), consent: consent,
                address: address.map { $0.contains("@") ? .usable : .unusable } ?? .missing, details: details))
    }

    /// Folds an input as it is.
    @discardableResult
    mutating func fold(_ input: Input) -> [Fact] {
        offset += 1
        var decided = Facts()
        if isBacklog {
            #expect(policies.readsAgain(at: clock))
            policies.decideBacklog(state, at: input.time, into: &decided)
            evolve(decided)
            decided.removeAll()
        }
        policies.decide(state, input, at: clock, into: &decided)
        #expect(!decided.isEmpty, "every input gives a fact")
        last = []
        lastLeadChanges = []
        evolve(decided)
        return last
    }

    mutating func intervene(_ intervention: Intervention, at time: Span) {
        policies.intervene(intervention, at: Scenario.start + time)
    }

    mutating func find(_ journey: JourneyReference, step: UInt8, emitted: Span) {
        policies.note(FoundReminder(journey: journey, step: step, emitted: Scenario.start + emitted))
    }

    /// Folds events as a rebuilt journal does before its first tick.
    mutating func backlog(_ events: (inout Scenario) -> Void) {
        isBacklog = true
        events(&self)
        isBacklog = false
    }

    // MARK: When

    /// The partition's clock becomes `time`, and everything due by then is decided. Returns the reminders that go out.
    @discardableResult
    mutating func tick(at time: Span) -> [Reminder] {
        clock = max(clock, Scenario.start + time)
        let sent = reminders.count
        var due: [(Instant, JourneyReference)] = []
        policies.forEachDue(state, at: clock) { due.append(($0, $1)) }
        due.sort { ($0.0, $0.1) < ($1.0, $1.1) }
        last = []
        lastLeadChanges = []
        for (_, reference) in due {
            var decided = Facts()
            policies.decideDue(state, reference, at: clock, into: &decided)
            evolve(decided)
        }
        if let next = policies.nextAction(state) { #expect(next > clock, "nothing due is left after a tick") }
        return Array(reminders[sent...])
    }

    /// Ticks every `step` until `end`, as a live partition does.
    mutating func ticks(every step: Span, until end: Span) {
        var time = max(clock, Scenario.start) - Scenario.start
        while time < end {
            time = min(time + step, end)
            tick(at: time)
        }
    }

    /// An operator applies the newest versions to what waits.
    @discardableResult
    mutating func migrate() -> [Fact] {
        var decided = Facts()
        policies.decideMigration(state, into: &decided)
        last = []
        evolve(decided)
        return last
    }

    // MARK: Then

    /// Why the last event changed nothing, for each policy that says so.
    var ignored: [IgnoreReason] {
        last.compactMap { if case .ignored(let reason, _) = $0 { reason } else { nil } }
    }

    /// How many journeys the last event opened.
    var opened: Int { last.count { if case .opened = $0 { true } else { false } } }

    /// The newest journey of a policy.
    func journey(_ policy: String) -> JourneyState? {
        state.journeys.filter { policies[$0.policy].policy.name == policy }.max { $0.openedAt < $1.openedAt }
    }

    func status(_ policy: String) -> JourneyState.Status? { journey(policy)?.status }

    /// When the next reminder of the policy's newest journey goes out if nothing happens until then.
    func due(_ policy: String) -> Span? {
        journey(policy).flatMap { policies.nextReminder($0) }.map { $0 - Scenario.start }
    }

    /// When the prospect is next looked at.
    var next: Span? { policies.nextAction(state).map { $0 - Scenario.start } }

    private mutating func evolve(_ decided: Facts) {
        let before = state
        defer { noteLeadChanges(before, decided) }
        for fact in decided {
            switch fact {
            case .reminderRequested(let reference, let step, let due, let emitted):
                reminders.append(
                    Reminder(
                        template: template(reference, step), emitted: emitted - Scenario.start,
                        due: due - Scenario.start,
                        journey: reference, step: step))
            case .reminderSkipped(let reference, let step, _, let reason):
                skips.append(Skip(template: template(reference, step), reason: reason))
            default: break
            }
            policies.evolve(&state, fact)
            last.append(fact)
            facts.append(fact)
        }
    }

    private mutating func noteLeadChanges(_ before: ProspectState, _ decided: Facts) {
        var changes = ContiguousArray<LeadChange>()
        policies.leadChanges(
            from: before, decided, to: state, isNewAddress: before.contact.record != state.contact.record,
            into: &changes)
        if !decided.contains(where: \.mayChangeLead) { #expect(changes == [], "nothing that may change a lead did") }
        leadChanges += changes
        lastLeadChanges += changes
    }

    private func template(_ reference: JourneyReference, _ step: UInt8) -> String {
        guard let journey = state.journeys.first(where: { $0.reference == reference }) else { return "?" }
        return policies[journey.policy].policy.steps[Int(step)].template
    }
}

/// What an event says of the address.
enum Email: Equatable {
    /// Openings bring one, other events none.
    case asUsual
    case missing
    case of(String)

    var text: String? { if case .of(let text) = self { text } else { nil } }
}

struct Reminder: Equatable, CustomStringConvertible {
    var template: String
    var emitted: Span
    var due: Span
    var journey: JourneyReference
    var step: UInt8

    /// Two reminders are the same to a reader of a test when template and time are.
    static func == (a: Reminder, b: Reminder) -> Bool { a.template == b.template && a.emitted == b.emitted }

    static func sent(_ template: String, at emitted: Span) -> Reminder {
        Reminder(template: template, emitted: emitted, due: emitted, journey: JourneyReference(rawValue: 0), step: 0)
    }

    var description: String { "\(template) at \(emitted.milliseconds) ms" }
}

struct Skip: Equatable {
    var template: String
    var reason: SkipReason

    static func skipped(_ template: String, _ reason: SkipReason) -> Skip { Skip(template: template, reason: reason) }
}

/// Names become numbers by FNV-1a, and small numbers by first use.
final class TestKeys: PolicyKeys {
    private var names: [String: UInt16] = [:]
    private var pointers: [String: UInt64] = [:]

    static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    func scope(_ text: String?) -> ScopeKey { text.map { ScopeKey(rawValue: TestKeys.hash($0)) } ?? .none }

    func identity(ofPolicy name: String) -> JourneyID {
        JourneyID(high: TestKeys.hash("policy " + name), low: TestKeys.hash(name))
    }
    func nameKey(_ name: String) -> UInt16 {
        let next = UInt16(names.count)
        return names[name, default: next, insert: true]
    }
    func tenantKey(_ tenant: String) -> ScopeKey { scope(tenant) }
    func productKey(_ product: String) -> ScopeKey { scope(product) }
    func fieldNumber(_ pointer: String) -> UInt64 {
        let next = UInt64(pointers.count)
        return pointers[pointer, default: next, insert: true]
    }
}

extension Dictionary {
    /// The value of `key`, which becomes `default` on first use.
    fileprivate subscript(key: Key, default value: Value, insert insert: Bool) -> Value {
        mutating get {
            if self[key] == nil { self[key] = value }
            return self[key] ?? value
        }
    }
}

extension Int {
    var milliseconds: Span { Span(milliseconds: Int64(self)) }
    var seconds: Span { .seconds(Int64(self)) }
    var minutes: Span { .minutes(Int64(self)) }
    var hours: Span { .hours(Int64(self)) }
    var days: Span { .days(Int64(self)) }
}
