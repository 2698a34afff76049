import Glibc
import Journey

/// Time, handed in: the system's, the demo's fast one, or a simulation's.
public protocol TimeSource: Sendable {
    /// The wall clock.
    var wall: Instant { get }
    /// Milliseconds since the machine was started, those of its sleep included; never set back.
    var bootMilliseconds: Int64 { get }
    /// How much faster than `bootMilliseconds` the wall clock runs: 1 but for the demo.
    var rate: Double { get }
    /// Waits, or as long as no stop is asked for. Never for a result: every caller asks again afterwards.
    func pause(milliseconds: Int, unless stop: StopSignal)
}

extension TimeSource {
    /// The calling thread sleeps.
    public func pause(milliseconds: Int, unless stop: StopSignal) {
        var left = milliseconds
        while left > 0 && !stop.isRequested {
            let slice = min(left, 20)
            usleep(UInt32(slice) * 1000)
            left -= slice
        }
    }
}

/// CLOCK_REALTIME and CLOCK_BOOTTIME.
public struct SystemTime: TimeSource {
    public init() {}

    public var wall: Instant { Instant(milliseconds: Self.milliseconds(CLOCK_REALTIME)) }
    public var bootMilliseconds: Int64 { Self.milliseconds(CLOCK_BOOTTIME) }
    public var rate: Double { 1 }

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
