import Journey

/// Watches the wall clock for jumps: a clock that is wrong by months would expire every lead.
///
/// Invariant: once it has stopped the ticks, only an operator's confirmation (a new start) lets them go on.
struct ClockGuard {
    /// By how much the wall clock may depart from CLOCK_BOOTTIME between two samples.
    static let maximumDeparture = Span.minutes(1)

    enum Verdict: Equatable {
        case good
        /// The wall clock moved by `by` against CLOCK_BOOTTIME since the last sample.
        case jumped(by: Span)
    }

    private let rate: Double
    private var last: (wall: Instant, bootMilliseconds: Int64)?
    private(set) var verdict = Verdict.good

    init(rate: Double) { self.rate = rate }

    mutating func observe(wall: Instant, bootMilliseconds: Int64) -> Verdict {
        defer { last = (wall, bootMilliseconds) }
        guard verdict == .good, let last else { return verdict }
        let elapsed = Double(bootMilliseconds - last.bootMilliseconds) * rate
        let departure = Span(milliseconds: (wall - last.wall).milliseconds - Int64(elapsed))
        let limit = Int64(Double(Self.maximumDeparture.milliseconds) * rate)
        if abs(departure.milliseconds) > limit { verdict = .jumped(by: departure) }
        return verdict
    }
}
