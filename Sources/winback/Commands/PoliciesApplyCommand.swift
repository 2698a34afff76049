import Configuration
import Engine
import Journal
import Kafka
import Leads
import Telemetry
import Terminal

struct PoliciesApplyCommand: Command {
    static let name = "policies apply"
    static let summary = "Activate the configuration; with --migrate, for waiting journeys too"
    static let details = """
        "run" activates a changed configuration as well, for journeys that open from then on; journeys that wait keep the \
        version they opened with. With --migrate they move to the newest version of their policy: steps that were decided \
        stay decided, and the next one is due as the new version says. What that means for each is listed first, as by \
        "policies diff". The engine must be stopped, and the broker must be there. What an interruption has kept from \
        moving moves when the command is run again.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, ConfigurationOptions.data, migrate, yes, rollback, json,
        csv,
    ]
    static let examples = [
        Example("winback policies apply", help: "Activates the configuration; journeys that wait keep their versions."),
        Example("winback policies apply --migrate", help: "Lists what changes for whom, asks, and moves them."),
    ]

    private static let migrate = Option.flag("migrate", help: "Move waiting journeys to the newest versions")
    private static let yes = Option.flag("yes", short: "y", help: "Do not ask")
    private static let rollback = Option.flag(
        "rollback", help: "This configuration is meant, although the journal knows a newer one")
    private static let json = Option.flag("json", help: "List as one JSON object: settings, policies, journeys")
    private static let csv = Option.flag("csv", help: "List the journeys as comma-separated values with a header")

    private let configuration: ConfigurationOptions
    private let migrates: Bool
    private let isAgreed: Bool
    private let allowsRollback: Bool
    private let isJSON: Bool
    private let isCSV: Bool

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments, data: arguments[ConfigurationOptions.data])
        migrates = arguments[Self.migrate]
        isAgreed = arguments[Self.yes] || !migrates
        allowsRollback = arguments[Self.rollback]
        isJSON = arguments[Self.json]
        isCSV = arguments[Self.csv]
        guard isAgreed || Confirmation.isPossible else {
            throw UsageError(.missingArgument, "nobody can be asked here: look at `policies diff`, then say --yes")
        }
    }

    func run() throws -> ExitCode {
        let configuration = try configuration.loadAndWarn()
        let format = try Table.Format.fitting(.output, json: isJSON, csv: isCSV)
        let log = Log(level: .warning)
        defer { log.flush() }
        // A session that has to begin again has the same to show: nobody else writes the directory.
        let approved = Flag()
        var options = EngineOptions()
        options.allowsRollback = allowsRollback
        options.migrates = migrates
        options.endsAfterActivation = true
        options.approvesActivation = {
            if approved.isRaised { return true }
            guard try approve(configuration, format) else { return false }
            approved.raise()
            return true
        }
        let engine = Engine(
            configuration: configuration, options: options, broker: KafkaBroker(settings: configuration.kafkaSettings),
            time: SystemTime(), fileSystem: POSIXFileSystem(), log: log)
        let interruption = Interruption { engine.stop.request() }
        defer { withExtendedLifetime(interruption) {} }
        do { try engine.run() } catch let error as JournalError {
            guard error.code == .locked else { throw error }
            throw CommandError(
                .temporary,
                "\(error). The engine must be stopped before its configuration is applied; nothing was changed")
        }
        return report(engine.board.movedJourneys)
    }

    private func approve(_ configuration: Configuration, _ format: Table.Format) throws -> Bool {
        var report = PolicyDiffReport(try MigrationPlan(configuration))
        report.migrates = migrates
        try report.write(format)
        if isAgreed { return true }
        return Confirmation.ask("Move \(NumberText.grouped(Int64(report.waiting))) waiting journeys?")
    }

    private func report(_ moved: Int?) -> ExitCode {
        guard let moved else {
            Screen.errors.line("nothing was changed")
            return .interrupted
        }
        Screen.errors.line(
            "the configuration is activated"
                + (migrates ? "; \(NumberText.grouped(Int64(moved))) journeys were moved" : ""))
        return .ok
    }
}
