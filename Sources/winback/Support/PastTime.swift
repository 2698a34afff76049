import Foundation
import Terminal

/// A point in time as an option takes it: `2026-07-01T00:00:00Z`, `2026-07-01` for the beginning of that day in UTC, or `3d`
/// for three days ago.
enum PastTime {
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// Milliseconds since 1970; `nil` where the option was not given.
    static func milliseconds(_ text: String?, _ name: String, now: Int64 = PastTime.now) throws -> Int64? {
        guard let text else { return nil }
        if let ago = TimeText.duration(from: text) { return now - ago.components.seconds * 1000 }
        let isDay = text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil
        guard let date = try? Date(isDay ? "\(text)T00:00:00Z" : text, strategy: .iso8601) else {
            throw UsageError(
                .invalidValue, "--\(name) \(text) is no time: write 2026-07-01, 2026-07-01T00:00:00Z or 3d")
        }
        return Int64(date.timeIntervalSince1970 * 1000)
    }
}
