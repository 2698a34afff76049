import Configuration
import Engine
import Foundation
import Journal
import Kafka
import Telemetry

/// A running engine in this process, whose commits are watched.
final class EngineRun {
    let commits: CommitWatch
    private let engine: Engine
    private let thread: Background
    private let snapshotBytes: UInt64

    /// - Parameter broker: by default that of the configuration.
    init(
        _ configuration: Configuration, broker: (any Broker)? = nil, time: any TimeSource = SystemTime(),
        acceptsClock: Bool = false
    ) throws {
        let commits = CommitWatch()
        self.commits = commits
        snapshotBytes = UInt64(configuration.snapshotBytes)
        var options = EngineOptions()
        options.acceptsClock = acceptsClock
        let engine = Engine(
            configuration: configuration, options: options,
            broker: WatchedBroker(broker ?? KafkaBroker(settings: configuration.kafkaSettings), commits), time: time,
            fileSystem: POSIXFileSystem(), log: Log(level: .warning))
        self.engine = engine
        thread = Background("engine") { try engine.run() }
        try wait(for: "the engine to serve") { engine.board.phase == "running" }
    }

    var board: StatusBoard { engine.board }

    /// Events that were committed.
    var committedEvents: Int { Int(board.committedOffsets.values.reduce(0, +)) }

    func waitForCommit(of events: Int) throws {
        try wait(for: "the engine to commit \(events) events") { committedEvents >= events }
    }

    func waitForTick() throws {
        try wait(for: "the engine to decide what is due") {
            !board.partitions.isEmpty && board.partitions.allSatisfy { $0.clock != nil && $0.overdue == 0 }
        }
    }

    func waitForSnapshots() throws {
        try wait(for: "the snapshots") { board.tails.values.allSatisfy { $0 < snapshotBytes } }
    }

    func wait(for what: String, until condition: () throws -> Bool) throws {
        try Patience.wait(for: what) {
            if let result = thread.result {
                try result.get()
                throw BenchError("the engine ended before \(what)")
            }
            return try condition()
        }
    }

    func stop() throws {
        engine.stop.request()
        try thread.wait()
    }
}

extension Configuration {
    var kafkaSettings: KafkaSettings { KafkaSettings(properties: kafka.map { (key: $0.key, value: $0.value) }) }
}
