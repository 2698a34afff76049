import Glibc
import Journey

/// Writes times as RFC 3339 in UTC, with milliseconds. The date is worked out once a day of event time.
struct TimeWriter {
    private static let dayMilliseconds: Int64 = 86_400_000
    private var day = Int64.min
    private var year: UInt64 = 0
    private var month: UInt64 = 0
    private var dayOfMonth: UInt64 = 0

    @inline(__always)
    mutating func write(_ time: Instant, to bytes: inout EventBytes) {
        let today = time.milliseconds / Self.dayMilliseconds
        if today != day { turn(to: today) }
        let rest = UInt64(time.milliseconds % Self.dayMilliseconds)
        bytes.append(year, width: 4)
        bytes.append("-")
        bytes.append(month, width: 2)
        bytes.append("-")
        bytes.append(dayOfMonth, width: 2)
        bytes.append("T")
        bytes.append(rest / 3_600_000, width: 2)
        bytes.append(":")
        bytes.append(rest / 60_000 % 60, width: 2)
        bytes.append(":")
        bytes.append(rest / 1000 % 60, width: 2)
        bytes.append(".")
        bytes.append(rest % 1000, width: 3)
        bytes.append("Z")
    }

    private mutating func turn(to today: Int64) {
        day = today
        var seconds = time_t(today * Self.dayMilliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        year = UInt64(parts.tm_year + 1900)
        month = UInt64(parts.tm_mon + 1)
        dayOfMonth = UInt64(parts.tm_mday)
    }
}
