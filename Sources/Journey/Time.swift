/// A point in time, in milliseconds since 1970-01-01T00:00:00Z: the resolution of Kafka's message timestamps.
public struct Instant: Comparable, Hashable, Sendable {
    public var milliseconds: Int64

    @inlinable public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Before every time that an event may carry.
    @inlinable public static var distantPast: Instant { Instant(milliseconds: .min / 4) }
    /// After every time that an event may carry.
    @inlinable public static var distantFuture: Instant { Instant(milliseconds: .max / 4) }

    /// The range of times that Winback accepts in an event: from 2000-01-01 to 2100-01-01.
    ///
    /// Positions and times are packed into 48 bits; the range also catches seconds that were written as milliseconds.
    @inlinable public static var accepted: Range<Instant> {
        Instant(milliseconds: 946_684_800_000)..<Instant(milliseconds: 4_102_444_800_000)
    }

    @inlinable public static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }
    @inlinable public static func + (a: Instant, b: Span) -> Instant {
        Instant(milliseconds: a.milliseconds + b.milliseconds)
    }
    @inlinable public static func - (a: Instant, b: Span) -> Instant {
        Instant(milliseconds: a.milliseconds - b.milliseconds)
    }
    @inlinable public static func - (a: Instant, b: Instant) -> Span {
        Span(milliseconds: a.milliseconds - b.milliseconds)
    }
}

/// An elapsed time in milliseconds. A day is 24 hours: waiting periods know no calendar.
public struct Span: Comparable, Hashable, Sendable {
    public var milliseconds: Int64

    @inlinable public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    @inlinable public static var zero: Span { Span(milliseconds: 0) }
    @inlinable public static func seconds(_ n: Int64) -> Span { Span(milliseconds: n * 1000) }
    @inlinable public static func minutes(_ n: Int64) -> Span { Span(milliseconds: n * 60_000) }
    @inlinable public static func hours(_ n: Int64) -> Span { Span(milliseconds: n * 3_600_000) }
    @inlinable public static func days(_ n: Int64) -> Span { Span(milliseconds: n * 86_400_000) }

    @inlinable public static func < (a: Span, b: Span) -> Bool { a.milliseconds < b.milliseconds }
    @inlinable public static func + (a: Span, b: Span) -> Span { Span(milliseconds: a.milliseconds + b.milliseconds) }
    @inlinable public static func - (a: Span, b: Span) -> Span { Span(milliseconds: a.milliseconds - b.milliseconds) }
    @inlinable public static func += (a: inout Span, b: Span) { a.milliseconds += b.milliseconds }
}
