/// What the help text and the parser need to know of an option, whatever its value's type.
public protocol OptionDeclaration: Sendable {
    var name: String { get }
    var short: Character? { get }
    /// What stands for the value in the help text; nil for a flag, which has none.
    var label: String? { get }
    var help: String { get }
    var defaultText: String? { get }
    var isRepeatable: Bool { get }
    /// Throws a ``UsageError`` where a value that was given is not one that the option takes.
    func check(_ values: [String]) throws
}

/// An option of a command: `--name`, `-n`, `--name VALUE`, `--name=VALUE`.
///
/// Declared once, as a static member of its ``Command``, and used as the key to its value:
/// ```swift
/// static let limit = Option.integer("limit", short: "n", in: 1...1000, default: 20, help: "Rows to show")
/// …
/// let rows = arguments[Self.limit]   // an Int
/// ```
public struct Option<Value: Sendable>: OptionDeclaration {
    public let name: String
    public let short: Character?
    public let label: String?
    public let help: String
    public let defaultText: String?
    public let isRepeatable: Bool
    /// The value from the texts that were given, in their order. None given: the default.
    let value: @Sendable ([String]) throws -> Value

    init(
        _ name: String, short: Character?, label: String?, help: String, defaultText: String? = nil,
        isRepeatable: Bool = false, value: @escaping @Sendable ([String]) throws -> Value
    ) {
        precondition(
            short.map { $0.isASCII && ($0.isLetter || $0.isNumber) } ?? true, "-\(short!) is not a letter or digit")
        precondition(name.utf8.count > 1 && !name.hasPrefix("-"), "'\(name)' is not the long name of an option")
        self.name = name
        self.short = short
        self.label = label
        self.help = help
        self.defaultText = defaultText
        self.isRepeatable = isRepeatable
        self.value = value
    }

    public func check(_ values: [String]) throws { _ = try value(values) }
}

extension Option where Value == Bool {
    /// An option without a value: given or not.
    public static func flag(_ name: String, short: Character? = nil, help: String) -> Option {
        Option(name, short: short, label: nil, help: help) { !$0.isEmpty }
    }
}

extension Option {
    /// An option with one value; `parse` returns nil for what is not `what` ("a whole number from 1 to 9").
    public static func value(
        _ name: String, short: Character? = nil, label: String, default fallback: Value, defaultText: String?,
        help: String, what: String, parse: @escaping @Sendable (String) -> Value?
    ) -> Option {
        Option(name, short: short, label: label, help: help, defaultText: defaultText) { values in
            guard let text = values.first else { return fallback }
            guard let value = parse(text) else {
                throw UsageError(.invalidValue, "--\(name): '\(text)' is not \(what)")
            }
            return value
        }
    }
}

extension Option where Value == String {
    public static func text(
        _ name: String, short: Character? = nil, label: String, default fallback: String, help: String
    ) -> Option {
        value(
            name, short: short, label: label, default: fallback, defaultText: fallback, help: help, what: "a text",
            parse: { $0 })
    }
}

extension Option where Value == String? {
    public static func text(_ name: String, short: Character? = nil, label: String, help: String) -> Option {
        value(
            name, short: short, label: label, default: nil, defaultText: nil, help: help, what: "a text",
            parse: { .some($0) })
    }
}

extension Option where Value == [String] {
    /// An option that may be given several times.
    public static func list(_ name: String, short: Character? = nil, label: String, help: String) -> Option {
        Option(name, short: short, label: label, help: help, isRepeatable: true) { $0 }
    }
}

extension Option where Value == Int {
    public static func integer(
        _ name: String, short: Character? = nil, label: String = "N", in range: ClosedRange<Int>,
        default fallback: Int, help: String
    ) -> Option {
        value(
            name, short: short, label: label, default: fallback, defaultText: String(fallback), help: help,
            what: Option.describe(range), parse: { Int($0).flatMap { range.contains($0) ? $0 : nil } })
    }

    fileprivate static func describe(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max
            ? "a whole number of \(range.lowerBound) or more"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
}

extension Option where Value == Int? {
    public static func integer(
        _ name: String, short: Character? = nil, label: String = "N", in range: ClosedRange<Int>, help: String
    ) -> Option {
        value(
            name, short: short, label: label, default: nil, defaultText: nil, help: help,
            what: Option<Int>.describe(range), parse: { Int($0).flatMap { range.contains($0) ? .some($0) : nil } })
    }
}

extension Option where Value == Duration {
    /// An elapsed time as ``TimeText/duration(from:)`` reads it: `500ms`, `30s`, `90m`, `12h`, `3d`.
    public static func duration(
        _ name: String, short: Character? = nil, label: String = "TIME", default fallback: Duration, help: String
    ) -> Option {
        value(
            name, short: short, label: label, default: fallback, defaultText: TimeText.duration(fallback), help: help,
            what: "a time such as 30s, 90m, 12h or 3d", parse: { TimeText.duration(from: $0) })
    }
}

extension Option where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One word of a fixed set.
    public static func choice(
        _ name: String, short: Character? = nil, label: String, default fallback: Value, help: String
    ) -> Option {
        let words = Value.allCases.map(\.rawValue)
        return Option(name, short: short, label: label, help: help, defaultText: fallback.rawValue) { values in
            guard let text = values.first else { return fallback }
            guard let value = Value(rawValue: text) else {
                throw UsageError(
                    .invalidValue, "--\(name): '\(text)' is none of \(words.joined(separator: ", "))",
                    suggestion: Suggestion.closest(to: text, among: words))
            }
            return value
        }
    }
}
