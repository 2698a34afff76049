import Configuration
import Foundation
import Journal
import Journey
import Leads
import Terminal

struct PoliciesDiffCommand: Command {
    static let name = "policies diff"
    static let summary = "Show what a changed configuration means for journeys that wait"
    static let details = """
        Compares the configuration with the one that the engine last activated, policy by policy, and lists every journey \
        that waits under an older version of its policy: its next reminder as it is, and as it would be after "policies \
        apply --migrate". Reads the data directory, so it works while the engine runs and without a broker. Ends with 1 if \
        there is a difference.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, ConfigurationOptions.data, policy, json, csv,
    ]
    static let examples = [
        Example("winback policies diff", help: "Before the engine is started with a changed file."),
        Example(
            "winback policies diff --policy abandoned-checkout --csv > moves.csv",
            help: "One policy's, for a spreadsheet."),
    ]

    private static let policy = Option.list("policy", label: "NAME", help: "Only this policy; may be repeated")
    private static let json = Option.flag("json", help: "One JSON object: settings, policies, journeys")
    private static let csv = Option.flag("csv", help: "The journeys as comma-separated values with a header")

    private let configuration: ConfigurationOptions
    private let wanted: Set<String>
    private let isJSON: Bool
    private let isCSV: Bool

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments, data: arguments[ConfigurationOptions.data])
        wanted = Set(arguments[Self.policy])
        isJSON = arguments[Self.json]
        isCSV = arguments[Self.csv]
    }

    func run() throws -> ExitCode {
        let configuration = try configuration.loadAndWarn()
        let format = try Table.Format.fitting(.output, json: isJSON, csv: isCSV)
        let plan = try MigrationPlan(configuration)
        try Self.requireKnown(wanted, plan.comparison)
        let report = PolicyDiffReport(plan, wanted: wanted)
        try report.write(format)
        return report.isEmpty ? .ok : .found
    }

    private static func requireKnown(_ wanted: Set<String>, _ comparison: PolicyComparison) throws {
        let names = comparison.policies.map(\.name)
        for name in wanted.sorted() where !names.contains(name) {
            throw UsageError(
                .invalidValue, "there is no policy \(name), neither in the configuration nor in use",
                suggestion: Suggestion.closest(to: name, among: names))
        }
    }
}

extension MigrationPlan {
    /// What this configuration would change in its data directory, now.
    init(_ configuration: Configuration) throws {
        try self.init(
            path: configuration.data, proposed: PolicyText(configuration),
            now: Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)), fileSystem: POSIXFileSystem())
    }
}
