import Audit
import Terminal

struct AuditHeadCommand: Command {
    static let name = "audit head"
    static let summary = "Show how far each journal is committed, and the hash of it: to be noted elsewhere"
    static let details = """
        The hash stands for everything before it. Noted where nobody who can write the journal can write, it proves later, \
        with `winback audit verify --expect`, that nothing before it was changed. Frames whose commit is not known yet are \
        not in it. Reads files alone: beside a running engine, or a copy on another machine.
        """
    static let options: [any OptionDeclaration] = AuditOptions.options + [json, csv]
    static let examples = [
        Example("winback audit head --data /var/lib/winback --json >> heads.ndjson", help: "Once a day, elsewhere.")
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
        let shards = try source.partitions().map { try ShardHead.read(source, partition: $0) }
        // A table would cut the hash to the width of the terminal.
        if case .aligned = format { shards.forEach(tell) } else { list(shards) }
        return .ok
    }

    private func tell(_ shard: ShardHead) {
        Screen.output.line("partition \(shard.partition): position \(shard.head.position)")
        Screen.output.line("  \(shard.head.hash)")
        if shard.pendingBytes > 0 {
            Screen.output.line(
                "  \(NumberText.bytes(Int64(shard.pendingBytes))) behind it are not known to be committed")
        }
    }

    private func list(_ shards: [ShardHead]) {
        var table = Table(
            [Table.Column("partition"), Table.Column("position"), Table.Column("hash"), Table.Column("pendingBytes")],
            format: format, now: 0)
        for shard in shards {
            table.append([
                .number(Int64(shard.partition)), .number(Int64(shard.head.position)), .text("\(shard.head.hash)"),
                .number(Int64(shard.pendingBytes)),
            ])
        }
        table.finish()
    }
}
