import Foundation
import Journey

/// A command that the engine sent in a case.
public struct SentReminder: Hashable, Sendable {
    /// When it was due, after the case's start.
    public let at: Span
    /// Every text, number and list of texts in the command, by JSON pointer.
    private let parts: [String: [String]]

    init?(_ command: Data, start: Instant) {
        guard let object = try? JSONSerialization.jsonObject(with: command) else { return nil }
        var parts: [String: [String]] = [:]
        Self.collect(object, "", into: &parts)
        guard let due = parts["/data/dueAt"]?.first, let date = try? Date(due, strategy: Self.timeStyle) else {
            return nil
        }
        at = Instant(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded())) - start
        self.parts = parts
    }

    private static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private static func collect(_ value: Any, _ pointer: String, into parts: inout [String: [String]]) {
        switch value {
        case let object as [String: Any]:
            for (key, member) in object {
                let name = key.replacingOccurrences(of: "~", with: "~0").replacingOccurrences(of: "/", with: "~1")
                collect(member, "\(pointer)/\(name)", into: &parts)
            }
        case let list as [Any]: parts[pointer] = list.map { "\($0)" }
        case let text as String: parts[pointer] = [text]
        default: parts[pointer] = ["\(value)"]
        }
    }

    /// What the command has there; empty where it has nothing.
    public func part(_ pointer: String) -> [String] { parts[pointer] ?? [] }
}
