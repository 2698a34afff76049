import Configuration
import Contract
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
        guard let due = parts["/data/dueAt"]?.first,
            let milliseconds = Array(due.utf8).withUnsafeBytes(Timestamp.parse)
        else { return nil }
        at = Instant(milliseconds: milliseconds) - start
        self.parts = parts
    }

    private static func collect(_ value: Any, _ pointer: String, into parts: inout [String: [String]]) {
        switch value {
        case let object as [String: Any]:
            for (key, member) in object {
                collect(member, "\(pointer)/\(key.pointerToken)", into: &parts)
            }
        case let list as [Any]: parts[pointer] = list.map { "\($0)" }
        case let text as String: parts[pointer] = [text]
        default: parts[pointer] = ["\(value)"]
        }
    }

    /// What the command has there; empty where it has nothing.
    public func part(_ pointer: String) -> [String] { parts[pointer] ?? [] }
}
