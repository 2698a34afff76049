/// What was decided. A fact changes the state by `evolve` alone, and together with the input or timer that it follows
/// in its frame it says why.
public enum Fact: Hashable, Sendable {
    case opened(Opening)
    /// `details` are newer and different; `none`: what is known was said again, and is as new as `at`.
    case detailsRefreshed(JourneyReference, Details, at: Instant)
    case contactRefreshed(RecordPosition, at: Instant)
    case consentChanged(Consent, at: Instant)
    case activity(JourneyReference, at: Instant)
    /// The step's reminder goes out. `due` is when it was due; the tick's clock is when it is emitted.
    case reminderRequested(JourneyReference, step: UInt8, due: Instant, emitted: Instant)
    case reminderSkipped(JourneyReference, step: UInt8, due: Instant, SkipReason)
    /// The step's reminder went out before the journal was rebuilt: its command was found, and is not published again.
    case reminderFound(JourneyReference, step: UInt8, due: Instant, emitted: Instant)
    case held(JourneyReference, since: Instant, until: Instant)
    case resumed(JourneyReference, at: Instant, ResumeReason)
    /// `afterStep`: how many steps had been decided by then.
    case converted(JourneyReference, at: Instant, afterStep: UInt8)
    case cancelled(JourneyReference, at: Instant)
    /// The steps that were left are given up for `by`.
    case superseded(JourneyReference, by: JourneyReference)
    /// An opening inside the re-entry window of this journey: it opened nothing.
    case reentrySuppressed(JourneyReference)
    /// A conversion or cancellation that later openings must know.
    case remembered(Memory)
    case optedOut(at: Instant)
    case optedIn(at: Instant)
    case erased(at: Instant)
    /// The person is erased, and with it everyone whose address it is: the facts about those follow. Events from before it
    /// that bring the address store and open nothing, whoever's they are.
    case addressErased(at: Instant)
    /// The journey's retention ended: its personal data is due for destruction.
    case expired(JourneyReference)
    /// Nothing can depend on the journey any more.
    case forgotten(JourneyReference)
    /// A memory older than anything that it could still prevent.
    case lapsed(Memory)
    /// An operator moved the journey to another version of its policy.
    case migrated(JourneyReference, to: PolicyIndex)
    /// The event changed nothing, for this reason; for an opening that did not open, by which policy.
    case ignored(IgnoreReason, PolicyIndex?)

    public struct Opening: Hashable, Sendable {
        public var journey: JourneyID
        public var policy: PolicyIndex
        public var scope: ScopeKey
        public var product: ScopeKey
        public var at: Instant
        public var details: Details

        public init(
            journey: JourneyID, policy: PolicyIndex, scope: ScopeKey, product: ScopeKey, at: Instant, details: Details
        ) {
            self.journey = journey
            self.policy = policy
            self.scope = scope
            self.product = product
            self.at = at
            self.details = details
        }
    }
}

/// Why a due reminder was not sent.
public enum SkipReason: UInt8, CaseIterable, Hashable, Sendable {
    /// Later than the step's `maxLateness`.
    case tooLate = 1
    /// A later step of the same journey was due at the same tick.
    case overtaken = 2
    /// Consent was withheld, or is required and was never given.
    case noConsent = 3
    /// No usable address is known.
    case noAddress = 4
    /// A field of the template that has no fallback is missing.
    case missingField = 5
    /// An operator withheld it with `winback recover`, or it may have been sent before the journal was rebuilt.
    case withheld = 6

    public var name: String {
        switch self {
        case .tooLate: "too-late"
        case .overtaken: "overtaken"
        case .noConsent: "no-consent"
        case .noAddress: "no-address"
        case .missingField: "missing-field"
        case .withheld: "withheld"
        }
    }
}

public enum ResumeReason: UInt8, CaseIterable, Hashable, Sendable {
    case paymentFailed = 1
    /// The payment stayed pending for the policy's `hold.max`.
    case holdEnded = 2
}

/// Why an event changed nothing.
public enum IgnoreReason: UInt8, CaseIterable, Hashable, Sendable {
    /// The person has no journey that the event concerns.
    case noJourney = 1
    /// Nothing in it is newer or different.
    case nothingNew = 2
    /// An opening that is not newer than the last one of its policy and scope.
    case duplicate = 3
    /// An opening at or before a known conversion (or up to `conversion.skew` after it).
    case converted = 4
    /// An opening at or before a known cancellation.
    case cancelled = 5
    /// An opening that a journey of a superseding policy has overtaken.
    case superseded = 6
    case optedOut = 7
    /// Not newer than the person's erasure.
    case erased = 8
    /// An opening from before the policy acts.
    case beforeActivation = 9
    /// An opening older than what conversions are remembered for.
    case tooOld = 10
    /// An opt-out, opt-in, hold or erasure that is older than what is known.
    case outOfDate = 11
    /// The prospect has reached `ProspectState.maximumJourneys`.
    case tooManyJourneys = 12
    case tombstone = 13
    case unknownType = 14
    /// No policy refers to the event.
    case noPolicy = 15
    /// Went to the dead-letter topic.
    case refused = 16

    public var name: String {
        switch self {
        case .noJourney: "no-journey"
        case .nothingNew: "nothing-new"
        case .duplicate: "duplicate"
        case .converted: "converted"
        case .cancelled: "cancelled"
        case .superseded: "superseded"
        case .optedOut: "opted-out"
        case .erased: "erased"
        case .beforeActivation: "before-activation"
        case .tooOld: "too-old"
        case .outOfDate: "out-of-date"
        case .tooManyJourneys: "too-many-journeys"
        case .tombstone: "tombstone"
        case .unknownType: "unknown-type"
        case .noPolicy: "no-policy"
        case .refused: "dead-letter"
        }
    }
}
