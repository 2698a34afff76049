import Glibc

/// The command line as a whole: finds the subcommand, hands it its arguments, reports how it ended.
public struct Program: Sendable {
    public let name: String
    public let summary: String
    public let commands: [any Command.Type]
    private let output: Screen
    private let errors: Screen

    public init(
        name: String, summary: String, commands: [any Command.Type], output: Screen = .output, errors: Screen = .errors
    ) {
        self.name = name
        self.summary = summary
        self.commands = commands
        self.output = output
        self.errors = errors
    }

    /// Runs what `words` (without the program's own name) ask for.
    ///
    /// Every error ends here: one sentence on standard error, and its exit code.
    public func run(_ words: [String]) -> ExitCode {
        // A reader that has gone away is noticed by the write that fails, not by a signal that kills the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            return try dispatch(words)
        } catch let error as UsageError {
            let topic = command(in: words)?.name ?? ""
            report("\(error)")
            errors.line("See \(name)\(topic.isEmpty ? "" : " \(topic)") --help")
            return error.exitCode
        } catch {
            report("\(error)")
            return (error as? any ExitCodeProviding)?.exitCode ?? .internalError
        }
    }

    private func dispatch(_ words: [String]) throws -> ExitCode {
        let help = HelpText(program: name, screen: output)
        guard let first = words.first else {
            errors.write(
                HelpText(program: name, screen: errors).overview(summary: summary, commands: commands))
            return .usage
        }
        if first == "help" { return try dispatch(Array(words.dropFirst().filter { $0 != "--help" }) + ["--help"]) }
        if first == "--help" || first == "-h" {
            output.write(help.overview(summary: summary, commands: commands))
            return .ok
        }
        if first == "--version" { return try dispatch(["version"] + words.dropFirst()) }
        guard let command = command(in: words) else { return try group(words, help) }
        let rest = Array(words.dropFirst(wordCount(of: command)))
        if asksForHelp(rest) {
            output.write(help.command(command))
            return .ok
        }
        let parser = ArgumentParser(options: command.options + [HelpText.help], positionals: command.positionals)
        let arguments = try parser.parse(rest)
        if arguments[HelpText.help] {
            output.write(help.command(command))
            return .ok
        }
        return try command.init(arguments).run()
    }

    /// `words` name no command: perhaps a group of them, of which the second word is wrong or missing.
    private func group(_ words: [String], _ help: HelpText) throws -> ExitCode {
        let first = words[0]
        guard !first.hasPrefix("-") else {
            throw UsageError(.missingCommand, "options follow the command: \(name) COMMAND \(first)")
        }
        let members = commands.filter { $0.name.hasPrefix(first + " ") }
        guard !members.isEmpty else {
            let known = Set(commands.map { $0.name.split(separator: " ")[0] }).map(String.init).sorted()
            throw UsageError(
                .unknownCommand, "unknown command '\(first)'",
                suggestion: Suggestion.closest(to: first, among: known).map { "\(name) \($0)" })
        }
        let text = help.group(first, commands: members)
        if asksForHelp(Array(words.dropFirst())) {
            output.write(text)
            return .ok
        }
        guard let second = words.dropFirst().first, !second.hasPrefix("-") else {
            errors.write(text)
            return .usage
        }
        let known = members.map { String($0.name.dropFirst(first.count + 1)) }
        throw UsageError(
            .unknownCommand, "unknown command '\(first) \(second)'",
            suggestion: Suggestion.closest(to: second, among: known).map { "\(name) \(first) \($0)" })
    }

    /// The command with the longest name that `words` begin with.
    private func command(in words: [String]) -> (any Command.Type)? {
        commands
            .filter { command in words.starts(with: command.name.split(separator: " ").map(String.init)) }
            .max { wordCount(of: $0) < wordCount(of: $1) }
    }

    private func wordCount(of command: any Command.Type) -> Int { command.name.split(separator: " ").count }

    /// Help is asked for wherever it stands, so that it can be added to a line that is wrong.
    private func asksForHelp(_ words: [String]) -> Bool {
        words.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
    }

    private func report(_ message: String) {
        errors.line(errors.styled("\(name):", .red) + " " + message)
    }
}
