import Journey

/// What traffic a ``TrafficGenerator`` makes. The same settings give the same bytes, on any machine.
public struct TrafficSettings: Sendable, Equatable {
    public var seed: UInt64 = 1
    /// How many different people there are. They come back when there are more visits than people.
    public var prospects = 1_000
    /// How many events there are in all.
    public var events = 3_000
    /// The time of the first event.
    public var start: Instant
    /// The time in which about `events` events happen.
    public var duration = Span.days(4)
    /// By how much the stories run faster than people do: 60 makes an hour of waiting a minute.
    public var storySpeed = 1.0
    public var mix = TrafficMix()
    /// Which CloudEvents content mode the messages have.
    public var mode = ContentMode.structured

    public init(start: Instant) { self.start = start }

    /// How many events a visit has on average, with this mix.
    public var eventsPerVisit: Double { StoryTable(mix).eventsPerVisit }

    public enum ContentMode: String, CaseIterable, Sendable {
        case structured, binary
    }
}

/// What share of the visits goes which way.
public struct TrafficMix: Sendable, Equatable {
    /// The share of people who look for insurance; the others look for a membership.
    public var insurance = 0.45
    /// The share of visits that end with a purchase, before or after a reminder.
    public var buys = 0.4
    /// The share of visits that the visitor ends by cancelling or opting out.
    public var quits = 0.06
    /// Further `checkout.updated` events at the beginning of each membership checkout.
    public var furtherUpdates = 0

    public init() {}
}
