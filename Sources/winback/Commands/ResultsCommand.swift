import Journal
import Journey
import Leads
import Terminal

struct ResultsCommand: Command {
    static let name = "results"
    static let summary = "Show what reminders have brought: per policy and step, who was reminded and who bought"
    static let details = """
        Counts the journeys that were opened in a period, by their opening events' own times, and all that has become of \
        them until now, whenever that was: so those who bought are a part of those who were reminded. A conversion counts \
        for the last reminder that was sent before it, or for none. The youngest journeys are still open: a period that \
        ended some days ago says more. Reads the journal from its beginning, so it works while the engine runs and \
        without a broker; what is not committed yet does not count.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, ConfigurationOptions.data, since, until, policy,
        AuditOptions.archive, json, csv,
    ]
    static let examples = [
        Example("winback results --since 30d", help: "Journeys of the last thirty days."),
        Example(
            "winback results --since 2026-06-01 --until 2026-07-01 --csv > june.csv", help: "June's, for a spreadsheet."
        ),
    ]

    private static let since = Option.text(
        "since", label: "TIME", default: "30d",
        help: "Opened at or after this time: 2026-07-01, or 30d for that long ago")
    private static let until = Option.text("until", label: "TIME", help: "Opened before this time")
    private static let policy = Option.list("policy", label: "NAME", help: "Only this policy")
    private static let json = Option.flag("json", help: "One JSON array")
    private static let csv = Option.flag("csv", help: "Comma-separated values with a header")

    private let configuration: ConfigurationOptions
    private let data: String?
    private let archives: [String]
    private let period: Range<Instant>
    private let policies: [String]
    private let format: Table.Format

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        data = arguments[ConfigurationOptions.data]
        archives = arguments[AuditOptions.archive]
        policies = arguments[Self.policy]
        format = try .fitting(.output, json: arguments[Self.json], csv: arguments[Self.csv])
        let now = PastTime.now
        let since = try PastTime.milliseconds(arguments[Self.since], "since", now: now) ?? now
        let until = try PastTime.milliseconds(arguments[Self.until], "until", now: now) ?? now
        guard since < until else {
            throw UsageError(.conflict, "--since must be before \(arguments[Self.until] == nil ? "now" : "--until")")
        }
        period = Instant(milliseconds: since)..<Instant(milliseconds: until)
    }

    func run() throws -> ExitCode {
        // Whoever names the directory needs no configuration, whose secrets may not be at hand.
        let path = try data ?? configuration.load().data
        let table = try ResultsTable(
            path: path, fileSystem: ArchivedFileSystem(POSIXFileSystem(), data: path, archives: archives))
        let progress = ProgressBar("reading the journal", total: try table.journalBytes() >> 20, unit: "MiB")
        let results = try table.results(openedIn: period) { progress.advance(by: $0 >> 20) }
        progress.clear()
        if let unknown = policies.first(where: { name in !results.contains { $0.policy == name } }) {
            throw CommandError(
                .usage,
                "no policy \(unknown) was ever activated; there are "
                    + results.map(\.policy).joined(separator: ", "))
        }
        let wanted = results.filter { policies.isEmpty || policies.contains($0.policy) }
        ResultsReport(results: wanted, period: period).write(format: format)
        if let known = try table.knownSince(), known > period.lowerBound {
            Screen.errors.line(
                Screen.errors.styled("note:", .yellow)
                    + " known since \(TimeText.utc(known.milliseconds)): what lies before was archived and does not count; "
                    + "name the archive with --archive")
        }
        return .ok
    }
}
