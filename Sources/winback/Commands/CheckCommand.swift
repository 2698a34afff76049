import Configuration
import Journey
import Terminal

struct CheckCommand: Command {
    static let name = "check"
    static let summary = "Look for mistakes in the configuration, and show what it makes of the policies"
    static let details = """
        Lists every mistake with file, line and column on standard error. Where there is none, a table shows which reminder \
        goes out when. No broker is asked; `winback topics check` looks at the topics. With --sample or --topic it shows \
        instead what each of some real messages would become: what is read out of it, what is missing, or why it would be \
        a dead letter.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, sample, asTopic, topic, count, json,
    ]
    static let examples = [
        Example("winback check --config winback.yaml", help: "Ends with 65 if something is wrong."),
        Example("winback check --sample events.ndjson", help: "What a file's events would become."),
        Example("winback check --topic --count 100", help: "The same of the newest messages of the event topics."),
    ]

    private static let sample = Option.text(
        "sample", label: "FILE", help: "Look at the messages in a file, one on each line, or as `kcat -J` prints them")
    private static let asTopic = Option.text(
        "as-topic", label: "NAME", help: "The topic that the file's events are for (default: the first event topic)")
    private static let topic = Option.flag("topic", help: "Look at the newest messages of the event topics")
    private static let count = Option.integer(
        "count", in: 1...100_000, default: 20, help: "Look at so many messages of the file, or of each topic")
    private static let json = Option.flag("json", help: "Print the table as JSON")

    private let configuration: ConfigurationOptions
    private let source: Source
    private let count: Int
    private let format: Table.Format

    private enum Source {
        case none, topics
        case file(String, topic: String?)
    }

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        format = try Table.Format.fitting(.output, json: arguments[Self.json])
        count = Int(arguments[Self.count])
        switch (arguments[Self.sample], arguments[Self.topic]) {
        case (nil, false): source = .none
        case (nil, true): source = .topics
        case (let path?, false): source = .file(path, topic: arguments[Self.asTopic])
        case (_?, true): throw UsageError(.conflict, "--sample and --topic cannot both be given")
        }
    }

    func run() throws -> ExitCode {
        let configuration: Configuration
        do {
            configuration = try self.configuration.loadAndWarn()
        } catch let error as ConfigurationError {
            report(error)
            return error.exitCode
        }
        if let sample = try sample(configuration) {
            return try SampleReport(configuration: configuration, sample: sample).write(format: format)
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

    private func sample(_ configuration: Configuration) throws -> Sample? {
        switch source {
        case .none: return nil
        case .topics: return try SampleTopics(configuration).read(count: count)
        case .file(let path, let name):
            let topics = configuration.topics.events
            guard let topic = name.map({ topics.firstIndex(of: $0) }) ?? 0 else {
                throw UsageError(
                    .invalidValue, "\(name ?? "") is none of the event topics: \(topics.joined(separator: ", "))")
            }
            return try SampleFile(path: path, topic: topic, topics: topics).read(count: count)
        }
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
