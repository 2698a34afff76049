import Configuration
import Foundation
import Scenarios
import Terminal

struct TestCommand: Command {
    static let name = "test"
    static let summary = "Try the policies on cases of your own, without a broker"
    static let details = """
        A scenario file lists cases: events that are given, how much time passes, and the reminders that are to be sent \
        then. Each case runs through the real engine in an empty data directory, on a clock of its own. Where others are \
        sent, they are shown as a diff: `-` was wanted and not sent, `+` was sent and not wanted.
        """
    static let options: [any OptionDeclaration] = [config, ConfigurationOptions.set, junit]
    static let positionals = [Positional("FILE", .atLeastOne, help: "A scenario file")]
    static let examples = [
        Example("winback test deploy/examples/*.scenarios.yaml", help: "Ends with 1 if a case fails."),
        Example("winback test my.scenarios.yaml --junit results.xml", help: "Writes the results for a CI system, too."),
    ]

    private static let config = Option.text(
        "config", short: "c", label: "FILE",
        help: "The configuration, in place of the one that the scenario file names")
    private static let junit = Option.text("junit", label: "FILE", help: "Write the results as JUnit XML")

    private let files: [String]
    private let configuration: String?
    private let overrides: [String]
    private let junit: String?

    init(_ arguments: Arguments) throws {
        files = arguments[Self.positionals[0]]
        configuration = arguments[Self.config]
        overrides = arguments[ConfigurationOptions.set]
        junit = arguments[Self.junit]
    }

    func run() throws -> ExitCode {
        var report = JUnitReport()
        var (passed, failed) = (0, 0)
        for file in files {
            let results = try run(file)
            report.add(file: file, results)
            let good = results.count { $0.result.isGood }
            passed += good
            failed += results.count - good
        }
        if let junit { try Self.write(report, to: junit) }
        let summary = "\(passed) passed, \(failed) failed"
        Screen.output.line(Screen.output.styled(summary, failed == 0 ? .green : .red))
        return failed == 0 ? .ok : .found
    }

    private func run(_ file: String) throws -> [(result: ScenarioResult, seconds: Double)] {
        let scenario = try Scenario.load(path: file)
        let runner = ScenarioRunner(configuration: try loadConfiguration(scenario))
        Screen.output.line(file)
        return try scenario.cases.map { each in
            let begun = Date()
            let result = try runner.run(each)
            show(result)
            return (result, Date().timeIntervalSince(begun))
        }
    }

    private func loadConfiguration(_ scenario: Scenario) throws -> Configuration {
        let named = URL(
            fileURLWithPath: scenario.configuration ?? "winback.yaml",
            relativeTo: URL(fileURLWithPath: scenario.file).deletingLastPathComponent())
        return try ConfigurationOptions(file: configuration ?? named.path, overrides: overrides).loadAndWarn()
    }

    private func show(_ result: ScenarioResult) {
        let screen = Screen.output
        let mark = result.isGood ? screen.styled("✔", .green) : screen.styled("✘", .red)
        screen.line("  \(mark) \(result.scenario.name)")
        guard !result.isGood else { return }
        screen.line("      \(result.scenario.place)")
        for line in result.difference {
            let style: Style? = line.hasPrefix("+") ? .green : line.hasPrefix("  ") ? nil : .red
            screen.line("      " + screen.styled(line, style))
        }
        if result.lines.isEmpty { screen.line("      no reminder was sent") }
    }

    private static func write(_ report: JUnitReport, to path: String) throws {
        do {
            try Data(report.xml.utf8).write(to: URL(fileURLWithPath: path))
        } catch {
            throw CannotWrite(path: path, reason: error.localizedDescription)
        }
    }

    private struct CannotWrite: ExitCodeProviding, CustomStringConvertible {
        var path: String
        var reason: String
        var exitCode: ExitCode { .cannotCreate }
        var description: String { "the results cannot be written to \(path): \(reason)" }
    }
}
