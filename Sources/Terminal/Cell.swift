/// A value in a ``Table``, kept as what it is until the format is known.
public struct Cell: Sendable, Equatable {
    public enum Value: Sendable, Equatable {
        case none
        case text(String)
        case number(Int64)
        /// With the digits to show after the point.
        case decimal(Double, places: Int)
        case boolean(Bool)
        /// Milliseconds since 1970-01-01T00:00:00Z. People see `2026-03-01 12:00:00`.
        case time(Int64)
        /// The same for programs; people see how far away it is.
        case relativeTime(Int64)
        /// People see `2 h 13 min`; programs get seconds, so the column's key should say so.
        case duration(Duration)
    }

    public let value: Value
    public let style: Style?

    public init(_ value: Value, style: Style? = nil) {
        self.value = value
        self.style = style
    }

    public static let none = Cell(.none)
    public static func text(_ text: String?, style: Style? = nil) -> Cell {
        Cell(text.map { .text($0) } ?? .none, style: style)
    }
    public static func number(_ number: some BinaryInteger, style: Style? = nil) -> Cell {
        Cell(.number(Int64(clamping: number)), style: style)
    }
    public static func decimal(_ number: Double, places: Int = 1, style: Style? = nil) -> Cell {
        Cell(.decimal(number, places: places), style: style)
    }
    public static func boolean(_ value: Bool, style: Style? = nil) -> Cell { Cell(.boolean(value), style: style) }
    public static func time(_ milliseconds: Int64?, style: Style? = nil) -> Cell {
        Cell(milliseconds.map { .time($0) } ?? .none, style: style)
    }
    public static func relativeTime(_ milliseconds: Int64?, style: Style? = nil) -> Cell {
        Cell(milliseconds.map { .relativeTime($0) } ?? .none, style: style)
    }
    public static func duration(_ duration: Duration?, style: Style? = nil) -> Cell {
        Cell(duration.map { .duration($0) } ?? .none, style: style)
    }

    var isNumeric: Bool {
        switch value {
        case .number, .decimal, .duration: true
        case .none, .text, .boolean, .time, .relativeTime: false
        }
    }

    /// For a person.
    func readable(now: Int64) -> String {
        switch value {
        case .none: "–"
        case .text(let text): TextWidth.printable(text)
        case .number(let number): NumberText.grouped(number)
        case .decimal(let number, let places): NumberText.fixed(number, places)
        case .boolean(let value): value ? "yes" : "no"
        case .time(let time): TimeText.readable(time)
        case .relativeTime(let time): TimeText.relative(time, now: now)
        case .duration(let duration): TimeText.duration(duration)
        }
    }

    /// For a program that reads text; nothing is an empty field.
    var plain: String {
        switch value {
        case .none: ""
        case .text(let text): text
        case .number(let number): String(number)
        case .decimal(let number, let places): number.isFinite ? NumberText.fixed(number, places) : ""
        case .boolean(let value): value ? "true" : "false"
        case .time(let time), .relativeTime(let time): TimeText.utc(time, .milliseconds)
        case .duration(let duration): NumberText.fixed(duration / .seconds(1), 3)
        }
    }

    var json: String {
        switch value {
        case .none: "null"
        case .decimal(let number, _) where !number.isFinite: "null"
        case .text, .time, .relativeTime: JSONText.quoted(plain)
        case .number, .decimal, .boolean, .duration: plain
        }
    }
}
