import Audit
import Configuration
import Foundation
import Journal
import Journey
import Terminal

struct AuditBacktestCommand: Command {
    static let name = "audit backtest"
    static let summary = "Try other waits, steps or conditions on what has happened: who would have been mailed"
    static let details = """
        Folds the journals' events once more under other policies, and shows both sides: what was sent and bought, and what \
        would have been. The file needs `templates` and `policies` alone. The policies are in force from the journal's \
        beginning on, so that windows, opt-outs and purchases are known when the period begins; the period says whose \
        journeys count, by their opening events' own times. The recorded policies are replayed in the same way and must \
        come to the reminders that were sent. People's reactions are as they were: who bought after a reminder \
        may not have bought without it. Reads files alone: beside a running engine, or a copy on another machine. With \
        --from-topic the events come from the event topics instead, from the first that is there on, and what is compared \
        with is the configuration.
        """
    static let options: [any OptionDeclaration] =
        AuditOptions.options + [policies, from, to, exampleCount, fromTopic, json, csv]
    static let examples = [
        Example("winback audit backtest --policies slower.yaml", help: "All that the journal holds."),
        Example(
            "winback audit backtest --policies slower.yaml --from 2026-06-01 --to 2026-07-01 --examples 20",
            help: "June's journeys, and twenty people of each kind by name."),
        Example(
            "winback audit backtest --policies winback.yaml --from-topic --config old.yaml --json",
            help: "Two configurations over what the topics hold, before there is any journal."),
    ]

    private static let policies = Option.text(
        "policies", label: "FILE", help: "The policies to try: `templates` and `policies`, or a whole configuration")
    private static let from = Option.text(
        "from", label: "TIME", help: "Count journeys opened at or after this time: 2026-07-01, or 30d for that long ago"
    )
    private static let to = Option.text("to", label: "TIME", help: "Count journeys opened before this time")
    private static let exampleCount = Option.integer(
        "examples", in: 0...1000, default: 5, help: "Name so many people of each kind, with their addresses")
    private static let fromTopic = Option.flag(
        "from-topic", help: "Read the event topics instead of the journals, without joining the group")
    private static let json = Option.flag("json", help: "One JSON object")
    private static let csv = Option.flag(
        "csv", help: "Comma-separated values with a header: a row for each step and side")

    private let audit: AuditOptions
    private let configuration: ConfigurationOptions
    private let file: String
    private let period: Range<Instant>
    private let exampleLimit: Int
    private let readsTopics: Bool
    private let format: Table.Format

    init(_ arguments: Arguments) throws {
        audit = AuditOptions(arguments)
        configuration = ConfigurationOptions(arguments, data: arguments[ConfigurationOptions.data])
        format = try .fitting(.output, json: arguments[Self.json], csv: arguments[Self.csv])
        exampleLimit = arguments[Self.exampleCount]
        readsTopics = arguments[Self.fromTopic]
        guard let file = arguments[Self.policies] else {
            throw UsageError(.missingArgument, "--policies FILE is missing: which policies are to be tried?")
        }
        self.file = file
        let now = PastTime.now
        let from = try PastTime.milliseconds(arguments[Self.from], "from", now: now)
        let to = try PastTime.milliseconds(arguments[Self.to], "to", now: now)
        let begin = from.map { Instant(milliseconds: $0) } ?? .distantPast
        let end = to.map { Instant(milliseconds: $0) } ?? .distantFuture
        guard begin < end else { throw UsageError(.conflict, "--from must be before --to") }
        period = begin..<end
    }

    func run() throws -> ExitCode {
        let proposed = try ProposedPolicies.load(path: file, environment: ProcessInfo.processInfo.environment)
        for warning in proposed.warnings {
            Screen.errors.line(Screen.errors.styled("warning:", .yellow) + " \(warning)")
        }
        let result = try readsTopics ? fromTopics(proposed) : fromJournals(proposed)
        try requireEvents(result)
        let report = BacktestReport(
            result: result, period: period, file: file, baseline: readsTopics ? configuration.file : nil)
        report.write(format: format)
        return .ok
    }

    private func fromJournals(_ proposed: ProposedPolicies) throws -> BacktestResult {
        let backtest = Backtest(try audit.source(), proposed, period: period, examples: exampleLimit)
        let progress = ProgressBar("reading the journal", total: try backtest.journalBytes() >> 20, unit: "MiB")
        defer { progress.clear() }
        return try backtest.run { progress.advance(by: $0 >> 20) }
    }

    private func fromTopics(_ proposed: ProposedPolicies) throws -> BacktestResult {
        let configuration = try configuration.loadAndWarn()
        let backtest = try TopicBacktest(
            configuration, proposed, settings: configuration.kafkaSettings, period: period, examples: exampleLimit)
        let progress = ProgressBar("reading the topics", total: backtest.messageCount, unit: "messages")
        defer { progress.clear() }
        return try backtest.run(now: Instant(milliseconds: PastTime.now)) { progress.advance(by: $0) }
    }

    private func requireEvents(_ result: BacktestResult) throws {
        guard result.events > 0 else {
            throw CommandError(.noInput, "there is no event yet in what was read: nothing to try policies on")
        }
        guard result.eventsInPeriod > 0 else {
            throw CommandError(
                .noInput,
                "no event lies in this period; there are events from \(TimeText.readable(result.firstEvent.milliseconds)) "
                    + "to \(TimeText.readable(result.lastEvent.milliseconds)) UTC: change --from or --to")
        }
    }
}
