/// Everything that is known about one prospect. A value without references: `decide` reads it, `evolve` changes it.
///
/// The engine keeps it packed in its table and unpacks it into one reusable value per event, so the arrays keep their
/// storage and nothing is allocated.
public struct ProspectState: Hashable, Sendable {
    /// Bounds of the two lists. Beyond them an opening is ignored with its reason, and the two oldest memories of a
    /// type become one that names nothing: a conversion is never forgotten early, it counts for more.
    public static let maximumJourneys = 255
    public static let maximumMemories = 32

    /// The newest record with a usable address.
    public var contact: Contact = .none
    public var consent: Consent = .unknown
    public var consentAt: Instant = .distantPast
    public var suppression: Suppression = .none
    /// Events of this person that are not newer store and open nothing. `distantPast`: never erased.
    public var erasedAt: Instant = .distantPast
    public var journeys: ContiguousArray<JourneyState> = []
    public var memories: ContiguousArray<Memory> = []

    public init() {}

    /// Back to a prospect of whom nothing is known, keeping the arrays' storage.
    public mutating func reset() {
        contact = .none
        consent = .unknown
        consentAt = .distantPast
        suppression = .none
        erasedAt = .distantPast
        journeys.clear()
        memories.clear()
    }

    /// Whether nothing is left that any later event could depend on.
    public var isEmpty: Bool {
        journeys.isEmpty && memories.isEmpty && suppression == .none && erasedAt == .distantPast
    }

    public struct Contact: Hashable, Sendable {
        public var record: RecordPosition
        public var time: Instant
        public init(record: RecordPosition, time: Instant) {
            self.record = record
            self.time = time
        }
        public static var none: Contact { Contact(record: .none, time: .distantPast) }
        public var isNone: Bool { record == .none }
    }

    /// The newest of opt-out and opt-in. Only a newer opt-in lifts an opt-out.
    public enum Suppression: Hashable, Sendable {
        case none
        case optedOut(at: Instant)
        case optedIn(at: Instant)
        /// An opt-in that lifted an opt-out: openings from before it stay ignored, also when they are read again.
        case lifted(at: Instant)

        public var time: Instant {
            switch self {
            case .none: .distantPast
            case .optedOut(let at), .optedIn(let at), .lifted(let at): at
            }
        }

        public var isActive: Bool {
            if case .optedOut = self { true } else { false }
        }

        /// Whether an opening at `time` is ignored.
        public func suppresses(_ time: Instant) -> Bool {
            switch self {
            case .none, .optedIn: false
            case .optedOut: true
            case .lifted(let at): time < at
            }
        }
    }
}

extension ContiguousArray {
    /// Removes all elements, and keeps the storage: for lists of a few, a fraction of what `removeAll` costs.
    @inlinable public mutating func clear() {
        while !isEmpty { removeLast() }
    }
}

/// One journey: from the event that opened it to its last step, its end, and the end of its window.
public struct JourneyState: Hashable, Sendable {
    public var reference: JourneyReference
    /// The version it opened with, or was moved to, as an index into the shard's policy versions.
    public var policy: PolicyIndex
    /// What it is about: the product or subject of the opening event, by the policy's scope.
    public var scope: ScopeKey
    /// The product that the opening event named, for `supersedes`.
    public var product: ScopeKey
    public var status: Status
    public var openedAt: Instant
    /// The newest activity; the opening at first.
    public var activityAt: Instant
    /// The next step, from 0; equal to the number of steps when none is left.
    public var nextStep: UInt8
    /// When the previous step was emitted, or, if it was skipped, due. Meaningless before the first.
    public var previousAt: Instant
    /// For how long holds have stopped the timer since the time from which the next step counts.
    public var paused: Span
    /// The newest event that held or resumed the timer.
    public var holdAt: Instant
    /// The newest details that concern this journey.
    public var details: Details
    public var detailsAt: Instant
    /// The opening event's record: its source, id and time.
    public var opening: RecordPosition

    public init(
        reference: JourneyReference, policy: PolicyIndex, scope: ScopeKey, product: ScopeKey, openedAt: Instant,
        details: Details
    ) {
        self.reference = reference
        self.policy = policy
        self.scope = scope
        self.product = product
        status = .waiting
        self.openedAt = openedAt
        activityAt = openedAt
        nextStep = 0
        previousAt = openedAt
        paused = .zero
        holdAt = .distantPast
        self.details = details
        detailsAt = openedAt
        opening = details.record
    }

    public enum Status: Hashable, Sendable {
        /// Steps are left and the timer runs.
        case waiting
        /// A payment is pending; the timer stands until `until` at most.
        case held(since: Instant, until: Instant)
        /// No step is left; the lead stays listed until its retention ends.
        case finished
        /// Another journey took over; the lead stays listed.
        case superseded
        case converted(at: Instant)
        case cancelled(at: Instant)
        case optedOut
        case erased
        /// Its retention ended; what remains is a keyed skeleton until its window has ended.
        case expired

        /// Whether a reminder may still come.
        public var isActive: Bool {
            switch self {
            case .waiting, .held: true
            case .finished, .superseded, .converted, .cancelled, .optedOut, .erased, .expired: false
            }
        }

        /// Whether the lead is on the leads table.
        public var isListed: Bool {
            switch self {
            case .waiting, .held, .finished, .superseded: true
            case .converted, .cancelled, .optedOut, .erased, .expired: false
            }
        }
    }
}

/// A conversion or cancellation that later openings must know: services' clocks differ and events arrive in any order.
public struct Memory: Hashable, Sendable {
    public var type: EventType
    public var product: ScopeKey
    public var subject: ScopeKey
    public var time: Instant

    public init(type: EventType, product: ScopeKey, subject: ScopeKey, time: Instant) {
        self.type = type
        self.product = product
        self.subject = subject
        self.time = time
    }

    /// Whether nothing depends on `other` that does not depend on this memory too: it is as new and names nothing else.
    public func includes(_ other: Memory) -> Bool {
        type == other.type && time >= other.time && (product == .none || product == other.product)
            && (subject == .none || subject == other.subject)
    }
}

/// A policy version's place among those that a shard has ever activated.
public struct PolicyIndex: Hashable, Sendable {
    public var rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
}
