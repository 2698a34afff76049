import Foundation

/// Another program that does the same job on the same topic, as the user names it: `NAME=COMMAND`.
///
/// The command is the shell's. It finds what it needs in its environment, and says how fast it was in a line with
/// `events_per_s=NUMBER`, so that what it needs to start does not count; one that says nothing is timed from outside.
struct Peer: Sendable {
    var name: String
    var command: String

    /// How long a peer may take.
    static let limitSeconds = 900
    private static let timeoutStatus: Int32 = 124

    static let speedMark = "events_per_s="

    /// `nil` where the text is no name and command.
    init?(_ text: String) {
        guard let sign = text.firstIndex(of: "="), sign > text.startIndex else { return nil }
        name = String(text[..<sign])
        command = String(text[text.index(after: sign)...])
        if command.isEmpty { return nil }
    }

    /// - Returns: events a second, and the last line that it has written.
    func run(_ stage: KafkaStage, events: Int) throws -> (speed: Double, lastLine: String) {
        let process = Process()
        // It ends all that the command has started, too.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["timeout", String(Self.limitSeconds), "sh", "-c", command]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "BENCH_SERVERS": stage.names.bootstrapServers, "BENCH_TOPIC": stage.names.events,
            "BENCH_OUTPUT_TOPIC": stage.names.reminders, "BENCH_EVENTS": String(events),
            "BENCH_PARTITIONS": String(KafkaStage.partitions), "BENCH_FOLDER": stage.folder,
        ]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        let watch = Stopwatch()
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus != Self.timeoutStatus else {
            throw BenchError("the peer \(name) had not read \(events) events after \(Self.limitSeconds) s")
        }
        guard process.terminationStatus == 0 else {
            throw BenchError("the peer \(name) ended with \(process.terminationStatus): \(text.suffix(500))")
        }
        let said = text.split(whereSeparator: \.isWhitespace).last { $0.hasPrefix(Self.speedMark) }
        let speed = said.flatMap { Double($0.dropFirst(Self.speedMark.count)) } ?? Double(events) / watch.seconds
        guard speed > 0 else { throw BenchError("the peer \(name) says \(said ?? "nothing") of its speed") }
        return (speed, text.split(separator: "\n").last.map(String.init) ?? "")
    }
}
