import Engine
import Journal
import Terminal

struct BackupCommand: Command {
    static let name = "backup"
    static let summary = "Copy a data directory, also while its engine runs"
    static let details = """
        Reads and verifies the journal, and copies all that was committed when the command began, with the newest snapshot \
        and the secret key: protect the copy as the original. The folder appears when all of it is on the disk. To restore, \
        stop the engine and put the copy in the data directory's place.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, ConfigurationOptions.data,
    ]
    static let positionals = [Positional("FOLDER", .one, help: "The copy; it must not exist yet")]
    static let examples = [
        Example(
            "winback backup --data /var/lib/winback /backup/winback-$(date +%F-%H%M)", help: "As a timer would do it.")
    ]

    private let configuration: ConfigurationOptions
    private let data: String?
    private let target: String

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        data = arguments[ConfigurationOptions.data]
        target = arguments[Self.positionals[0]][0]
    }

    func run() throws -> ExitCode {
        // Whoever names the directory needs no configuration, whose secrets may not be at hand.
        let path = try data ?? configuration.load().data
        // Before the journal is read: what it says was committed then is in there.
        let known = RunningEngine.statusOfNow(in: path)?.partitions
        let directory = try DataDirectory.openForReading(path, fileSystem: POSIXFileSystem())
        let progress = ProgressBar("copying \(path)", total: nil, unit: "MiB")
        let summary = try DirectoryBackup(of: directory, to: target).run(
            confirmed: Dictionary(
                (known ?? []).map { ($0.partition, $0.confirmedPosition) }, uniquingKeysWith: { first, _ in first })
        ) { progress.update(to: $0 >> 20) }
        progress.finish()
        Screen.output.line(
            "\(target) holds \(summary.positions.count) partitions, \(NumberText.bytes(summary.bytes)), verified")
        return .ok
    }
}
