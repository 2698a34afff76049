import Audit
import Journal
import Terminal

/// The options by which an audit finds the journals that it reads.
struct AuditOptions: Sendable {
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, ConfigurationOptions.data, archive,
    ]
    static let archive = Option.list(
        "archive", label: "DIR", help: "Also read what `winback journal archive` has moved there")

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
