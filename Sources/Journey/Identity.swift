/// A prospect, as a keyed 128-bit hash of tenant and identity (SipHash-2-4-128 under the data directory's key).
///
/// The hash, not the identity, is what state and facts hold: an erased person leaves nothing that can be read back.
public struct ProspectKey: Hashable, Sendable, Comparable {
    public var high: UInt64
    public var low: UInt64
    @inlinable public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
    @inlinable public static func < (a: ProspectKey, b: ProspectKey) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

/// The product or subject that an event names, as a keyed 64-bit hash; `none` where it names none.
public struct ScopeKey: Hashable, Sendable {
    public var rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public static var none: ScopeKey { ScopeKey(rawValue: 0) }

    /// Whether two events, or an event and a journey, may be about the same thing: one that names none counts for all.
    @inlinable public func covers(_ other: ScopeKey) -> Bool { self == .none || other == .none || self == other }
}

/// A journey's public id: 128 bits derived from tenant, policy and the opening event's source and id, so that the same
/// opening gives the same journey whatever broker, partition or offset it came through.
public struct JourneyID: Hashable, Sendable {
    public var high: UInt64
    public var low: UInt64
    @inlinable public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
    /// The half that state and later facts refer to a journey by.
    @inlinable public var reference: JourneyReference { JourneyReference(rawValue: high) }
}

/// The first 64 bits of a `JourneyID`: names a journey within its prospect and orders timers that are due together.
public struct JourneyReference: Hashable, Sendable, Comparable {
    public var rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public static func < (a: JourneyReference, b: JourneyReference) -> Bool { a.rawValue < b.rawValue }
}

/// Where a personal record lies in its shard's journal. State, snapshots and projections hold positions, never the
/// data.
public struct RecordPosition: Hashable, Sendable, Comparable {
    public var rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public static var none: RecordPosition { RecordPosition(rawValue: 0) }
    @inlinable public static func < (a: RecordPosition, b: RecordPosition) -> Bool { a.rawValue < b.rawValue }
}
