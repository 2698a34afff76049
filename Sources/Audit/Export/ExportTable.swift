/// A table of an export: what each column holds, from which every format follows.
struct ExportTable: Sendable {
    enum Kind: Sendable {
        case integer
        case text
        /// One of a few texts that come again and again.
        case word
        case time
        /// A 128-bit id or keyed hash.
        case key
        case boolean
    }

    /// In the singular; files and readable views go by the plural.
    var name: String
    var plural: String
    var columns: [(name: String, kind: Kind)]
    /// Columns to look rows up by.
    var indexes: [[String]] = []

    static let facts = ExportTable(
        name: "fact", plural: "facts",
        columns: [
            ("partition", .integer), ("position", .integer), ("number", .integer), ("clock", .time), ("cause", .word),
            ("event_time", .time), ("topic", .word), ("offset", .integer), ("prospect", .key), ("fact", .word),
            ("journey", .key), ("step", .integer), ("at", .time), ("due", .time), ("until", .time), ("reason", .word),
            ("policy", .word), ("version", .integer), ("pending", .boolean),
        ],
        indexes: [["prospect"], ["journey"], ["fact", "reason"], ["partition", "position", "number"]])

    /// - Parameter personal: whether who people are is in it.
    static func journeys(personal: Bool) -> ExportTable {
        ExportTable(
            name: "journey", plural: "journeys",
            columns: [
                ("journey", .key), ("prospect", .key), ("policy", .word), ("version", .integer), ("status", .word),
                ("opened_at", .time), ("activity_at", .time), ("steps_done", .integer), ("steps", .integer),
                ("next_reminder_at", .time), ("next_template", .word), ("ended_at", .time), ("partition", .integer),
                ("pending", .boolean),
            ] + (personal ? person : []),
            indexes: [["journey"], ["prospect"], ["policy", "status"]])
    }

    static func commands(personal: Bool) -> ExportTable {
        ExportTable(
            name: "command", plural: "commands",
            columns: [
                ("id", .text), ("journey", .key), ("step", .integer), ("prospect", .key), ("policy", .word),
                ("version", .integer), ("template", .word), ("due_at", .time), ("emitted_at", .time),
                ("expires_at", .time), ("partition", .integer), ("position", .integer), ("digest", .key),
                ("pending", .boolean),
            ] + (personal ? person : []),
            indexes: [["id"], ["journey"], ["prospect"], ["emitted_at"]])
    }

    private static let person: [(name: String, kind: Kind)] = [
        ("tenant", .word), ("prospect_id", .text), ("email", .text), ("product", .word),
    ]
}
