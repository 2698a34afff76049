import Foundation
import Terminal

/// A point in time as an option takes it: `2026-07-01T00:00:00Z`, or `3d` for three days ago.
enum PastTime {
    /// Milliseconds since 1970; `nil` where the option was not given.
    static func milliseconds(_ text: String?, _ name: String) throws -> Int64? {
        guard let text else { return nil }
        if let ago = TimeText.duration(from: text) {
            return Int64(Date().timeIntervalSince1970 * 1000) - ago.components.seconds * 1000
        }
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw UsageError(.invalidValue, "--\(name) \(text) is no time: write 2026-07-01T00:00:00Z or 3d")
        }
        return Int64(date.timeIntervalSince1970 * 1000)
    }
}
