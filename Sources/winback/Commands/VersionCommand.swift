import Engine
import Kafka
import Terminal

struct VersionCommand: Command {
    static let name = "version"
    static let summary = "Say which version this is"

    init(_ arguments: Arguments) throws {}

    func run() throws -> ExitCode {
        Screen.output.line(
            """
            winback \(Winback.version) (librdkafka \(KafkaRuntime.librdkafkaVersion), \
            jemalloc \(KafkaRuntime.jemallocVersion))
            """)
        return .ok
    }
}
