import Audit
import Engine
import Journey
import Terminal

struct AuditStateCommand: Command {
    static let name = "audit state"
    static let summary = "Show all journeys as they stood at an instant"
    static let details = """
        Folds the journal again up to the instant: events count that had happened by then and were decided while the \
        partition's clock had not passed it. With neither --as-of nor a filter, all journeys as they stand. Journeys of which \
        nothing was known any more are not rows; `audit export` has them.
        """
    static let options: [any OptionDeclaration] =
        AuditOptions.options + PersonOptions.people + [
            AuditOptions.asOf, policy, status, AuditOptions.pending, json, csv,
        ]
    static let examples = [
        Example("winback audit state --as-of 2026-07-01 --status waiting", help: "Who waited for a reminder then?"),
        Example("winback audit state --as-of 2026-07-01T12:00:00Z --prospect 4711", help: "How did it stand with one?"),
    ]

    private static let policy = Option<String?>.text("policy", label: "NAME", help: "Only this policy's")
    private static let status = Option.list(
        "status", label: "STATUS", help: "Only these: " + JourneyState.Status.names.joined(separator: ", "))
    private static let json = Option.flag("json", help: "One JSON array")
    private static let csv = Option.flag("csv", help: "Comma-separated values with a header")

    private let audit: AuditOptions
    private let person: PersonOptions
    private let asOf: Instant?
    private let filter: JourneyList.Filter
    private let pending: Bool
    private let format: Table.Format

    init(_ arguments: Arguments) throws {
        audit = AuditOptions(arguments)
        person = try PersonOptions(arguments, isAboutPeople: true)
        asOf = try AuditOptions.asOf(arguments)
        pending = arguments[AuditOptions.pending]
        format = try .fitting(.output, json: arguments[Self.json], csv: arguments[Self.csv])
        var filter = JourneyList.Filter()
        filter.policy = arguments[Self.policy]
        for name in arguments[Self.status] {
            guard JourneyState.Status.names.contains(name) else {
                throw UsageError(
                    .invalidValue,
                    "no journey has the status \(name); there are "
                        + JourneyState.Status.names.joined(separator: ", "))
            }
            filter.statuses.insert(name)
        }
        filter.tenant = person.tenant
        self.filter = filter
    }

    func run() throws -> ExitCode {
        let source = try audit.source()
        var filter = filter
        filter.people = try person.found(source, pending: pending)
        var table = Table(columns, format: format, now: 0)
        let progress = try AuditProgress(source, "reading the journal", times: 2)
        let unknown = try JourneyList(source, asOf: asOf ?? .distantFuture, filter, pending: pending)
            .visit(progress: { progress.advance($0) }, { row, person in table.append(cells(row, person)) })
        progress.done()
        table.finish()
        if unknown > 0 {
            Screen.errors.line("\(unknown) journeys are not shown: whose they were has been erased, and so the tenant")
        }
        return .ok
    }

    private var columns: [Table.Column] {
        [
            Table.Column("email", "who"), Table.Column("prospect"), Table.Column("tenant"), Table.Column("product"),
            Table.Column("policy"), Table.Column("version"), Table.Column("status"), Table.Column("step"),
            Table.Column("openedAt", "opened (UTC)"), Table.Column("nextReminderAt", "next reminder (UTC)"),
            Table.Column("nextTemplate", "template"), Table.Column("endedAt", "ended (UTC)"),
            Table.Column("partition"), Table.Column("journey"), Table.Column("key"), Table.Column("pending"),
        ]
    }

    private func cells(_ row: JourneyRow, _ person: PersonalData?) -> [Cell] {
        [
            .text(person?.email), .text(person?.prospectID), .text(person?.tenant), .text(person?.product),
            .text(row.version.policy.name), .number(row.version.number), .text(row.status.name),
            .text("\(row.stepsDone) of \(row.steps)"), .time(row.openedAt.milliseconds),
            .time(row.nextReminderAt?.milliseconds), .text(row.nextTemplate), .time(row.endedAt?.milliseconds),
            .number(row.partition), .text(row.journeyID), .text(row.prospectID), .boolean(row.isPending),
        ]
    }
}
