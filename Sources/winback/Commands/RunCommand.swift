import Engine
import Journal
import Kafka
import Telemetry
import Terminal

struct RunCommand: Command {
    static let name = "run"
    static let summary = "Read events, fold them and publish reminders until told to stop"
    static let details = """
        Ctrl-C or SIGTERM finishes the batch, commits and leaves, within five seconds. A broker that is not there, or \
        goes away, is waited for. What would break a promise stops the start and says what to do.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.data, ConfigurationOptions.set, acceptClock, rollback, level,
    ]
    static let examples = [
        Example("winback run --config winback.yaml", help: "Runs with the settings of winback.yaml."),
        Example(
            "winback run --data /var/lib/winback --set kafka.bootstrap.servers=broker:9092",
            help: "The same, with another data directory and broker than the file says."),
    ]

    private static let acceptClock = Option.flag(
        "accept-clock", help: "The wall clock is right, although it jumped or is far from the last tick")
    private static let rollback = Option.flag(
        "rollback", help: "This configuration is meant, although the journal knows a newer one")
    private static let level = Option<LogLevel>.choice(
        "log-level", label: "LEVEL", default: .info, help: "The least important lines to log")

    private let configuration: ConfigurationOptions
    private let options: EngineOptions
    private let level: LogLevel

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments, data: arguments[ConfigurationOptions.data])
        var options = EngineOptions()
        options.acceptsClock = arguments[Self.acceptClock]
        options.allowsRollback = arguments[Self.rollback]
        self.options = options
        level = arguments[Self.level]
    }

    func run() throws -> ExitCode {
        let configuration = try configuration.loadAndWarn()
        let log = Log(level: level)
        defer { log.flush() }
        let engine = Engine(
            configuration: configuration, options: options, broker: KafkaBroker(settings: configuration.kafkaSettings),
            time: SystemTime(), fileSystem: POSIXFileSystem(), log: log)
        let interruption = Interruption {
            log.info("stopping: finishing the batch and committing it")
            engine.stop.request()
        }
        defer { withExtendedLifetime(interruption) {} }
        try engine.run()
        return .ok
    }
}
