import Configuration
import Demo
import Engine
import Foundation
import Journal
import Journey
import Kafka
import Telemetry

/// From a real broker on the same machine to commands, exactly once; beside it a consumer that does nothing, on the same
/// topic in the same run. Then the process is killed and started again.
struct KafkaBench {
    let traffic: BenchTraffic
    let folder: String
    let bootstrapServers: String
    static let partitions: Int32 = 4
    private static let topics = ["bench-events", "bench-reminders", "bench-dead-letters"]
    private static let limitSeconds = 300.0

    private var settings: KafkaSettings { KafkaSettings(bootstrapServers: bootstrapServers) }

    func run(_ report: inout BenchReport) throws {
        try makeTopics()
        var generator = TrafficGenerator(settings(of: traffic))
        try publish(traffic.events, &generator)
        let bare = try consumeBare()
        report.add(.init(figure: "bare consumer", value: Double(traffic.events) / bare, unit: "events/s"))
        let (engine, tailBytes) = try runEngine { try publish(tailEvents, &generator) }
        report.add(
            .init(
                figure: "Kafka -> state -> journal -> commands, exactly once", value: Double(traffic.events) / engine,
                unit: "events/s", goal: 500_000,
                ratio: "\(BenchReport.text(bare / engine * 100)) % of the bare consumer"))
        try restart(tailBytes, &report)
    }

    private func makeTopics() throws {
        let admin = try TopicAdmin(settings: settings)
        defer { admin.close() }
        try admin.create(
            Self.topics.map {
                TopicSpec(
                    name: $0, partitions: Self.partitions, replicationFactor: 1,
                    configs: ["message.timestamp.type": "CreateTime", "retention.ms": "-1"])
            }, timeoutMilliseconds: 10_000)
    }

    /// What is folded after the last snapshots, so that a restart has a usual part of the journal to fold again.
    private var tailEvents: Int { traffic.events / 8 }

    private func settings(of traffic: BenchTraffic) -> TrafficSettings {
        var settings = traffic.settings
        settings.events += tailEvents
        return settings
    }

    private func publish(_ events: Int, _ generator: inout TrafficGenerator) throws {
        let producer = try PlainProducer(settings: settings)
        defer { producer.close() }
        for _ in 0..<events {
            guard generator.advance() else { return }
            try producer.send(
                topic: Self.topics[0], key: generator.key, value: generator.value,
                timestampMilliseconds: generator.time.milliseconds)
        }
        guard producer.flush(timeoutMilliseconds: 60_000), producer.deliveries.failed == 0 else {
            throw BenchError("the events could not be published")
        }
    }

    /// The time from the first message to the last.
    private func consumeBare() throws -> Double {
        let consumer = try KafkaConsumer(settings: settings, groupID: "winback-bench-bare", groupInstanceID: nil)
        defer { consumer.close() }
        try consumer.subscribe(topics: [Self.topics[0]])
        let batch = MessageBatch(capacity: 20_000)
        defer { batch.release() }
        var watch: Stopwatch?
        var count = 0
        let limit = Stopwatch()
        while count < traffic.events && limit.seconds < Self.limitSeconds {
            try consumer.poll(into: batch, timeoutMilliseconds: 100)
            if case .assigned(let partitions) = consumer.takeRebalance() {
                try consumer.assign(partitions.map { PartitionOffset($0, offset: 0) })
                watch = Stopwatch()
            }
            count += batch.count
        }
        guard let watch, count >= traffic.events else { throw BenchError("the bare consumer read \(count) events") }
        return watch.seconds
    }

    private func configuration() throws -> Configuration {
        try BenchTraffic.configuration(data: "\(folder)/kafka-data", bootstrapServers: bootstrapServers)
    }

    private func makeEngine() throws -> Engine {
        try Engine(
            configuration: configuration(), options: EngineOptions(), broker: KafkaBroker(settings: settings),
            time: SystemTime(), fileSystem: POSIXFileSystem(), log: Log(level: .warning))
    }

    /// The time from the moment the engine serves to the commit of the last event. After that the engine takes its snapshots
    /// and folds what `tail` publishes.
    private func runEngine(_ tail: () throws -> Void) throws -> (seconds: Double, tailBytes: UInt64) {
        let engine = try makeEngine()
        let snapshotBytes = try UInt64(configuration().snapshotBytes)
        let thread = Thread { do { try engine.run() } catch { print("engine: \(error)") } }
        thread.start()
        try poll("the engine to serve") { engine.board.phase == "running" }
        let watch = Stopwatch()
        var seconds = 0.0
        try poll("the engine to commit the last event") {
            seconds = watch.seconds
            return engine.board.committedOffsets.values.reduce(0, +) >= traffic.events
        }
        try poll("the due reminders to be decided") {
            engine.board.partitions.allSatisfy { $0.clock != nil && $0.overdue == 0 }
        }
        try poll("the snapshots") { engine.board.tails.values.allSatisfy { $0 < snapshotBytes } }
        try tail()
        try poll("the engine to commit what came behind the snapshots") {
            engine.board.committedOffsets.values.reduce(0, +) >= traffic.events + tailEvents
        }
        let tailBytes = engine.board.tails.values.reduce(0, +)
        engine.stop.request()
        try poll("the engine to stop") { engine.board.phase == "stopped" }
        return (seconds, tailBytes)
    }

    private func restart(_ tailBytes: UInt64, _ report: inout BenchReport) throws {
        let first = try spawn()
        try poll("the engine to serve again") { FileManager.default.fileExists(atPath: "\(folder)/serving") }
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        try? FileManager.default.removeItem(atPath: "\(folder)/serving")
        let watch = Stopwatch()
        let second = try spawn()
        try poll("the engine to serve after the kill") { FileManager.default.fileExists(atPath: "\(folder)/serving") }
        report.add(
            .init(
                figure: "restart after kill -9 until the first tick", value: watch.seconds, unit: "s", goal: 1,
                isCost: true,
                ratio: "\(traffic.prospects) prospects, \(tailBytes >> 20) MiB behind the snapshots"))
        second.terminate()
        second.waitUntilExit()
    }

    /// This program again, as an engine in a process of its own.
    private func spawn() throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--engine", folder, bootstrapServers]
        try process.run()
        return process
    }

    /// The body of the spawned process: runs the engine, and leaves a file once every partition has ticked.
    func serve() throws {
        let engine = try makeEngine()
        signal(SIGTERM, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGTERM)
        source.setEventHandler { engine.stop.request() }
        source.resume()
        let marker = "\(folder)/serving"
        let watcher = Thread {
            while engine.board.partitions.count < Int(Self.partitions)
                || !engine.board.partitions.allSatisfy({ $0.clock != nil && $0.heldBackBy == nil })
            { usleep(5_000) }
            try? Data().write(to: URL(fileURLWithPath: marker))
        }
        watcher.start()
        try engine.run()
    }

    private func poll(_ what: String, _ condition: () throws -> Bool) throws {
        let limit = Stopwatch()
        while try !condition() {
            guard limit.seconds < Self.limitSeconds else { throw BenchError("waited too long for \(what)") }
            usleep(2_000)
        }
    }
}
