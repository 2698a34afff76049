import Engine
import Journey

/// A wall clock that runs `rate` times as fast as CLOCK_BOOTTIME, so that days of waiting pass while somebody watches.
///
/// It begins in the past and reaches the real time when it has run for `duration`; there it stops, because a broker
/// refuses messages from the future.
public struct FastClock: TimeSource {
    public let rate: Double
    /// Where it began.
    public let start: Instant
    /// Where it stops: the real time when it was made.
    public let end: Instant
    private let real: any TimeSource
    private let startedAtBoot: Int64

    /// - Parameters:
    ///   - span: how much time passes on it
    ///   - duration: within how much real time
    ///   - real: the clock that it goes by
    public init(span: Span, in duration: Span, real: any TimeSource = SystemTime()) {
        precondition(span > .zero && duration > .zero, "time passes")
        rate = Double(span.milliseconds) / Double(duration.milliseconds)
        end = real.wall
        start = end - span
        startedAtBoot = real.bootMilliseconds
        self.real = real
    }

    public var wall: Instant {
        let passed = Double(real.bootMilliseconds - startedAtBoot) * rate
        return min(end, start + Span(milliseconds: Int64(passed)))
    }
    public var bootMilliseconds: Int64 { real.bootMilliseconds }
}
