import Engine
import Foundation
import Journal
import Journey
import Telemetry
import Terminal

struct JournalArchiveCommand: Command {
    static let name = "journal archive"
    static let summary = "Move old parts of the journals elsewhere, while the engine is stopped"
    static let details = """
        Moves the oldest segments of each partition whose content lies before a date: copied, made durable, verified through the \
        hash chain, and only then removed. A segment that still holds readable personal data stays, and so does all behind it: \
        an erasure never has to reach into an archive. Two snapshots from behind what is moved are made first, because a start \
        needs them then. Commands that read journals take the archive with --archive; to undo it, copy the segments back. It \
        can be interrupted and run again.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, ConfigurationOptions.data, before, target,
    ]
    static let examples = [
        Example(
            "winback journal archive --before 2026-01-01 --to /archive/winback", help: "Up to New Year.")
    ]

    private static let before = Option<String?>.text(
        "before", label: "DATE", help: "What happened before then: 2026-01-01, or 180d for that long ago")
    private static let target = Option<String?>.text(
        "to", label: "DIR", help: "The archive; a folder for each partition is made in it")

    private let configuration: ConfigurationOptions
    private let data: String?
    private let date: Instant
    private let archive: String

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        data = arguments[ConfigurationOptions.data]
        guard let date = try PastTime.milliseconds(arguments[Self.before], "before"),
            let archive = arguments[Self.target]
        else { throw UsageError(.missingValue, "--before DATE and --to DIR are needed") }
        self.date = Instant(milliseconds: date)
        self.archive = archive
    }

    func run() throws -> ExitCode {
        // Whoever names the directory needs no configuration, whose secrets may not be at hand.
        let path = try data ?? configuration.load().data
        let log = Log(level: .warning)
        defer { log.flush() }
        let archiver = try JournalArchiver(data: path, to: archive, fileSystem: POSIXFileSystem(), log: log)
        defer { archiver.close() }
        let outcomes = try archiver.run(before: date)
        var total = SegmentArchive.Summary()
        for outcome in outcomes {
            Screen.output.line(Self.line(outcome))
            total.segments += outcome.moved.segments
            total.bytes += outcome.moved.bytes
        }
        Screen.output.line(
            total.segments == 0
                ? "Nothing was moved."
                : "\(archive) has \(total.segments) segments more, \(NumberText.bytes(total.bytes)), verified")
        return .ok
    }

    static func line(_ outcome: JournalArchiver.Outcome) -> String {
        let moved =
            "partition \(outcome.partition): \(outcome.moved.segments) segments moved, "
            + "\(NumberText.bytes(outcome.moved.bytes))"
        guard let kept = outcome.kept else { return moved }
        return moved + "; kept from position \(outcome.beginning) on, because that segment "
            + description(kept)
    }

    private static func description(_ reason: JournalArchiver.Reason) -> String {
        switch reason {
        case .young(let last): "tells of what happened until \(TimeText.utc(last.milliseconds))"
        case .unfinished: "is not finished, or not all of it is known to be committed"
        case .personal(let records, let until?):
            "holds personal data (\(records) readable records) of leads that are kept until "
                + TimeText.utc(until.milliseconds)
        case .personal(let records, nil):
            "holds \(records) personal records that no lead refers to any more and that have not been destroyed yet"
        }
    }
}
