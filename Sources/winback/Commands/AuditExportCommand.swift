import Audit
import Engine
import Journey
import Terminal

struct AuditExportCommand: Command {
    static let name = "audit export"
    static let summary = "Write facts, journeys and commands to files for other tools"
    static let details = """
        Three tables: every fact with its cause and place, every journey as it stands, and every command. `sqlite` makes one \
        file with indexes and with views (facts, journeys, commands) that read well; `ndjson` and `csv` make a file for each \
        table. People are in it as keyed hashes. With --personal their ids and addresses are in it, too, as far as they exist: \
        such a copy is yours to protect, and to erase when they ask for it, as Winback does not know of it. The files can be \
        read by their owner alone, and have their names only when they are whole.
        """
    static let options: [any OptionDeclaration] =
        AuditOptions.options + [to, format, personal, AuditOptions.pending]
    static let examples = [
        Example("winback audit export --to audit-2026-07 --format sqlite", help: "One file for SQL."),
        Example(
            "sqlite3 audit-2026-07/winback-audit.sqlite \"SELECT reason, count(*) FROM facts WHERE fact = 'reminder-skipped' GROUP BY 1\"",
            help: "Why were reminders not sent?"),
    ]

    private static let to = Option<String?>.text("to", label: "FOLDER", help: "Where the files go")
    private static let format = Option<AuditExport.Format>.choice(
        "format", label: "FORMAT", default: .sqlite, help: "sqlite, ndjson or csv")
    private static let personal = Option.flag("personal", help: "With people's ids and addresses")

    private let audit: AuditOptions
    private let folder: String
    private let settings: AuditExport.Settings

    init(_ arguments: Arguments) throws {
        audit = AuditOptions(arguments)
        guard let folder = arguments[Self.to] else {
            throw UsageError(.missingArgument, "say where the files go: --to FOLDER")
        }
        self.folder = folder
        var settings = AuditExport.Settings(format: arguments[Self.format])
        settings.personal = arguments[Self.personal]
        settings.pending = arguments[AuditOptions.pending]
        self.settings = settings
    }

    func run() throws -> ExitCode {
        let source = try audit.source()
        let export = AuditExport(source, to: folder, settings)
        let progress = try AuditProgress(source, "reading the journal", times: export.readings)
        let (counts, files) = try export.write(madeAt: Instant(milliseconds: PastTime.now)) { progress.advance($0) }
        progress.done()
        let numbers = [
            (counts.facts, "facts"), (counts.journeys, "journeys"), (counts.commands, "commands"),
        ].map { "\(NumberText.grouped(Int64($0))) \($1)" }
        Screen.output.line("\(numbers.joined(separator: ", ")) in \(files.joined(separator: ", "))")
        if settings.personal {
            Screen.errors.line(
                Screen.errors.styled("note:", .yellow)
                    + " these files hold ids and addresses. Protect them, and delete whoever asks for erasure from them as well:"
                    + " Winback erases its own data directory alone.")
        }
        return .ok
    }
}
