import Audit
import Journey
import Terminal

struct AuditTimelineCommand: Command {
    static let name = "audit timeline"
    static let summary = "List what the journal says of one person, a row for each fact"
    static let details = """
        The same history as `audit explain`, as a table: for each fact what caused it, from which message, under which clock \
        and policy version. Events that changed nothing are rows, too, with the reason. Erased data is not shown.
        """
    static let options: [any OptionDeclaration] =
        AuditOptions.options + PersonOptions.all + [AuditOptions.asOf, AuditOptions.pending, json, csv]
    static let examples = [
        Example("winback audit timeline --email ann@example.com", help: "All that happened, in its order."),
        Example("winback audit timeline --prospect 4711 --tenant academy --csv > 4711.csv", help: "For a spreadsheet."),
    ]

    private static let json = Option.flag("json", help: "One JSON array")
    private static let csv = Option.flag("csv", help: "Comma-separated values with a header")

    private let audit: AuditOptions
    private let person: PersonOptions
    private let asOf: Instant?
    private let pending: Bool
    private let format: Table.Format

    init(_ arguments: Arguments) throws {
        audit = AuditOptions(arguments)
        person = try PersonOptions(arguments)
        guard person.isGiven else {
            throw UsageError(.missingArgument, "say who: --prospect, --email, --journey, --command or --message")
        }
        asOf = try AuditOptions.asOf(arguments)
        pending = arguments[AuditOptions.pending]
        format = try .fitting(.output, json: arguments[Self.json], csv: arguments[Self.csv])
    }

    func run() throws -> ExitCode {
        let source = try audit.source()
        let answer = PersonAnswer(source: source, person: person, asOf: asOf, pending: pending)
        switch try answer.read() {
        case .people(let histories): TimelineTable(source: source).write(histories, format: format)
        case .message(let message):
            throw CommandError(.noInput, message.sentence(topic: source.topicName(message.place.topic)))
        }
        return .ok
    }
}
