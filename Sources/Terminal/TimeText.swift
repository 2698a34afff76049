import Glibc

/// Times and elapsed times as people and programs read them.
public enum TimeText {
    public enum Precision: Sendable {
        case seconds
        case milliseconds
    }

    /// UTC in ISO 8601: `2026-03-01T12:00:00Z`, or `2026-03-01T12:00:00.250Z`.
    ///
    /// - Parameter milliseconds: since 1970-01-01T00:00:00Z. A year that has more than four digits gets a sign.
    public static func utc(_ milliseconds: Int64, _ precision: Precision = .seconds) -> String {
        let parts = calendar(milliseconds)
        var text = "\(parts.date)T\(parts.time)"
        if precision == .milliseconds { text += ".\(digits(parts.milliseconds, 3))" }
        return text + "Z"
    }

    /// UTC for a table that people read, whose header or caption says that it is UTC: `2026-03-01 12:00:00`.
    public static func readable(_ milliseconds: Int64) -> String {
        let parts = calendar(milliseconds)
        return "\(parts.date) \(parts.time)"
    }

    /// How far `milliseconds` is from `now`: `in 2 h 13 min`, `3 d 4 h ago`, `now`.
    public static func relative(_ milliseconds: Int64, now: Int64) -> String {
        let (difference, overflow) = milliseconds.subtractingReportingOverflow(now)
        let distance = overflow ? (milliseconds < now ? Int64.min : .max) : difference
        if distance.magnitude < 1000 { return "now" }
        let text = elapsed(distance.magnitude / 1000 * 1000)
        return distance > 0 ? "in \(text)" : "\(text) ago"
    }

    /// An elapsed time in its two largest units: `250 ms`, `4.2 s`, `2 h 13 min`, `3 d`.
    public static func duration(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard seconds.magnitude < UInt64.max / 2000 else { return seconds < 0 ? "-∞" : "∞" }
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        return (milliseconds < 0 ? "-" : "") + elapsed(milliseconds.magnitude)
    }

    /// Reads `500ms`, `30s`, `90m`, `12h` or `3d`; nil for anything else, and for what does not fit a century.
    public static func duration(from text: String) -> Duration? {
        let number = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(number), count <= 3_200_000_000_000 else { return nil }
        let unit: Int64
        switch text.dropFirst(number.count) {
        case "ms": unit = 1
        case "s": unit = 1000
        case "m", "min": unit = 60_000
        case "h": unit = 3_600_000
        case "d": unit = 86_400_000
        default: return nil
        }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit)
        return overflow || milliseconds > 3_200_000_000_000 ? nil : .milliseconds(milliseconds)
    }

    private static func elapsed(_ milliseconds: UInt64) -> String {
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        if milliseconds < 10_000, milliseconds % 1000 >= 100 {
            return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
        }
        let seconds = milliseconds / 1000
        let (major, minor): ((UInt64, String), (UInt64, String)) =
            switch seconds {
            case ..<60: ((seconds, "s"), (0, ""))
            case ..<3600: ((seconds / 60, "min"), (seconds % 60, "s"))
            case ..<86_400: ((seconds / 3600, "h"), (seconds % 3600 / 60, "min"))
            default: ((seconds / 86_400, "d"), (seconds % 86_400 / 3600, "h"))
            }
        return "\(major.0) \(major.1)" + (minor.0 == 0 ? "" : " \(minor.0) \(minor.1)")
    }

    private static func calendar(_ milliseconds: Int64) -> (date: String, time: String, milliseconds: Int) {
        var fraction = milliseconds % 1000
        var seconds = time_t(milliseconds / 1000)
        if fraction < 0 {
            fraction += 1000
            seconds -= 1
        }
        // Int64 milliseconds reach year 292 million, which fits the C library's broken-down time.
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let year = Int(parts.tm_year) + 1900
        let yearText =
            (0...9999).contains(year) ? digits(year, 4) : (year < 0 ? "-" : "+") + digits(Int(year.magnitude), 6)
        return (
            "\(yearText)-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))",
            "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))",
            Int(fraction)
        )
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
