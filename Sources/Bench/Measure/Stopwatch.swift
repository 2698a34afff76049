import Glibc

/// Wall time and processor time of a piece of work.
struct Stopwatch: Sendable {
    private let wall = Stopwatch.seconds(CLOCK_MONOTONIC)
    private let thread = Stopwatch.seconds(CLOCK_THREAD_CPUTIME_ID)

    var seconds: Double { Self.seconds(CLOCK_MONOTONIC) - wall }
    /// Processor time of the calling thread, which must be the one that began.
    var threadSeconds: Double { Self.seconds(CLOCK_THREAD_CPUTIME_ID) - thread }

    /// Seconds on a clock that is never set back, from some beginning.
    static var now: Double { seconds(CLOCK_MONOTONIC) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
