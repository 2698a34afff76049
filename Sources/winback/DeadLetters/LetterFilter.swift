import Contract
import Terminal

/// Which letters a command is about.
struct LetterFilter {
    static let reason = Option.list("reason", label: "REASON", help: "Only refused for this reason, as list shows it")
    static let type = Option.list("type", label: "TYPE", help: "Only events of this type")
    static let since = Option.text(
        "since", label: "TIME", help: "Only from this time on: 2026-07-01T00:00:00Z, or 3d for three days ago")
    static let until = Option.text("until", label: "TIME", help: "Only before this time")
    static let options: [any OptionDeclaration] = [reason, type, since, until]

    private let reasons: Set<String>
    private let types: Set<String>
    private let since: Int64
    private let until: Int64
    /// By `partition:offset`; empty: any.
    private let places: Set<String>

    /// Whether it is about all letters there are.
    var isOpen: Bool { reasons.isEmpty && types.isEmpty && places.isEmpty && since == .min && until == .max }

    init(_ arguments: Arguments, places: [String] = []) throws {
        reasons = Set(arguments[Self.reason])
        types = Set(arguments[Self.type])
        let known = Refusal.Reason.allCases.map(\.name)
        if let wrong = reasons.first(where: { !known.contains($0) }) {
            throw UsageError(
                .invalidValue, "no message is refused for \(wrong); there are \(known.joined(separator: ", "))")
        }
        since = try PastTime.milliseconds(arguments[Self.since], "since") ?? .min
        until = try PastTime.milliseconds(arguments[Self.until], "until") ?? .max
        self.places = try Self.checked(places)
    }

    /// Exactly these places.
    init(places: [String]) throws {
        reasons = []
        types = []
        since = .min
        until = .max
        self.places = try Self.checked(places)
    }

    private static func checked(_ places: [String]) throws -> Set<String> {
        for place in places where place.wholeMatch(of: /[0-9]+:[0-9]+/) == nil {
            throw UsageError(
                .invalidValue, "\(place) is no place of a letter: write partition:offset, as list shows it")
        }
        return Set(places)
    }

    func includes(_ letter: Letter) -> Bool {
        (places.isEmpty || places.contains(letter.place)) && (reasons.isEmpty || reasons.contains(letter.reason))
            && letter.time >= since && letter.time < until
            && (types.isEmpty || letter.type.map(types.contains) ?? false)
    }
}
