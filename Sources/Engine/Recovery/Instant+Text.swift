import Foundation
import Journey

extension Instant {
    /// For messages: `2026-07-01T09:30:00Z`.
    var text: String {
        ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    }
}
