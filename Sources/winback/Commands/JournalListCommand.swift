import Audit
import Engine
import Journal
import Terminal

struct JournalListCommand: Command {
    static let name = "journal ls"
    static let summary = "List the segments and snapshots of each partition's journal, and what they hold"
    static let details = """
        For each segment: from which position to which it goes, how much of its file is used, the time that it tells of, and \
        how many frames, events and commands it holds; also whether an index stands beside it, and whether it lies in an \
        archive. For each snapshot: at which position it was made, and whether a start would use it. What is not committed yet \
        does not count. Reads files alone, beside a running engine or without; a segment without an index is read as a whole.
        """
    static let options: [any OptionDeclaration] = AuditOptions.options + [json, csv]
    static let examples = [
        Example("winback journal ls --data /var/lib/winback", help: "What there is."),
        Example(
            "winback journal ls --archive /archive/winback --json | jq '.[] | select(.place == \"archived\")'",
            help: "With what was moved away."),
    ]

    private static let json = Option.flag("json", help: "One JSON array")
    private static let csv = Option.flag("csv", help: "Comma-separated values with a header")

    private let audit: AuditOptions
    private let format: Table.Format

    init(_ arguments: Arguments) throws {
        audit = AuditOptions(arguments)
        format = try .fitting(.output, json: arguments[Self.json], csv: arguments[Self.csv])
    }

    func run() throws -> ExitCode {
        let source = try audit.source()
        var table = Table(format == .aligned ? Self.columnsForPeople : Self.columns, format: format, now: 0)
        for partition in try source.partitions() {
            let listing = try JournalListing.read(source, partition: partition)
            for segment in listing.segments {
                table.append(format == .aligned ? rowForPeople(segment, partition) : row(segment, partition))
            }
            for snapshot in listing.snapshots {
                table.append(format == .aligned ? rowForPeople(snapshot, partition) : row(snapshot, partition))
            }
        }
        table.finish()
        try warn(of: source)
        return .ok
    }

    // MARK: For programs

    private static let columns = [
        Table.Column("partition"), Table.Column("kind"), Table.Column("position"), Table.Column("end"),
        Table.Column("fileBytes"), Table.Column("usedBytes"), Table.Column("from"), Table.Column("until"),
        Table.Column("frames"), Table.Column("events"), Table.Column("commands"), Table.Column("index"),
        Table.Column("place"), Table.Column("state"),
    ]

    private func row(_ segment: JournalListing.Segment, _ partition: Int32) -> [Cell] {
        [
            .number(partition), .text("segment"), .number(segment.first), .number(segment.end),
            .number(segment.fileBytes), .number(segment.usedBytes), .time(segment.span?.lowerBound.milliseconds),
            .time(segment.span?.upperBound.milliseconds), .number(segment.summary.frames),
            .number(segment.summary.messages), .number(segment.summary.commands), .boolean(segment.hasIndex),
            .text(segment.isArchived ? "archived" : "here"), .text(segment.isSealed ? "sealed" : "open"),
        ]
    }

    private func row(_ snapshot: SnapshotListing, _ partition: Int32) -> [Cell] {
        [
            .number(partition), .text("snapshot"), .number(snapshot.position), .none, .number(snapshot.bytes), .none,
            .none, .none, .none, .none, .none, .none, .text("here"), state(snapshot),
        ]
    }

    private func state(_ snapshot: SnapshotListing, before text: String = "") -> Cell {
        switch snapshot.state {
        case .sound: .text(text + "sound")
        case .otherVersion(let version): .text(text + "of version \(version), not used", style: .yellow)
        case .unusable(let reason): .text(text + reason, style: .red)
        }
    }

    // MARK: For people

    /// Fewer of them: a terminal is narrow.
    private static let columnsForPeople = [
        Table.Column("partition"), Table.Column("position"), Table.Column("used"), Table.Column("from", "From (UTC)"),
        Table.Column("until", "Until (UTC)"), Table.Column("frames"), Table.Column("events"), Table.Column("commands"),
        Table.Column("what"),
    ]

    private func rowForPeople(_ segment: JournalListing.Segment, _ partition: Int32) -> [Cell] {
        let what =
            (segment.isSealed ? "segment" : "open segment") + (segment.hasIndex ? ", indexed" : "")
            + (segment.isArchived ? ", archived" : "")
        return [
            .number(partition), .number(segment.first), .text(NumberText.bytes(Int64(segment.usedBytes))),
            .time(segment.span?.lowerBound.milliseconds), .time(segment.span?.upperBound.milliseconds),
            .number(segment.summary.frames), .number(segment.summary.messages), .number(segment.summary.commands),
            .text(what),
        ]
    }

    private func rowForPeople(_ snapshot: SnapshotListing, _ partition: Int32) -> [Cell] {
        [
            .number(partition), .number(snapshot.position), .text(NumberText.bytes(Int64(snapshot.bytes))), .none,
            .none, .none, .none, .none, state(snapshot, before: "snapshot, "),
        ]
    }

    private func warn(of source: AuditSource) throws {
        for partition in try source.partitions() {
            guard let known = try source.knownSince(partition) else { continue }
            Screen.errors.line(
                Screen.errors.styled("note:", .yellow)
                    + " partition \(partition) is known since \(TimeText.utc(known.time.milliseconds)), position "
                    + "\(known.position): what lies before was archived; name the archive with --archive")
        }
    }
}
