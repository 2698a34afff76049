import Journey

/// Reads one item of `policies:`.
struct PolicyReader {
    static let keys = [
        "name", "enabled", "appliesTo", "opensOn", "convertsOn", "activityOn", "scope", "anchor", "supersedes",
        "reentry",
        "hold", "retention", "consent", "backfill", "steps", "command",
    ]

    /// Keys one level further down, for those who look for them in the policy itself.
    static let nestedKeys = [
        "appliesTo.tenants", "appliesTo.products", "reentry.window", "hold.max", "steps.after", "steps.template",
        "steps.maxLateness", "command.campaign", "command.tags", "command.fields",
    ]

    private enum ConsentRule: String, CaseIterable { case required, optional }

    /// Waiting periods, windows and the like: nothing that lasts no time.
    static let positive = Span(milliseconds: 1)...SpanText.maximum

    var clock: Clock
    var templates: Templates
    var takesAnyPointer: Bool

    /// A policy and where its parts were written, for the checks across policies.
    struct Located {
        var policy: Policy
        var name: Value?
        var supersedes: [Value]
    }

    /// - Returns: what could be read of it, so that the other policies can be checked against it; `nil` if it is no policy
    ///   at all. Missing parts have been reported.
    func read(_ value: Value) -> Located? {
        guard let section = Section(value, keys: Self.keys) else { return nil }
        let name = section.required("name", "give the policy a name; it becomes part of every journey's id")
        var policy = Policy(name: name?.identifier() ?? "", opensOn: [], convertsOn: [], steps: [])
        readTypes(section, into: &policy)
        readRules(section, into: &policy)
        let retention = section["retention"].map { $0.span(Self.positive) } ?? policy.retention
        if let retention { policy.retention = retention }
        let supersedes = section["supersedes"]
        policy.supersedes =
            supersedes?.uniqueTexts(maximum: Limits.policies) { $0.identifier("a policy") }?.sorted() ?? []
        if let steps = section.required("steps", "without a step no reminder would ever be sent") {
            policy.steps = StepReader(clock: clock, templates: templates, retention: retention).read(steps)
        }
        if let command = section["command"] {
            policy.command = CommandReader(takesAnyPointer: takesAnyPointer).read(command)
        }
        return Located(
            policy: policy, name: name,
            supersedes: supersedes?.items(maximum: Limits.policies) ?? [])
    }

    private func readTypes(_ section: Section, into policy: inout Policy) {
        var opening: [EventType] = []
        if let value = section.required("opensOn", "list the event types that open a journey") {
            if let types = types(value, allowed: EventRole.opening) {
                opening = types
                if case .sequence(let items) = value.node.content, items.isEmpty {
                    value.mistake(.missing, "`opensOn` is empty: list the event types that open a journey")
                }
            }
        }
        var converting: [EventType] = []
        let converts = section.required(
            "convertsOn", "list the event types that end a journey as won, or write `convertsOn: []` if none does")
        if let converts, let types = types(converts, allowed: EventRole.converting, unlike: opening) {
            converting = types
            if types.isEmpty {
                converts.warning(
                    .conflict, "`convertsOn` is empty: whoever buys is still reminded, up to the last step")
            }
        }
        policy.opensOn = EventTypeSet(opening)
        policy.convertsOn = EventTypeSet(converting)
        if let activity = section["activityOn"].flatMap({ types($0, allowed: EventRole.activity) }) {
            policy.activityOn = EventTypeSet(activity)
        }
    }

    /// What an event type may be listed for.
    private enum EventRole {
        case opening, converting, activity

        func complaint(_ type: EventType) -> String? {
            switch type {
            case .contactOptedOut, .contactErasureRequested:
                "`\(type.name)` ends all journeys of a person by itself: remove it"
            case .contactOptedIn: "`\(type.name)` only lifts an opt-out: remove it"
            case .leadCancelled:
                self == .activity ? nil : "`\(type.name)` ends journeys as cancelled by itself: remove it"
            case .salesLeadCreated, .offerCreated, .policyIssued, .checkoutStarted, .checkoutUpdated,
                .checkoutCompleted, .paymentPending, .paymentFailed:
                nil
            }
        }
    }

    private func types(_ value: Value, allowed role: EventRole, unlike opening: [EventType] = []) -> [EventType]? {
        guard let items = value.items(maximum: EventType.allCases.count) else { return nil }
        var types: [EventType] = []
        for item in items {
            let names = EventType.allCases.map(\.name)
            let name = item.name("an event type", among: names) { near in
                let known = near == nil ? ": known are \(names.map { "`\($0)`" }.joined(separator: ", "))" : ""
                return "unknown event type `\(item.written)`\(known)"
            }
            guard let name, let type = EventType.allCases.first(where: { $0.name == name }) else { continue }
            if let complaint = role.complaint(type) {
                item.mistake(.conflict, complaint)
            } else if types.contains(type) {
                item.mistake(.duplicate, "`\(name)` is listed twice: keep one of them")
            } else if opening.contains(type) {
                item.mistake(.conflict, "`\(name)` cannot both open a journey and convert it: remove it from one list")
            } else {
                types.append(type)
            }
        }
        return types
    }

    private func readRules(_ section: Section, into policy: inout Policy) {
        if let enabled = section["enabled"]?.boolean() { policy.enabled = enabled }
        if let applies = section.section("appliesTo", keys: ["tenants", "products"]) {
            policy.tenants = names(applies["tenants"])
            policy.products = names(applies["products"])
        }
        if let scope = section["scope"]?.choice(of: Policy.Scope.self) { policy.scope = scope }
        if let anchor = section["anchor"]?.choice(of: Policy.Anchor.self) { policy.anchor = anchor }
        if let reentry = section.section("reentry", keys: ["window"]) {
            policy.reentryWindow = reentry.required("window", "say how long no new journey opens, as in `window: 7d`")?
                .span(Self.positive)
        }
        if let hold = section.section("hold", keys: ["max"]) {
            let maximum = hold.required("max", "say how long a pending payment stops the timer, as in `max: 24h`")
            if let maximum = maximum?.span(Self.positive) { policy.holdMaximum = maximum }
        }
        if let consent = section["consent"]?.choice(of: ConsentRule.self) {
            policy.consentRequired = consent == .required
        }
        if let backfill = section["backfill"]?.span(.zero...SpanText.maximum) { policy.backfill = backfill }
    }

    /// Sorted, because a policy that lists the same names in another order is the same policy.
    private func names(_ value: Value?) -> [String] {
        guard let value else { return [] }
        if case .sequence(let items) = value.node.content, items.isEmpty {
            value.mistake(.missing, "`\(value.name)` is empty: name at least one, or leave it out to mean all")
        }
        return value.uniqueTexts(maximum: Limits.applies) { $0.text(maximumBytes: Limits.textBytes) }?.sorted() ?? []
    }
}
