import Configuration
import Foundation
import Kafka
import Terminal

/// The options by which a command finds its configuration, and how it is read.
struct ConfigurationOptions: Sendable {
    static let config = Option.text(
        "config", short: "c", label: "FILE", default: "winback.yaml", help: "The configuration")
    static let set = Option.list(
        "set", short: "s", label: "KEY=VALUE",
        help: "Put a setting over the file's, by its dotted name, such as clock.lateness=10s")
    static let data = Option.text(
        "data", short: "d", label: "DIR", help: "The data directory; short for --set data=DIR")

    var file: String
    var overrides: [String]

    /// For a command that declares `config` and `set`; `data` where it declares that, too.
    init(_ arguments: Arguments, data: String? = nil) {
        file = arguments[Self.config]
        overrides = arguments[Self.set] + (data.map { ["data=\($0)"] } ?? [])
    }

    init(file: String, overrides: [String]) {
        self.file = file
        self.overrides = overrides
    }

    func load() throws -> Configuration {
        try Configuration.load(
            path: file, environment: ProcessInfo.processInfo.environment, overrides: overrides,
            rules: KafkaRules(complaint: { KafkaSettings.complaint(key: $0, value: $1) }))
    }

    /// As `load`, with the warnings on standard error.
    func loadAndWarn() throws -> Configuration {
        let configuration = try load()
        for warning in configuration.warnings {
            Screen.errors.line(Screen.errors.styled("warning:", .yellow) + " \(warning)")
        }
        return configuration
    }
}

extension Configuration {
    var kafkaSettings: KafkaSettings { KafkaSettings(properties: kafka.map { ($0.key, $0.value) }) }

    /// For messages.
    var bootstrapServers: String { kafkaSettings.bootstrapServers ?? "the configured brokers" }
}
