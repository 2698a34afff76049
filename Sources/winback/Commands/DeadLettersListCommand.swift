import Foundation
import Terminal

struct DeadLettersListCommand: Command {
    static let name = "dead-letters list"
    static let summary = "Show what was refused, and why"
    static let details = """
        Reads the dead-letter topic to its end. The first column, partition and offset in that topic, names a letter for \
        `show` and `resubmit`.
        """
    static let options: [any OptionDeclaration] =
        [ConfigurationOptions.config, ConfigurationOptions.set] + LetterFilter.options + [limit, json, csv]
    static let examples = [
        Example("winback dead-letters list --reason missing-field --since 1d", help: "What lacked a field today.")
    ]

    private static let limit = Option.integer(
        "limit", in: 1...10_000_000, default: 1000, help: "At most so many lines, the newest letters")
    private static let json = Option.flag("json", help: "One JSON array")
    private static let csv = Option.flag("csv", help: "Comma-separated values with a header")

    private let configuration: ConfigurationOptions
    private let filter: LetterFilter
    private let maximum: Int
    private let format: Table.Format

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        filter = try LetterFilter(arguments)
        maximum = Int(arguments[Self.limit])
        format = try .fitting(.output, json: arguments[Self.json], csv: arguments[Self.csv])
    }

    func run() throws -> ExitCode {
        let letters = try LetterBox(configuration.loadAndWarn()).letters().filter { filter.includes($0.letter) }
        var table = Table(
            [
                Table.Column("place"), Table.Column("time"), Table.Column("reason"), Table.Column("field"),
                Table.Column("type"), Table.Column("key"), Table.Column("from"), Table.Column("resubmitted"),
                Table.Column("message"),
            ], format: format, now: Int64(Date().timeIntervalSince1970 * 1000))
        for (letter, isResubmitted) in letters.suffix(maximum) {
            table.append([
                .text(letter.place), .time(letter.time), .text(letter.reason), .text(letter.field), .text(letter.type),
                .text(letter.key.map { String(decoding: $0, as: UTF8.self) }), .text(letter.origin),
                .boolean(isResubmitted), .text(letter.message),
            ])
        }
        table.finish()
        if letters.count > maximum {
            Screen.errors.line("\(letters.count - maximum) older letters are not shown; see --limit")
        } else if letters.isEmpty && (format == .aligned || format == .tsv) {
            Screen.errors.line("no dead letters")
        }
        return .ok
    }
}
