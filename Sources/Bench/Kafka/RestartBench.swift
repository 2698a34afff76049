import Configuration
import Engine
import Foundation
import Journal
import Journey
import Kafka
import Telemetry

/// Kills an engine's process in the middle of its service and starts it again: how long until it can decide.
struct RestartBench {
    let sizes: BenchSizes
    let folder: String
    let bootstrapServers: String

    /// Updates that are folded before and after the last snapshots. Those before: so many that each partition makes one
    /// after its first tick, as in service. Those after: what comes together in half the time to the next, and that does
    /// not depend on how many prospects there are.
    private var updates: (before: Int, after: Int) {
        (min(sizes.prospects, 1_000_000), min(sizes.prospects / 2, 500_000))
    }

    func run(_ report: inout BenchReport) throws {
        let stage = try KafkaStage("restart", bootstrapServers, folder: folder)
        let data = stage.freshData("restart-data")
        defer { try? FileManager.default.removeItem(atPath: data) }
        let start = SystemTime().wall
        try stage.publish(sizes.prospects) { index, writer in
            writer.write(.started, person: index, number: index, at: start)
            return start
        }
        let run = try EngineRun(Self.configuration(data, stage.names))
        try run.waitForCommit(of: sizes.prospects)
        try run.waitForTick()
        var draws = Draws()
        var published = sizes.prospects
        for count in [updates.before, updates.after] {
            try run.waitForSnapshots()
            try stage.publish(count) { index, writer in
                let time = start + .seconds(1)
                let person = draws.next(below: sizes.prospects)
                writer.write(.updated, person: person, number: published + index, at: time)
                return time
            }
            published += count
            try run.waitForCommit(of: published)
        }
        let tail = run.board.tails.values.reduce(0, +)
        try run.stop()
        let seconds = try killAndStart(stage, data)
        report.add(
            Figure(
                "P6", "kill -9 -> first tick of every partition, broker included", seconds, "s", goal: .atMost(1),
                note: "\(sizes.prospects) prospects, \(tail >> 20) MiB behind the snapshots"))
    }

    private func killAndStart(_ stage: KafkaStage, _ data: String) throws -> Double {
        let marker = Self.marker(data)
        let first = try spawn(stage, data)
        defer { kill(first.processIdentifier, SIGKILL) }
        try Patience.wait(for: "the engine to serve again") { FileManager.default.fileExists(atPath: marker) }
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        try FileManager.default.removeItem(atPath: marker)
        let watch = Stopwatch()
        let second = try spawn(stage, data)
        try Patience.wait(for: "the engine to serve after the kill") {
            guard second.isRunning else { throw BenchError("the engine ended after the kill") }
            return FileManager.default.fileExists(atPath: marker)
        }
        let seconds = watch.seconds
        second.terminate()
        second.waitUntilExit()
        return seconds
    }

    private static func configuration(_ data: String, _ names: TopicNames) throws -> Configuration {
        try FlatEvents.configuration(data: data, names: names, group: names.prefix)
    }

    /// The file that a spawned engine leaves once every partition has ticked.
    private static func marker(_ data: String) -> String { "\(data)/bench-serving" }

    // MARK: The process that is killed

    /// What this program's first argument is when it is an engine in a process of its own.
    static let engineArgument = "--engine"

    private func spawn(_ stage: KafkaStage, _ data: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [Self.engineArgument, data, stage.names.bootstrapServers, stage.names.prefix]
        try process.run()
        return process
    }

    /// The body of the spawned process.
    ///
    /// - Parameter arguments: those behind the first.
    static func serve(_ arguments: [String]) throws {
        guard arguments.count == 3 else { throw BenchError("\(engineArgument) is for the benchmark's own processes") }
        let data = arguments[0]
        let configuration = try Self.configuration(
            data, TopicNames(bootstrapServers: arguments[1], prefix: arguments[2]))
        let engine = Engine(
            configuration: configuration, options: EngineOptions(),
            broker: KafkaBroker(settings: configuration.kafkaSettings), time: SystemTime(),
            fileSystem: POSIXFileSystem(), log: Log(level: .warning))
        signal(SIGTERM, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGTERM)
        source.setEventHandler { engine.stop.request() }
        source.resume()
        let watcher = Thread {
            while engine.board.partitions.count < Int(KafkaStage.partitions)
                || !engine.board.partitions.allSatisfy({ $0.clock != nil && $0.heldBackBy == nil })
            { usleep(2_000) }
            try? Data().write(to: URL(fileURLWithPath: marker(data)))
        }
        watcher.start()
        try engine.run()
    }
}
