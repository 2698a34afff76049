import Configuration
import Kafka
import Terminal

struct TopicsCheckCommand: Command {
    static let name = "topics check"
    static let summary = "Compare the topics with what Winback needs of them"
    static let details = """
        Prints what differs, what would be right and why. Ends with 1 when something must be changed; advice alone is no \
        reason to.
        """
    static let options: [any OptionDeclaration] = [ConfigurationOptions.config, ConfigurationOptions.set, json]

    private static let json = Option.flag("json", help: "Print the table as JSON")

    private let configuration: ConfigurationOptions
    private let format: Table.Format

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        format = try Table.Format.fitting(.output, json: arguments[Self.json])
    }

    func run() throws -> ExitCode {
        let configuration = try configuration.loadAndWarn()
        let plan = TopicPlan(topics: configuration.topics)
        let admin = try TopicAdmin(settings: configuration.kafkaSettings)
        defer { admin.close() }
        var comparison = TopicComparison(plan: plan, descriptions: try ExistingTopics.read(plan, admin))
        if let longest = configuration.policies.map(\.retention).max() {
            comparison.keepsMilliseconds = longest.milliseconds
        }
        let findings = comparison.findings
        if findings.isEmpty, format == .aligned {
            let names = plan.roles.map(\.name).joined(separator: ", ")
            Screen.output.line(Screen.output.styled("All is as it should be: \(names)", .green))
            return .ok
        }
        var table = Table(
            [
                Table.Column("topic"), Table.Column("setting"), Table.Column("is"), Table.Column("wanted"),
                Table.Column("weight"), Table.Column("why"),
            ], format: format, now: 0)
        for finding in findings {
            table.append([
                .text(finding.topic), .text(finding.setting), .text(finding.actual), .text(finding.wanted),
                .text(finding.weight.rawValue, style: finding.weight == .change ? .red : .yellow), .text(finding.why),
            ])
        }
        table.finish()
        return findings.contains { $0.weight == .change } ? .found : .ok
    }
}
