/// What a marketer sets: which events open a journey, which end it, when reminders go out and what they carry.
///
/// A policy is plain data. `Configuration` makes it from `winback.yaml`; `PolicySet` gives it a version when it is
/// activated.
public struct Policy: Hashable, Sendable {
    /// Unique within a configuration; part of every journey id, so renaming a policy starts it anew.
    public var name: String
    public var enabled = true
    /// Empty: every tenant.
    public var tenants: [String] = []
    /// Empty: every product.
    public var products: [String] = []
    public var opensOn: EventTypeSet
    public var convertsOn: EventTypeSet
    /// Types that count as activity besides `opensOn`, `checkout.updated` and the payment events.
    public var activityOn: EventTypeSet = []
    public var scope: Scope = .prospect
    public var anchor: Anchor = .lastActivity
    /// Names of policies whose waiting journeys for the same product an opening of this one ends.
    public var supersedes: [String] = []
    /// Inside this time from a journey's creation no new one opens. `nil`: a new one opens as soon as no step is left.
    public var reentryWindow: Span?
    /// How long a payment that is pending holds the timer at most.
    public var holdMaximum: Span = .hours(24)
    /// How long a lead stays on the leads table, and its personal data in the journal, from its creation.
    public var retention: Span = .days(90)
    public var consentRequired = false
    /// How far before its activation the policy may reach back for openings.
    public var backfill: Span = .zero
    /// At least one, in order.
    public var steps: [Step]
    public var command = CommandTemplate()

    public init(name: String, opensOn: EventTypeSet, convertsOn: EventTypeSet, steps: [Step]) {
        self.name = name
        self.opensOn = opensOn
        self.convertsOn = convertsOn
        self.steps = steps
    }

    /// What a journey is about, and by what windows, duplicates and conversions are kept.
    public enum Scope: String, CaseIterable, Hashable, Sendable { case prospect, product, subject }

    /// From when the waiting period runs.
    public enum Anchor: String, CaseIterable, Hashable, Sendable { case opened, lastActivity }

    public struct Step: Hashable, Sendable {
        public var after: Span
        public var from: Origin = .anchor
        public var template: String
        /// A reminder that is later than this is skipped, and a mail worker must not send it after `due + maxLateness`.
        public var maxLateness: Span = .hours(24)

        public enum Origin: String, CaseIterable, Hashable, Sendable { case anchor, previous }

        public init(
            after: Span, from: Origin = .anchor, template: String, maxLateness: Span = .hours(24)
        ) {
            self.after = after
            self.from = from
            self.template = template
            self.maxLateness = maxLateness
        }
    }

    /// What a command carries besides what every command carries.
    public struct CommandTemplate: Hashable, Sendable {
        public var campaign: String?
        public var tags: [String] = []
        /// Sorted by name, so that the same policy gives the same bytes.
        public var fields: [Field] = []
        public init() {}

        /// The JSON pointers that the fields come from, in order, each once.
        public var pointers: [String] {
            var seen = Set<String>()
            return fields.compactMap { field in
                guard case .pointer(let pointer, _) = field.source, seen.insert(pointer).inserted else { return nil }
                return pointer
            }
        }
    }

    public struct Field: Hashable, Sendable {
        public var name: String
        public var source: Source

        public enum Source: Hashable, Sendable {
            /// A JSON pointer into the event (`/data/product/name`), and what to use where the event has nothing there.
            /// Without a fallback a reminder that lacks the field is skipped.
            case pointer(String, fallback: String?)
            case constant(String)
        }

        public init(name: String, source: Source) {
            self.name = name
            self.source = source
        }
    }
}

extension Policy {
    /// The longest time from a journey's opening to its last possible reminder when nothing but holds delays it:
    /// the sum of the steps, one hold, and the last step's lateness.
    public var longestPath: Span {
        var due = Span.zero
        var latest = Span.zero
        for step in steps {
            due = step.from == .previous ? due + step.after : step.after
            latest = max(latest, due + step.maxLateness)
        }
        return latest + holdMaximum
    }

    /// The types that push the waiting period of a `lastActivity` policy on.
    public var activityTypes: EventTypeSet {
        activityOn.union(opensOn).union(
            EventTypeSet([.checkoutUpdated, .paymentPending, .paymentFailed]))
    }
}
