import Configuration
import Engine
import Foundation
import Terminal

struct StatusCommand: Command {
    static let name = "status"
    static let summary = "Show where the engine of a data directory is, partition by partition"
    static let details = """
        Reads what the engine left in its data directory, so it works without a broker. Ends with 69 when the engine does \
        not run.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, ConfigurationOptions.data, json,
    ]
    static let examples = [
        Example("winback status --data /var/lib/winback", help: "Offsets, clocks and what holds them back."),
        Example("winback status --json | jq .partitions", help: "The same for programs."),
    ]

    private static let json = Option.flag("json", help: "Print everything as one JSON object")

    private let configuration: ConfigurationOptions
    private let data: String?
    private let isJSON: Bool

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        data = arguments[ConfigurationOptions.data]
        isJSON = arguments[Self.json]
    }

    func run() throws -> ExitCode {
        // Whoever names the directory needs no configuration, whose secrets may not be at hand.
        let directory = try data ?? configuration.load().data
        let status: EngineStatus?
        do {
            status = try EngineStatus.read(from: directory)
        } catch {
            throw CommandError(
                .inputOutput,
                "\(EngineStatus.path(in: directory)) cannot be read: \(error). A running engine writes it anew")
        }
        guard let status else {
            throw CommandError(
                .noInput,
                "no engine has run in \(directory): name the data directory of the running one with --data")
        }
        let running = RunningEngine(
            processID: status.processID, phase: status.phase, statusFile: EngineStatus.path(in: directory))
        if let disk = status.disk, disk.isLow, running != .stopped {
            Screen.errors.line(
                Screen.errors.styled("warning:", .yellow)
                    + " the disk of \(directory) has \(NumberText.bytes(disk.freeBytes)) left; the engine stops below "
                    + NumberText.bytes(disk.stopBelowBytes))
        }
        if isJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            let text = try encoder.encode(StatusDocument(status: status, engine: running.rawValue))
            Screen.output.line(String(decoding: text, as: UTF8.self))
        } else {
            StatusReport(status: status, running: running, directory: directory).write()
        }
        return running == .running ? .ok : .unavailable
    }
}

/// The status as it was written, and whether its engine still runs.
private struct StatusDocument: Encodable {
    var status: EngineStatus
    var engine: String

    private enum Key: String, CodingKey { case engine }

    func encode(to encoder: any Encoder) throws {
        try status.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(engine, forKey: .engine)
    }
}
