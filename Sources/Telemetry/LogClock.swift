import Glibc

/// The two clocks of a log, handed in so that tests say what time it is.
public struct LogClock: Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z, for the line.
    let wall: @Sendable () -> Int64
    /// Only moves forward, for the limits: a wall clock that is set back would silence the log.
    let steady: @Sendable () -> Duration

    public init(wall: @escaping @Sendable () -> Int64, steady: @escaping @Sendable () -> Duration) {
        self.wall = wall
        self.steady = steady
    }

    public static let system = LogClock(
        wall: {
            let time = read(CLOCK_REALTIME)
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        },
        steady: {
            let time = read(CLOCK_MONOTONIC)
            return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
        })

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}
