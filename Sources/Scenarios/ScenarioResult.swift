import Configuration
import Journey

/// What came of a case: which wanted reminders were sent, which were not, and which were not wanted.
public struct ScenarioResult: Hashable, Sendable {
    public let scenario: Scenario.Case
    /// In the order of time: of one time, wanted ones first.
    public let lines: [Line]
    /// Events that the engine sent to the dead letters.
    public let refused: [Refused]

    public enum Line: Hashable, Sendable {
        /// Wanted and sent.
        case met(Scenario.Reminder, SentReminder)
        /// Wanted, and not sent.
        case missing(Scenario.Reminder)
        /// Sent, and not wanted.
        case unwanted(SentReminder)
    }

    public struct Refused: Hashable, Sendable {
        public let place: Place?
        public let reason: String
    }

    public var isGood: Bool {
        refused.isEmpty
            && lines.allSatisfy {
                if case .met = $0 { true } else { false }
            }
    }

    init(_ scenario: Scenario.Case, sent: [SentReminder], refused: [Refused]) {
        self.scenario = scenario
        self.refused = refused
        var left = sent
        var lines: [(at: Span, order: Int, line: Line)] = []
        for wanted in scenario.then {
            if let index = left.firstIndex(where: { Self.matches(wanted, $0) }) {
                lines.append((wanted.at, lines.count, .met(wanted, left.remove(at: index))))
            } else {
                lines.append((wanted.at, lines.count, .missing(wanted)))
            }
        }
        for reminder in left { lines.append((reminder.at, lines.count, .unwanted(reminder))) }
        self.lines = lines.sorted { ($0.at, $0.order) < ($1.at, $1.order) }.map(\.line)
    }

    private static func matches(_ wanted: Scenario.Reminder, _ sent: SentReminder) -> Bool {
        wanted.at == sent.at && wanted.parts.allSatisfy { sent.part($0.pointer) == $0.wanted }
    }
}

extension ScenarioResult {
    /// The reminders as lines of a diff: two spaces before what was wanted and sent, `-` before what was wanted and not
    /// sent, `+` before what was sent and not wanted. A reminder that was sent shows what wanted ones of the case name.
    public var difference: [String] {
        var shown: [(name: String, pointer: String)] = [
            ("template", "/data/template"), ("prospect", "/data/prospect/id"),
        ]
        for part in scenario.then.flatMap(\.parts) where !shown.contains(where: { $0.name == part.name }) {
            shown.append((part.name, part.pointer))
        }
        return refused.map { refused in
            "! \(refused.place.map { "\($0): " } ?? "")an event was refused: \(refused.reason)"
        }
            + lines.map { line in
                switch line {
                case .met(_, let sent): "  \(Self.text(sent, shown))"
                case .missing(let wanted): "- \(Self.text(wanted))"
                case .unwanted(let sent): "+ \(Self.text(sent, shown))"
                }
            }
    }

    private static func text(_ wanted: Scenario.Reminder) -> String {
        ([time(wanted.at)] + wanted.parts.map { "\($0.name) \($0.wanted.joined(separator: ", "))" })
            .joined(separator: "  ")
    }

    private static func text(_ sent: SentReminder, _ shown: [(name: String, pointer: String)]) -> String {
        let parts = shown.compactMap { name, pointer -> String? in
            let part = sent.part(pointer)
            return part.isEmpty ? nil : "\(name) \(part.joined(separator: ", "))"
        }
        return ([time(sent.at)] + parts).joined(separator: "  ")
    }

    private static func time(_ span: Span) -> String {
        let text = span.shortText
        return text + String(repeating: " ", count: max(0, 8 - text.count))
    }
}
