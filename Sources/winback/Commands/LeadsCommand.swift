import Foundation
import Journal
import Journey
import Leads
import Terminal

/// The same under its whole name, for those who look for it beside `leads cancel`.
struct LeadsListCommand: Command {
    static let name = "leads list"
    static let summary = "The same as leads"
    static let details = LeadsCommand.details
    static let options = LeadsCommand.options

    private let command: LeadsCommand

    init(_ arguments: Arguments) throws { command = try LeadsCommand(arguments) }

    func run() throws -> ExitCode { try command.run() }
}

struct LeadsCommand: Command {
    static let name = "leads"
    static let summary = "Show the leads table: who waits, for what, and when the next reminder comes"
    static let details = """
        Reads the journal, so it works while the engine runs and without a broker. A lead is listed from its opening until \
        it buys, cancels, opts out, is erased, or its retention ends. A lead marked pending was changed by a batch whose \
        commit is not known yet. `winback leads cancel` ends a prospect's leads by hand.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, ConfigurationOptions.data, tenant, policy, product,
        email,
        prospect, status, limit, json, csv,
    ]
    static let examples = [
        Example("winback leads --status waiting --policy abandoned-checkout", help: "Who will be reminded, and when."),
        Example("winback leads --csv > leads.csv", help: "All of them, for a spreadsheet."),
    ]

    private static let tenant = Option.text("tenant", label: "NAME", help: "Only this tenant's")
    private static let policy = Option.text("policy", label: "NAME", help: "Only this policy's")
    private static let product = Option.text("product", label: "ID", help: "Only leads for this product")
    private static let email = Option.text("email", label: "ADDRESS", help: "Only this address")
    private static let prospect = Option.text("prospect", label: "ID", help: "Only this prospect")
    private static let status = Option.list(
        "status", label: "STATUS", help: "Only these: waiting, held, finished, superseded")
    private static let limit = Option.integer(
        "limit", in: 1...10_000_000, default: 1000, help: "At most so many lines, the oldest leads first")
    private static let json = Option.flag("json", help: "One JSON array")
    private static let csv = Option.flag("csv", help: "Comma-separated values with a header")

    private let configuration: ConfigurationOptions
    private let data: String?
    private let filter: LeadFilter
    private let maximum: Int
    private let isJSON: Bool
    private let isCSV: Bool

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        data = arguments[ConfigurationOptions.data]
        var filter = LeadFilter()
        filter.tenant = arguments[Self.tenant]
        filter.policy = arguments[Self.policy]
        filter.product = arguments[Self.product]
        filter.email = arguments[Self.email]
        filter.prospectID = arguments[Self.prospect]
        for name in arguments[Self.status] {
            guard let status = Lead.Status(rawValue: name) else {
                throw UsageError(
                    .invalidValue,
                    "no lead has the status \(name); there are "
                        + Lead.Status.allCases.map(\.rawValue).joined(separator: ", "))
            }
            filter.statuses.insert(status)
        }
        self.filter = filter
        maximum = Int(arguments[Self.limit])
        isJSON = arguments[Self.json]
        isCSV = arguments[Self.csv]
    }

    func run() throws -> ExitCode {
        // Whoever names the directory needs no configuration, whose secrets may not be at hand.
        let path = try data ?? configuration.load().data
        let leads = try LeadsTable(path: path, fileSystem: POSIXFileSystem()).leads(filter)
        let columns = [
            Table.Column("email", "who"), Table.Column("prospect"), Table.Column("tenant"), Table.Column("product"),
            Table.Column("policy"), Table.Column("openedAt", "since"), Table.Column("step"), Table.Column("status"),
            Table.Column("nextReminderAt", "next reminder"), Table.Column("nextTemplate", "template"),
            Table.Column("pending"),
        ]
        var table = Table(
            columns, format: try .fitting(.output, json: isJSON, csv: isCSV),
            now: Int64(Date().timeIntervalSince1970 * 1000))
        for lead in leads.prefix(maximum) {
            table.append([
                .text(lead.email), .text(lead.prospectID), .text(lead.tenant), .text(lead.product), .text(lead.policy),
                .time(lead.openedAt.milliseconds), .text("\(lead.stepsDone) of \(lead.steps)"),
                .text(lead.status.rawValue), .relativeTime(lead.nextReminderAt?.milliseconds), .text(lead.nextTemplate),
                .boolean(lead.isPending),
            ])
        }
        table.finish()
        if leads.count > maximum {
            Screen.errors.line("\(leads.count - maximum) more leads are not shown; see --limit")
        } else if leads.isEmpty && !isJSON && !isCSV {
            Screen.errors.line("no leads")
        }
        return .ok
    }
}
