/// One event in normalised form: all that a decision reads, and nothing that names a person.
///
/// The border (decoding, hashing, clamping the time) is behind it; a recovered journal gives the same inputs back.
public struct Input: Hashable, Sendable {
    public var type: EventType
    public var prospect: ProspectKey
    /// The event's own time, never later than its message's timestamp: a future-dated event would suppress for years.
    public var time: Instant
    /// Where it came from: an index into `topics.events`, and the offset in the shard's partition of that topic.
    public var topic: UInt8
    public var offset: Int64
    /// Keyed hashes for `appliesTo`; `none` where the event names none.
    public var tenant: ScopeKey
    public var product: ScopeKey
    /// The lead, offer or cart: CloudEvents `subject` of an opening, a mapped data field of every other event.
    public var subject: ScopeKey
    /// A digest of tenant, source and event id (without an id: of keyed identity and time), from which journey ids
    /// derive. Only events that may open a journey carry one.
    public var seed: JourneyID
    public var consent: Consent
    public var address: Address
    /// What the event brings that a command may need; `none` where it brings nothing.
    public var details: Details
    /// Until when the address that the event brings is erased: what happened by then stores and opens nothing. An erasure
    /// that names an address and no id has its own time. `distantPast`: nothing of the kind is known.
    public var addressErasedAt: Instant

    public init(
        type: EventType, prospect: ProspectKey, time: Instant, topic: UInt8 = 0, offset: Int64 = 0,
        tenant: ScopeKey = .none, product: ScopeKey = .none, subject: ScopeKey = .none,
        seed: JourneyID = JourneyID(high: 0, low: 0), consent: Consent = .unknown, address: Address = .missing,
        details: Details = .none, addressErasedAt: Instant = .distantPast
    ) {
        self.type = type
        self.prospect = prospect
        self.time = time
        self.topic = topic
        self.offset = offset
        self.tenant = tenant
        self.product = product
        self.subject = subject
        self.seed = seed
        self.consent = consent
        self.address = address
        self.details = details
        self.addressErasedAt = addressErasedAt
    }
}

public enum Consent: UInt8, Hashable, Sendable {
    case unknown = 0
    case given = 1
    case withheld = 2
}

/// Whether the event has an address that a mail could go to. One that is none is treated as missing, and counted.
public enum Address: UInt8, Hashable, Sendable {
    case missing = 0
    case usable = 1
    case unusable = 2
}

/// The personal and descriptive part of an event, by reference: where its record lies, a keyed hash to tell whether
/// anything changed without reading it back, and which fields it has.
public struct Details: Hashable, Sendable {
    public var record: RecordPosition
    /// Keyed hash of the record's content, 48 bits; 0 only where there is no record.
    public var hash: UInt64
    /// Bit *i*: the shard's field *i* is present.
    public var fields: UInt64

    public init(record: RecordPosition, hash: UInt64, fields: UInt64) {
        self.record = record
        self.hash = hash
        self.fields = fields
    }

    @inlinable public static var none: Details { Details(record: .none, hash: 0, fields: 0) }
    @inlinable public var isNone: Bool { hash == 0 }
}
