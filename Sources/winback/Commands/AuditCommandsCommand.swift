import Audit
import Engine
import Journey
import Terminal

struct AuditCommandsCommand: Command {
    static let name = "audit commands"
    static let summary = "List every command that was decided"
    static let details = """
        A row for each reminder that was sent: its id, whose it was as far as that may still be said, when it was due, emitted \
        and stale, the place in the journal that says so, and the keyed digest of the command's bytes. Compared with what the \
        reminder topic and the mail provider hold, it shows what is missing or too much.
        """
    static let options: [any OptionDeclaration] =
        AuditOptions.options + PersonOptions.people + [
            from, to, policy, template, AuditOptions.pending, json, csv,
        ]
    static let examples = [
        Example(
            "winback audit commands --from 2026-07-01 --to 2026-08-01 --csv > july.csv",
            help: "July's, for a spreadsheet."),
        Example("winback audit commands --email ann@example.com", help: "What was sent to her?"),
    ]

    private static let from = Option<String?>.text(
        "from", label: "TIME", help: "Emitted at or after this time: 2026-07-01, or 30d for that long ago")
    private static let to = Option<String?>.text("to", label: "TIME", help: "Emitted before this time")
    private static let policy = Option<String?>.text("policy", label: "NAME", help: "Only this policy's")
    private static let template = Option<String?>.text("template", label: "NAME", help: "Only this template's")
    private static let json = Option.flag("json", help: "One JSON array")
    private static let csv = Option.flag("csv", help: "Comma-separated values with a header")

    private let audit: AuditOptions
    private let person: PersonOptions
    private let filter: CommandList.Filter
    private let pending: Bool
    private let format: Table.Format

    init(_ arguments: Arguments) throws {
        audit = AuditOptions(arguments)
        person = try PersonOptions(arguments, isAboutPeople: true)
        pending = arguments[AuditOptions.pending]
        format = try .fitting(.output, json: arguments[Self.json], csv: arguments[Self.csv])
        var filter = CommandList.Filter()
        let now = PastTime.now
        if let from = try PastTime.milliseconds(arguments[Self.from], "from", now: now) {
            filter.from = Instant(milliseconds: from)
        }
        if let to = try PastTime.milliseconds(arguments[Self.to], "to", now: now) {
            filter.until = Instant(milliseconds: to)
        }
        guard filter.from < filter.until else { throw UsageError(.conflict, "--from must be before --to") }
        filter.policy = arguments[Self.policy]
        filter.template = arguments[Self.template]
        filter.tenant = person.tenant
        self.filter = filter
    }

    func run() throws -> ExitCode {
        let source = try audit.source()
        var filter = filter
        filter.people = try person.found(source, pending: pending)
        var table = Table(columns, format: format, now: 0)
        let progress = try AuditProgress(source, "reading the journal", times: 2)
        let unknown = try CommandList(source, filter, pending: pending)
            .visit(progress: { progress.advance($0) }, { row, person in table.append(cells(row, person)) })
        progress.done()
        table.finish()
        if unknown > 0 {
            Screen.errors.line("\(unknown) commands are not shown: whose they were has been erased, and so the tenant")
        }
        return .ok
    }

    private var columns: [Table.Column] {
        [
            Table.Column("id"), Table.Column("email", "who"), Table.Column("prospect"), Table.Column("tenant"),
            Table.Column("policy"), Table.Column("version"), Table.Column("step"), Table.Column("template"),
            Table.Column("dueAt", "due (UTC)"), Table.Column("emittedAt", "emitted (UTC)"),
            Table.Column("expiresAt", "expires (UTC)"), Table.Column("partition"), Table.Column("position"),
            Table.Column("journey"), Table.Column("key"), Table.Column("digest"), Table.Column("pending"),
        ]
    }

    private func cells(_ row: CommandRow, _ person: PersonalData?) -> [Cell] {
        [
            .text(row.id), .text(person?.email), .text(person?.prospectID), .text(person?.tenant),
            .text(row.version.policy.name), .number(row.version.number), .number(row.step + 1), .text(row.template),
            .time(row.due.milliseconds), .time(row.emitted.milliseconds), .time(row.expires.milliseconds),
            .number(row.partition), .number(row.position), .text(row.journeyID), .text(row.prospectID),
            .text(row.digestText), .boolean(row.isPending),
        ]
    }
}
