import Demo
import Engine
import Foundation
import Journal
import Journey
import Kafka

/// From a file to durable state and commands, without a broker: the engine's own speed on one core.
struct FileBench {
    let traffic: BenchTraffic
    let folder: String
    private static let batch = 1_000
    /// What a commit waits for at most, as in service.
    private static let commitSeconds = 0.1

    func run(_ report: inout BenchReport) throws {
        let file = "\(folder)/events.ndjson"
        let data = "\(folder)/file-data"
        defer { for path in [file, data] { try? FileManager.default.removeItem(atPath: path) } }
        try writeFile(file)
        let engine = try open(data)
        let (seconds, processor) = try fold(file, into: engine)
        try engine.makeSnapshots()
        let deciding = Stopwatch()
        let commands = try decide(engine)
        let withCommands = seconds + deciding.seconds
        try engine.close()
        let limit = try FileLimit(of: file, events: traffic.events, data: data, folder: folder)
        let events = Double(traffic.events)
        func share(_ seconds: Double) -> String { BenchReport.text(seconds / events * 1e9) }
        report.add(
            Figure(
                "P1", "file -> state -> journal, synced", events / seconds, "events/s", goal: .atLeast(1_500_000),
                beside: ("reading, digesting and writing alone", events / limit.seconds),
                note: "\(share(processor)) ns of processor time an event; reading alone takes \(share(limit.reading)), "
                    + "digesting \(share(limit.digesting)), writing \(share(limit.writing)) ns"))
        report.add(
            Figure(
                "P1", "file -> state -> journal, synced -> commands", events / withCommands, "events/s",
                goal: .atLeast(1_500_000), note: "\(commands) commands at the end of the file"))
        try reopen(data, &report)
        try AuditBench(data: data).run(&report)
        try IndexBench(directory: "\(data)/shards/0").run(&report)
    }

    private func open(_ data: String) throws -> OfflineEngine {
        try OfflineEngine(
            configuration: BenchTraffic.configuration(data: data), partitions: 1, activation: BenchTraffic.start,
            fileSystem: POSIXFileSystem())
    }

    private func writeFile(_ path: String) throws {
        guard let file = fopen(path, "w") else { throw BenchError("cannot write \(path)") }
        defer { fclose(file) }
        var generator = TrafficGenerator(traffic.settings)
        while generator.advance() {
            fwrite(generator.value.baseAddress, 1, generator.value.count, file)
            putc(10, file)
        }
    }

    /// Folds a file of events, committing as in service.
    ///
    /// - Returns: how long it took, and how much of it the calling thread computed, in seconds.
    func fold(_ path: String, into engine: OfflineEngine) throws -> (Double, Double) {
        let bytes = try MappedFile(path)
        let batch = MessageBatch(capacity: Self.batch)
        let watch = Stopwatch()
        var committed = 0.0
        var offset: Int64 = 0
        func flush() throws {
            try engine.fold(batch)
            batch.release()
            guard watch.seconds - committed >= Self.commitSeconds else { return }
            try engine.beginCommit()
            committed = watch.seconds
        }
        try bytes.forEachLine { line in
            batch.appendInPlace(
                partition: 0, offset: offset, timestampMilliseconds: 4_000_000_000_000, key: nil, value: line)
            offset += 1
            if batch.count == Self.batch { try flush() }
        }
        try flush()
        try engine.commit()
        return (watch.seconds, watch.threadSeconds)
    }

    /// Decides what is due at the end of the file.
    ///
    /// - Returns: how many commands there were.
    private func decide(_ engine: OfflineEngine) throws -> Int {
        var clock = BenchTraffic.start + BenchTraffic.duration
        var commands = 0
        repeat {
            let decided = try engine.tick(clock)
            try engine.commit { if $0.isReminder { commands += 1 } }
            if decided == 0 { return commands }
            clock = clock + .seconds(1)
        } while true
    }

    private func reopen(_ data: String, _ report: inout BenchReport) throws {
        let watch = Stopwatch()
        let engine = try open(data)
        report.add(
            Figure(
                "P6", "state restored from snapshot and journal", watch.seconds, "s", goal: .atMost(1),
                note: "\(engine.prospectCount) prospects"))
        try engine.close()
    }
}
