import Audit
import Journal
import Terminal

/// The options by which an audit finds the journals that it reads.
struct AuditOptions: Sendable {
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, ConfigurationOptions.data,
    ]

    private let configuration: ConfigurationOptions
    private let data: String?

    init(_ arguments: Arguments) {
        configuration = ConfigurationOptions(arguments)
        data = arguments[ConfigurationOptions.data]
    }

    /// Whoever names the directory needs no configuration, whose secrets may not be at hand.
    func path() throws -> String { try data ?? configuration.load().data }

    func source() throws -> AuditSource { try AuditSource(path: try path(), fileSystem: POSIXFileSystem()) }
}
