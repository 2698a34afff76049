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
        try writeFile(file)
        let data = "\(folder)/file-data"
        let engine = try open(data)
        let (seconds, processor) = try fold(file, into: engine)
        report.add(
            .init(
                figure: "file -> state -> journal", value: Double(traffic.events) / seconds, unit: "events/s",
                goal: 600_000,
                ratio: "\(BenchReport.text(processor / Double(traffic.events) * 1e9)) ns of processor time an event"))
        report.add(
            .init(
                figure: "memory per prospect",
                value: Double(engine.prospectBytes) / Double(max(1, engine.prospectCount)),
                unit: "bytes", goal: 128, isCost: true, ratio: "\(engine.prospectCount) prospects"))
        try engine.makeSnapshots()
        try timers(engine, &report)
        try engine.close()
        try reopen(data, &report)
        try AuditBench(data: data).run(&report)
        try IndexBench(directory: "\(data)/shards/0").run(&report)
        try FileManager.default.removeItem(atPath: data)
        try FileManager.default.removeItem(atPath: file)
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

    private func timers(_ engine: OfflineEngine, _ report: inout BenchReport) throws {
        let watch = Stopwatch()
        var clock = BenchTraffic.start + .days(10)
        var decided = 0
        var commands = 0
        while true {
            let count = try engine.tick(clock)
            try engine.commit { if $0.isReminder { commands += 1 } }
            if count == 0 { break }
            decided += count
            clock = clock + .seconds(1)
        }
        report.add(
            .init(
                figure: "due timers, decided and journalled", value: Double(decided) / watch.seconds, unit: "timers/s",
                ratio: "\(commands) commands"))
    }

    private func reopen(_ data: String, _ report: inout BenchReport) throws {
        let watch = Stopwatch()
        let engine = try open(data)
        report.add(
            .init(
                figure: "state restored from snapshot and journal", value: watch.seconds, unit: "s", goal: 1,
                isCost: true,
                ratio: "\(engine.prospectCount) prospects"))
        try engine.close()
    }
}

struct BenchError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// A file's bytes, mapped.
final class MappedFile {
    private let bytes: UnsafeRawBufferPointer

    init(_ path: String) throws {
        let descriptor = Glibc.open(path, O_RDONLY)
        guard descriptor >= 0 else { throw BenchError("cannot open \(path)") }
        defer { Glibc.close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0), start != MAP_FAILED
        else {
            throw BenchError("cannot map \(path)")
        }
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

    func forEachLine(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        var start = 0
        while start < bytes.count {
            let found = memchr(bytes.baseAddress! + start, 10, bytes.count - start)
            let end = found.map { UnsafeRawPointer($0) - bytes.baseAddress! } ?? bytes.count
            if end > start { try body(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) }
            start = end + 1
        }
    }
}
