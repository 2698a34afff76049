import Terminal

/// The value of a field in a log line.
public enum LogValue: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case decimal(Double)
    case boolean(Bool)
    /// Milliseconds since 1970-01-01T00:00:00Z.
    case time(Int64)

    public static func number(_ number: some BinaryInteger) -> LogValue { .integer(Int64(clamping: number)) }
    /// What an error says of itself.
    public static func error(_ error: any Error) -> LogValue { .text("\(error)") }
    /// In seconds; the field's name should say so.
    public static func seconds(_ duration: Duration) -> LogValue { .decimal(duration / .seconds(1)) }

    var json: String {
        switch self {
        case .text(let text): JSONText.quoted(text)
        case .integer(let number): String(number)
        case .decimal(let number): number.isFinite ? NumberText.fixed(number, 3) : "null"
        case .boolean(let value): value ? "true" : "false"
        case .time(let time): JSONText.quoted(TimeText.utc(time, .milliseconds))
        }
    }

    /// As in JSON, but text that needs no quotes has none.
    var readable: String {
        guard case .text(let text) = self, !text.isEmpty, text.utf8.allSatisfy(LogValue.isPlain) else { return json }
        return text
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "="), UInt8(ascii: "\\"), 0...0x20, 0x7F...0xFF: false
        default: true
        }
    }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}
