import Configuration
import Engine
import Foundation
import Glibc
import Journal
import Journey
import Telemetry
import Terminal

struct RecoverCommand: Command {
    static let name = "recover"
    static let summary = "Explain why the engine does not start, and do what you choose"
    static let details = """
        Compares journals, committed offsets and topics, says in plain words what stands in the way of a start, and shows \
        what each choice would send, withhold or lose. Then it asks, or takes --accept. Without a terminal and without \
        --accept it changes nothing and ends with 77. Nothing is deleted: journals that are of no use are moved to a folder \
        beside the others. A recovery that was interrupted can be run again. Stop the engine first.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.data, ConfigurationOptions.set, accept, since,
    ]
    static let examples = [
        Example("winback recover", help: "Explains and asks."),
        Example("winback recover --accept resume", help: "Takes this choice, if it is one of those that are shown."),
    ]

    private static let accept = Option<String?>.text(
        "accept", label: "CHOICE",
        help: "Take this choice without asking: \(RecoveryChoice.allCases.map(\.rawValue).joined(separator: ", "))")
    private static let since = Option<String?>.text(
        "since", label: "TIME",
        help: "For rebuild: policies act on openings from then on, such as 3d (ago) or 2026-07-01T00:00:00Z")
    /// How often a person may mistype a choice.
    private static let attempts = 3

    private let configuration: ConfigurationOptions
    private let accepted: RecoveryChoice?
    private let since: Instant?

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments, data: arguments[ConfigurationOptions.data])
        accepted = try arguments[Self.accept].map { text in
            guard let choice = RecoveryChoice(rawValue: text) else {
                let words = RecoveryChoice.allCases.map(\.rawValue)
                throw UsageError(
                    .invalidValue, "--accept: '\(text)' is none of \(words.joined(separator: ", "))",
                    suggestion: Suggestion.closest(to: text, among: words))
            }
            return choice
        }
        since = try PastTime.milliseconds(arguments[Self.since], "since").map(Instant.init(milliseconds:))
    }

    func run() throws -> ExitCode {
        let configuration = try configuration.loadAndWarn()
        let log = Log(level: .warning)
        defer { log.flush() }
        let progress = LookUpProgress()
        defer { progress.finish() }
        let recovery = try Recovery(
            configuration: configuration, broker: KafkaBroker(settings: configuration.kafkaSettings),
            time: SystemTime(), since: since, fileSystem: POSIXFileSystem(), log: log
        ) { progress.update($0, $1) }
        defer { recovery.close() }
        let diagnosis = try recovery.diagnose()
        progress.finish()
        guard !diagnosis.findings.isEmpty else {
            Screen.output.line("Nothing stands in the way of a start: winback run")
            return .ok
        }
        RecoveryReport(diagnosis: diagnosis).write()
        guard let choice = try choose(diagnosis) else {
            Screen.errors.line("Nothing was changed.")
            return .permission
        }
        try recovery.perform(choice, diagnosis)
        Screen.output.line()
        Screen.output.line(Screen.output.styled("Done: \(choice.rawValue).", .green) + " Start the engine: winback run")
        return .ok
    }

    private func choose(_ diagnosis: Diagnosis) throws -> RecoveryChoice? {
        let words = diagnosis.choices.map(\.name.rawValue)
        if let accepted {
            guard diagnosis.offers(accepted) else {
                let offered =
                    words.isEmpty ? "nothing can be chosen here" : "choose from \(words.joined(separator: ", "))"
                throw CommandError(.permission, "\(accepted.rawValue) is no way out of this: \(offered)")
            }
            return accepted
        }
        guard !words.isEmpty, isatty(STDIN_FILENO) == 1, Screen.output.isTerminal else { return nil }
        Screen.output.line()
        for _ in 0..<Self.attempts {
            Screen.output.write("Type the name of a choice, or nothing to leave all as it is: ")
            guard let answer = readLine()?.trimmingCharacters(in: .whitespaces), !answer.isEmpty else { return nil }
            if let choice = RecoveryChoice(rawValue: answer), diagnosis.offers(choice) { return choice }
            Screen.output.line("'\(answer)' is none of \(words.joined(separator: ", ")).")
        }
        return nil
    }
}
