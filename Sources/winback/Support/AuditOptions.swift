import Audit
import Journal
import Journey
import Terminal

/// The options by which an audit finds the journals that it reads.
struct AuditOptions: Sendable {
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, ConfigurationOptions.data, archive,
    ]
    static let archive = Option.list(
        "archive", label: "DIR", help: "Also read what `winback journal archive` has moved there")

    static let asOf = Option<String?>.text(
        "as-of", label: "TIME",
        help: "As it stood then: 2026-07-01T12:00:00Z, 2026-07-01 for that day's beginning, or 3d for three days ago")
    static let pending = Option.flag(
        "pending", help: "Count also what is written but not known to be committed; it is marked")

    static func asOf(_ arguments: Arguments) throws -> Instant? {
        try PastTime.milliseconds(arguments[asOf], "as-of").map { Instant(milliseconds: $0) }
    }

    private let configuration: ConfigurationOptions
    private let data: String?
    private let archives: [String]

    init(_ arguments: Arguments) {
        configuration = ConfigurationOptions(arguments)
        data = arguments[ConfigurationOptions.data]
        archives = arguments[Self.archive]
    }

    /// Whoever names the directory needs no configuration, whose secrets may not be at hand.
    func path() throws -> String { try data ?? configuration.load().data }

    func source() throws -> AuditSource {
        try AuditSource(path: try path(), fileSystem: POSIXFileSystem(), archives: archives)
    }
}

extension Instant {
    /// For people, who are told that times are UTC.
    var text: String { TimeText.readable(milliseconds) }
}
