/// What becomes of a table's columns in an event of the default shape.
///
/// As a file says it (`columns:` and `constants:`), or as the columns are named: `type`, `email`, ..., or a JSON pointer.
public struct ColumnMapping: Hashable, Sendable {
    /// Between two fields.
    public var separator = ColumnMapping.usualSeparator
    public static let usualSeparator = UInt8(ascii: ",")
    public var columns: [Column] = []
    public var constants: [Constant] = []

    public struct Column: Hashable, Sendable {
        /// As the header has it.
        public var name: String
        public var target: Target
    }

    /// Where a column's values go, and as what.
    public struct Target: Hashable, Sendable {
        /// The names of members, from the event's outermost.
        public var path: [String]
        public var form = Form.text
        /// Other words for some values; one that is not among them is a mistake. Empty: the value itself.
        public var values: [String: String] = [:]
        /// Behind times that do not say it: `Z` or `+02:00`.
        public var zone: String?
    }

    public struct Constant: Hashable, Sendable {
        public var path: [String]
        /// As JSON.
        public var json: String
    }

    /// How a column's text is read.
    public enum Form: String, CaseIterable, Hashable, Sendable {
        case text
        /// A JSON number.
        case number
        case boolean
        /// A time as RFC 3339 has it, or one without a zone where `zone` says which.
        case time
        /// Seconds since 1970, also with a fraction.
        case unixSeconds
        /// Milliseconds since 1970.
        case unixMilliseconds

        /// What a value must be.
        public var expectation: String {
            switch self {
            case .text: "a text"
            case .number: "a number, such as 12 or 12.50"
            case .boolean: "true, false, yes, no, 1 or 0"
            case .time: "a time, such as 2026-07-01T09:30:00Z (one without a zone needs `zone` in the mapping)"
            case .unixSeconds: "a time in seconds since 1970, such as 1782898200"
            case .unixMilliseconds: "a time in milliseconds since 1970, such as 1782898200000"
            }
        }
    }

    /// The parts of an event that have a name of their own, and where the default shape has them.
    static let parts: [(name: String, target: Target)] =
        EventParts.all.map { ($0.name, Target(path: $0.path, form: $0.name == "consent" ? .boolean : .text)) } + [
            ("type", Target(path: ["type"])), ("time", Target(path: ["time"], form: .time)),
            ("first_name", Target(path: ["data", "prospect", "firstName"])),
            ("product_name", Target(path: ["data", "product", "name"])),
            ("url", Target(path: ["data", "checkout", "url"])),
        ]

    /// A column's target by its name alone; `nil` where the name tells nothing.
    public static func target(named name: String) -> Target? {
        if name.hasPrefix("/"), JSONPointer.complaint(name) == nil { return Target(path: path(of: name)) }
        let wanted = folded(name)
        return parts.first { folded($0.name) == wanted }?.target
    }

    /// What the columns may be named, for messages.
    public static var knownNames: [String] { parts.map(\.name) }

    /// `First Name`, `firstName` and `first_name` are one name.
    private static func folded(_ name: String) -> String {
        name.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" }
    }

    static func path(of pointer: String) -> [String] {
        pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            .map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") }
    }

    /// Reads a mapping file. Throws every mistake at once.
    public static func load(path: String) throws(ConfigurationError) -> ColumnMapping {
        try parse(bytes: FileText.readSettings(path, "the mapping"), file: path)
    }

    /// Reads a mapping from its text; `file` is what messages call it.
    public static func parse(text: String, file: String) throws(ConfigurationError) -> ColumnMapping {
        try parse(bytes: Array(text.utf8), file: file)
    }

    private static func parse(bytes: [UInt8], file: String) throws(ConfigurationError) -> ColumnMapping {
        let findings = Findings()
        let root = YAMLReader.read(bytes, file: file, substitution: Substitution(environment: [:]), findings: findings)
        let value = root.map { Value(node: $0, path: "", findings: findings) }
        let mapping = value.flatMap { ColumnMappingReader(findings: findings).read($0) }
        if let error = findings.error { throw error }
        return mapping ?? ColumnMapping()
    }
}

/// The parts of an event that people name by one word, and where the default shape has them.
enum EventParts {
    static let all: [(name: String, path: [String])] = [
        ("id", ["id"]), ("source", ["source"]), ("subject", ["subject"]), ("traceparent", ["traceparent"]),
        ("tenant", ["data", "tenant"]), ("prospect", ["data", "prospect", "id"]),
        ("email", ["data", "prospect", "email"]), ("product", ["data", "product", "id"]),
        ("about", ["data", "subject"]), ("consent", ["data", "consent"]),
    ]
}
