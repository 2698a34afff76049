import Journey

/// How the clock of a partition ticks.
public struct Clock: Hashable, Sendable {
    /// How far it runs behind, so that events that come a little late are still in time.
    public var lateness: Span = .seconds(5)
    /// An older sample of the end offsets is dropped before anything is decided from it.
    public var maxAge: Span = .seconds(10)
    /// A start later than this after the last tick must be confirmed: the machine's clock may be wrong.
    public var maxGap: Span = .days(30)
    /// How often it ticks.
    public var interval: Span = .seconds(1)

    public init() {}
}

extension Clock {
    static func read(_ section: Section?) -> Clock {
        var clock = Clock()
        guard let section else { return clock }
        if let lateness = section["lateness"]?.span(.zero...Span.hours(1)) { clock.lateness = lateness }
        let age = section["maxAge"]
        if let maxAge = age?.span(Span.seconds(1)...Limits.clockAge) { clock.maxAge = maxAge }
        // The newest tick is journalled at least daily, so a shorter gap would stop every start.
        if let maxGap = section["maxGap"]?.span(Span.days(2)...SpanText.maximum) { clock.maxGap = maxGap }
        let interval = section["interval"]
        if let span = interval?.span(Span(milliseconds: 10)...Limits.clockAge) { clock.interval = span }
        if clock.interval >= clock.maxAge, let value = interval ?? age {
            value.mistake(
                .conflict,
                "`clock.interval` (\(SpanText.describe(clock.interval))) must be shorter than `clock.maxAge` "
                    + "(\(SpanText.describe(clock.maxAge))): else every sample would be too old")
        }
        return clock
    }
}
