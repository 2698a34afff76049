import Audit
import Configuration
import Engine
import Kafka
import Terminal

struct AuditReplayCommand: Command {
    static let name = "audit replay"
    static let summary = "Decide everything once more, from the first frame, and compare with what the journals say"
    static let details = """
        Every event, tick and configuration is decided again by the engine's own functions. Each decision is compared with \
        the facts that were kept, and each command is made once more and compared, byte by byte, with the digest of what was \
        published. With --compare-topic the reminder topic is read, too: each command must be there once and be the same. \
        That nothing differs is the normal answer. Of people whose data has been destroyed the decisions and the digests \
        remain, and are compared. Exit code 1 if anything differs.
        """
    static let options: [any OptionDeclaration] = AuditOptions.options + [compareTopic]
    static let examples = [
        Example("winback audit replay --data /backup/winback", help: "A copy, on another machine, without Kafka."),
        Example("winback audit replay --compare-topic", help: "With what lies in the reminder topic now."),
    ]

    private static let compareTopic = Option.flag(
        "compare-topic", help: "Read the reminder topic of the configuration, and compare each command with it")

    private let audit: AuditOptions
    private let configuration: ConfigurationOptions
    private let comparesTopic: Bool

    init(_ arguments: Arguments) throws {
        audit = AuditOptions(arguments)
        configuration = ConfigurationOptions(arguments, data: arguments[ConfigurationOptions.data])
        comparesTopic = arguments[Self.compareTopic]
    }

    func run() throws -> ExitCode {
        let source = try audit.source()
        let replay = try ReplayAudit(source)
        let progress = ProgressBar("replaying", total: Int64(try replay.journalBytes() >> 10), unit: "KiB")
        let shards = try replay.run(keepsCommands: comparesTopic) { progress.advance(by: Int64($0 >> 10)) }
        progress.finish()
        let comparison = comparesTopic ? try compare(shards, source) : nil
        let report = ReplayReport(shards: shards, comparison: comparison?.comparison, topic: comparison?.topic)
        report.write()
        return report.isSame ? .ok : .found
    }

    private func compare(
        _ shards: [ReplayAudit.Shard], _ source: AuditSource
    ) throws -> (comparison: ReminderComparison, topic: String) {
        let configuration = try configuration.load()
        let topic = configuration.topics.reminders
        guard
            let scan = try TopicScan(
                topic: topic, settings: configuration.kafkaSettings, group: "\(configuration.group)-audit")
        else { throw CommandError(.unavailable, "there is no topic \(topic) to compare with") }
        let progress = ProgressBar("reading \(topic)", total: nil, unit: "messages")
        defer { progress.finish() }
        return (
            try ReminderComparison(
                shards, with: scan, key: source.directory.key,
                isGoingOn: RunningEngine(dataDirectory: source.directory.path) != .stopped
            ) { progress.update(to: Int64($0)) },
            topic
        )
    }
}
