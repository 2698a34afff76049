import RandomTestSupport

@testable import Journey

/// A random story of one prospect, the same for the same seed: events in any order of their times, and ticks between
/// them.
struct History {
    enum Moment {
        case event(Input)
        case tick(Span)
    }

    static let policies: [Policy] =
        ExamplePolicies.kasko
        + [
            ExamplePolicies.checkout, ExamplePolicies.oneHour.with { $0.name = "quick" },
            ExamplePolicies.oneDay.with { policy in
                policy.name = "slow"
                policy.scope = .product
                policy.consentRequired = true
                policy.retention = 2.days
                policy.activityOn = EventTypeSet(.offerCreated)
            },
        ]

    let moments: [Moment]

    /// - Parameter skipping: event types that the history does not have.
    init(seed: UInt64, events: Int = 80, skipping: Set<EventType> = []) {
        var random = SeededGenerator(seed: seed)
        var moments: [Moment] = []
        var now = Span.zero
        let types = EventType.allCases.filter { !skipping.contains($0) }
        for number in 0..<events {
            now += random.pick([0.minutes, 1.minutes, 20.minutes, 2.hours, 11.hours])
            let delay = random.pick([0.minutes, 0.minutes, 3.minutes, 10.minutes, 11.minutes, 1.days])
            var type = random.pick(types)
            // Who opts out or is erased is seldom seen again: few of them, or nothing else would be tested.
            let isRare = type == .contactOptedOut || type == .contactErasureRequested
            if isRare && random.next(8) != 0 { type = .checkoutStarted }
            moments.append(.event(History.input(type, at: now - delay, number, &random)))
            if random.next(3) == 0 { moments.append(.tick(now - 5.seconds)) }
        }
        moments.append(.tick(now + 3.days))
        self.moments = moments
    }

    private static func input(_ type: EventType, at time: Span, _ number: Int, _ random: inout SeededGenerator) -> Input
    {
        let content = random.next(4)
        let record = RecordPosition(rawValue: UInt64(number + 1))
        return Input(
            type: type, prospect: ProspectKey(high: 1, low: 1), time: Scenario.start + time, offset: Int64(number),
            product: ScopeKey(rawValue: random.next(3)), subject: ScopeKey(rawValue: random.next(3)),
            seed: JourneyID(high: random.next(), low: random.next()),
            consent: random.pick([.unknown, .given, .withheld]),
            address: content == 0 ? .missing : .usable,
            details: content == 0 ? .none : Details(record: record, hash: content, fields: content < 3 ? 0b11 : 0b111))
    }

    func play(_ story: inout Scenario) {
        for moment in moments {
            switch moment {
            case .event(let input): story.fold(input)
            case .tick(let time): story.tick(at: time)
            }
        }
    }

    static func story() -> Scenario { Scenario(policies) }

    var events: [Input] {
        moments.compactMap { if case .event(let input) = $0 { input } else { nil } }
    }
}

extension SeededGenerator {
    mutating func next(_ bound: UInt64) -> UInt64 { next() % bound }
    mutating func pick<T>(_ values: [T]) -> T { values[Int(next(UInt64(values.count)))] }
    mutating func shuffle<T>(_ values: inout [T]) {
        for index in values.indices.dropFirst() { values.swapAt(index, Int(next(UInt64(index + 1)))) }
    }
}
