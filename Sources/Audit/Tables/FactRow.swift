import Journey

/// A fact as a row of a table has it: its name, and what it says beside in columns of their own.
public struct FactRow: Sendable, Equatable {
    public var name: String
    public var journey: JourneyReference?
    /// From 1.
    public var step: Int?
    public var at: Instant?
    public var due: Instant?
    /// The end of a hold.
    public var until: Instant?
    /// Why something was skipped, ignored or resumed; what was remembered; which consent.
    public var reason: String?
    /// The policy that the fact itself names.
    public var policy: PolicyIndex?
    /// The journey that took over.
    public var by: JourneyReference?

    public init(_ fact: Fact) {
        name = ""
        switch fact {
        case .opened(let opening):
            set("opened", opening.journey.reference, at: opening.at)
            policy = opening.policy
        case .detailsRefreshed(let journey, _, let at): set("details-refreshed", journey, at: at)
        case .contactRefreshed(_, let at): set("contact-refreshed", at: at)
        case .consentChanged(let consent, let at):
            set("consent-changed", at: at)
            reason = consent.name
        case .activity(let journey, let at): set("activity", journey, at: at)
        case .reminderRequested(let journey, let step, let due, let emitted):
            set("reminder-requested", journey, step: step, at: emitted, due: due)
        case .reminderFound(let journey, let step, let due, let emitted):
            set("reminder-found", journey, step: step, at: emitted, due: due)
        case .reminderSkipped(let journey, let step, let due, let reason):
            set("reminder-skipped", journey, step: step, due: due)
            self.reason = reason.name
        case .held(let journey, let since, let until):
            set("held", journey, at: since)
            self.until = until
        case .resumed(let journey, let at, let reason):
            set("resumed", journey, at: at)
            self.reason = reason.name
        case .converted(let journey, let at, let afterStep):
            set("converted", journey, at: at)
            step = Int(afterStep)
        case .cancelled(let journey, let at): set("cancelled", journey, at: at)
        case .superseded(let journey, let by):
            set("superseded", journey)
            self.by = by
        case .reentrySuppressed(let journey): set("reentry-suppressed", journey)
        case .remembered(let memory): set(memory, "remembered")
        case .optedOut(let at): set("opted-out", at: at)
        case .optedIn(let at): set("opted-in", at: at)
        case .erased(let at): set("erased", at: at)
        case .addressErased(let at): set("address-erased", at: at)
        case .expired(let journey): set("expired", journey)
        case .forgotten(let journey): set("forgotten", journey)
        case .lapsed(let memory): set(memory, "lapsed")
        case .migrated(let journey, let policy):
            set("migrated", journey)
            self.policy = policy
        case .ignored(let reason, let policy):
            set("ignored")
            self.reason = reason.name
            self.policy = policy
        }
    }

    private mutating func set(
        _ name: String, _ journey: JourneyReference? = nil, step: UInt8? = nil, at: Instant? = nil, due: Instant? = nil
    ) {
        self.name = name
        self.journey = journey
        self.step = step.map { Int($0) + 1 }
        self.at = at
        self.due = due
    }

    private mutating func set(_ memory: Memory, _ name: String) {
        set(name, at: memory.time)
        reason = memory.type.name
    }
}

extension Consent {
    var name: String {
        switch self {
        case .unknown: "unknown"
        case .given: "given"
        case .withheld: "withheld"
        }
    }
}

extension ResumeReason {
    var name: String {
        switch self {
        case .paymentFailed: "payment-failed"
        case .holdEnded: "hold-ended"
        }
    }
}

extension JourneyState.Status {
    public var name: String {
        switch self {
        case .waiting: "waiting"
        case .held: "held"
        case .finished: "finished"
        case .superseded: "superseded"
        case .converted: "converted"
        case .cancelled: "cancelled"
        case .optedOut: "opted-out"
        case .erased: "erased"
        case .expired: "expired"
        }
    }

    /// The names of all of them.
    public static let names = [
        "waiting", "held", "finished", "superseded", "converted", "cancelled", "opted-out", "erased", "expired",
    ]
}
