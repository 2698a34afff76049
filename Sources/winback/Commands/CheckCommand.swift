import Configuration
import Journey
import Terminal

struct CheckCommand: Command {
    static let name = "check"
    static let summary = "Look for mistakes in the configuration, and show what it makes of the policies"
    static let details = """
        Lists every mistake with file, line and column on standard error. Where there is none, a table shows which reminder \
        goes out when. No broker is asked; `winback topics check` looks at the topics.
        """
    static let options: [any OptionDeclaration] = [ConfigurationOptions.config, ConfigurationOptions.set, json]
    static let examples = [
        Example("winback check --config winback.yaml", help: "Ends with 65 if something is wrong.")
    ]

    private static let json = Option.flag("json", help: "Print the table as JSON")

    private let configuration: ConfigurationOptions
    private let format: Table.Format

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        format = try Table.Format.fitting(.output, json: arguments[Self.json])
    }

    func run() throws -> ExitCode {
        let configuration: Configuration
        do {
            configuration = try self.configuration.loadAndWarn()
        } catch let error as ConfigurationError {
            report(error)
            return error.exitCode
        }
        PolicyTable(policies: configuration.policies).write(format: format)
        if format == .aligned {
            let topics = configuration.topics
            Screen.output.line(
                "\(topics.events.joined(separator: ", ")) → \(topics.reminders) on \(configuration.bootstrapServers); "
                    + "dead letters to \(topics.deadLetters)")
            Screen.output.line(Screen.output.styled("\(self.configuration.file) is good", .green))
        }
        return .ok
    }

    private func report(_ error: ConfigurationError) {
        // Without decoration: editors and CI systems make links of file:line:column.
        Screen.errors.line("\(error)")
        let count = error.mistakes.count + error.omitted
        Screen.errors.line(
            Screen.errors.styled("winback:", .red)
                + " \(count) mistake\(count == 1 ? "" : "s") in \(configuration.file)")
    }
}
