import Demo
import Engine
import Terminal

struct DemoCommand: Command {
    static let name = "demo"
    static let summary = "Watch Winback at work: days of two shops in a minute and a half"
    static let details = """
        Starts a broker inside this program, or uses a real one, and plays the traffic of an insurance and of an academy on \
        a clock that runs fast enough for a wait of three days to pass. On a real broker it uses topics of its own, whose \
        names begin with winback-demo. and which it deletes first if they are there. Its folder is kept.
        """
    static let options: [any OptionDeclaration] = [kafka, seconds, seed]
    static let examples = [
        Example("winback demo", help: "Needs nothing but this program."),
        Example("winback demo --kafka localhost:9092", help: "On a real broker, in topics of its own."),
    ]

    private static let kafka = Option<String?>.text(
        "kafka", label: "HOST:PORT", help: "Play on this broker instead of the one inside the program")
    private static let seconds = Option<Int>.integer(
        "seconds", in: DemoSettings.secondsRange, default: DemoSettings().seconds, help: "How long it takes")
    private static let seed = Option<Int>.integer(
        "seed", in: 0...Int.max, default: 1, help: "Another number, other people")

    private let settings: DemoSettings

    init(_ arguments: Arguments) throws {
        var settings = DemoSettings()
        settings.kafka = arguments[Self.kafka]
        settings.seconds = arguments[Self.seconds]
        settings.seed = UInt64(arguments[Self.seed])
        settings.program = CommandLine.arguments.first ?? "winback"
        self.settings = settings
    }

    func run() throws -> ExitCode {
        let stop = StopSignal()
        let interruption = Interruption { stop.request() }
        defer { withExtendedLifetime(interruption) {} }
        try Demo(settings, stop: stop).run()
        return stop.isRequested ? .interrupted : .ok
    }
}
