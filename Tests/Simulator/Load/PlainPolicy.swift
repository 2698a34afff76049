/// What a marketer wants, as plainly as the oracle can read it. The engine gets the text that is made from it.
public struct PlainPolicy: Hashable, Sendable {
    public struct Step: Hashable, Sendable {
        public var after: Int64
        public var countsFromPrevious = false
        public var template: String
        public var maxLateness: Int64 = 24 * PlainPolicy.hour
    }

    public enum Scope: String, Sendable { case prospect, product, subject }

    public static let minute: Int64 = 60_000
    public static let hour: Int64 = 60 * minute
    public static let day: Int64 = 24 * hour

    public var name: String
    public var opensOn: String
    public var convertsOn: String
    public var scope = Scope.prospect
    public var countsFromOpening = false
    public var supersedes: [String] = []
    public var tenants: [String] = []
    public var activityOn: [String] = []
    /// In milliseconds, like all that follow.
    public var reentryWindow: Int64?
    public var holdMaximum = 24 * PlainPolicy.hour
    public var retention = 90 * PlainPolicy.day
    public var backfill: Int64 = 0
    public var requiresConsent = false
    /// Whether a reminder without the person's name is not sent.
    public var requiresName = false
    public var steps: [Step]

    /// The sum of the steps, one hold, and the last step's lateness.
    var longestPath: Int64 {
        var (due, latest) = (Int64(0), Int64(0))
        for step in steps {
            due = step.countsFromPrevious ? due + step.after : step.after
            latest = max(latest, due + step.maxLateness)
        }
        return latest + holdMaximum
    }

    func isActivity(_ type: String) -> Bool {
        ([opensOn, "checkout.updated", "payment.pending", "payment.failed"] + activityOn).contains(type)
    }

    fileprivate var yaml: String {
        func span(_ milliseconds: Int64) -> String { "\(milliseconds / Self.minute)m" }
        func list(_ names: [String]) -> String { "[\(names.joined(separator: ", "))]" }
        var parts = [
            "name: \(name)", "opensOn: [\(opensOn)]", "convertsOn: [\(convertsOn)]", "scope: \(scope.rawValue)",
            "anchor: \(countsFromOpening ? "opened" : "lastActivity")", "hold: {max: \(span(holdMaximum))}",
            "retention: \(span(retention))", "backfill: \(span(backfill))",
            "consent: \(requiresConsent ? "required" : "optional")",
        ]
        if !supersedes.isEmpty { parts.append("supersedes: \(list(supersedes))") }
        if !tenants.isEmpty { parts.append("appliesTo: {tenants: \(list(tenants))}") }
        if !activityOn.isEmpty { parts.append("activityOn: \(list(activityOn))") }
        if let reentryWindow { parts.append("reentry: {window: \(span(reentryWindow))}") }
        let steps = steps.map { step in
            "{after: \(span(step.after)), \(step.countsFromPrevious ? "from: previous, " : "")"
                + "template: \(step.template), maxLateness: \(span(step.maxLateness))}"
        }
        parts.append("steps: \(list(steps))")
        let name = requiresName ? "/data/prospect/firstName" : "{from: /data/prospect/firstName, fallback: there}"
        parts.append(
            "command: {fields: {name: \(name), product: {from: /data/product/id, fallback: \"-\"}, "
                + "subject: {from: /subject, fallback: \"-\"}}}")
        return "  - {\(parts.joined(separator: ", "))}"
    }
}

/// A configuration of the products that Winback follows, with all that its semantics speak of.
public struct PlainConfiguration: Hashable, Sendable {
    public enum Identity: String, Sendable { case prospect, email }

    public var identity = Identity.prospect
    public var refusesUnknownTypes = false
    public var policies = Self.products

    /// By how much services' clocks differ.
    static let skew = 10 * PlainPolicy.minute
    static let latenessMilliseconds: Int64 = 5_000

    /// Insurance: leads and offers. Memberships: a checkout that is left, and a club that asks for consent.
    static let products = [
        PlainPolicy(
            name: "unconverted-lead", opensOn: "sales-lead.created", convertsOn: "policy.issued", scope: .product,
            countsFromOpening: true, steps: [.init(after: 3 * PlainPolicy.day, template: "lead-reminder")]),
        PlainPolicy(
            name: "unconverted-offer", opensOn: "offer.created", convertsOn: "policy.issued", scope: .subject,
            countsFromOpening: true, supersedes: ["unconverted-lead"],
            steps: [.init(after: 12 * PlainPolicy.hour, template: "offer-reminder")]),
        PlainPolicy(
            name: "abandoned-checkout", opensOn: "checkout.started", convertsOn: "checkout.completed",
            reentryWindow: 7 * PlainPolicy.day,
            steps: [
                .init(after: PlainPolicy.hour, template: "spot-saved"),
                .init(after: 24 * PlainPolicy.hour, countsFromPrevious: true, template: "act-now"),
            ]),
        PlainPolicy(
            name: "club", opensOn: "checkout.started", convertsOn: "checkout.completed", tenants: ["club"],
            activityOn: ["offer.created"], holdMaximum: 6 * PlainPolicy.hour, retention: 10 * PlainPolicy.day,
            backfill: 3 * PlainPolicy.day, requiresConsent: true, requiresName: true,
            steps: [
                .init(after: 2 * PlainPolicy.hour, template: "spot-saved", maxLateness: 30 * PlainPolicy.hour),
                .init(after: 6 * PlainPolicy.hour, template: "act-now", maxLateness: 3 * PlainPolicy.hour),
                .init(
                    after: 4 * PlainPolicy.hour, countsFromPrevious: true, template: "lead-reminder",
                    maxLateness: 3 * PlainPolicy.hour),
            ]),
    ]

    /// The same products with other waiting periods.
    static let changed = {
        var policies = products
        policies[0].steps[0].after = 2 * PlainPolicy.day
        policies[2].steps[0].after = 2 * PlainPolicy.hour
        policies[2].steps[1].template = "spot-saved"
        return policies
    }()

    /// Types that keep reminders from being sent: they are folded where they arrive, whatever their key.
    func isEnding(_ type: String) -> Bool {
        ["contact.opted-out", "contact.erasure-requested", "lead.cancelled"].contains(type)
            || (policies.contains { $0.convertsOn == type } && !policies.contains { $0.opensOn == type })
    }

    /// As an operator writes it.
    var yaml: String {
        """
        kafka: {bootstrap.servers: "simulated:9092"}
        instance: one
        data: /simulated
        identity: \(identity.rawValue)
        events: {unknown: \(refusesUnknownTypes ? "refuse" : "ignore")}
        templates: [lead-reminder, offer-reminder, spot-saved, act-now]
        policies:
        \(policies.map(\.yaml).joined(separator: "\n"))
        """
    }
}
