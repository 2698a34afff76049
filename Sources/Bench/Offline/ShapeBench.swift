import Demo
import Engine
import Foundation
import Journal
import Journey
import Kafka

/// The same traffic twice, as events of the default shape and of another that `events:` maps: one against the other.
struct ShapeBench {
    let traffic: BenchTraffic
    let folder: String

    /// Each is folded so often, in turns, and its best time counts: the machine is never quite idle.
    private static let rounds = 3

    func run(_ report: inout BenchReport) throws {
        let files = ["\(folder)/default.ndjson", "\(folder)/mapped.ndjson"]
        try write(files[0]) { generator, file in
            fwrite(generator.value.baseAddress, 1, generator.value.count, file)
        }
        try write(files[1], mode: .binary, Self.writePlain)
        var best = [Double.infinity, .infinity]
        for _ in 0..<Self.rounds {
            for (i, file) in files.enumerated() {
                best[i] = min(best[i], try seconds(file, events: i == 0 ? "" : BenchTraffic.mapping))
            }
        }
        for file in files { try FileManager.default.removeItem(atPath: file) }
        let speeds = best.map { Double(traffic.events) / $0 }
        report.add(
            Figure(
                nil, "events of a mapped shape", speeds[1], "events/s", goal: .ratioAtLeast(0.8),
                beside: ("the default shape", speeds[0])))
    }

    private func write(
        _ path: String, mode: TrafficSettings.ContentMode = .structured,
        _ event: (borrowing TrafficGenerator, UnsafeMutablePointer<FILE>) -> Void
    ) throws {
        guard let file = fopen(path, "w") else { throw BenchError("cannot write \(path)") }
        defer { fclose(file) }
        var settings = traffic.settings
        settings.mode = mode
        var generator = TrafficGenerator(settings)
        while generator.advance() {
            event(generator, file)
            putc(10, file)
        }
    }

    /// Says of an event what the default shape says, in other words and at other places.
    private static func writePlain(_ generator: borrowing TrafficGenerator, _ file: UnsafeMutablePointer<FILE>) {
        func put(_ text: StaticString) { fwrite(text.utf8Start, 1, text.utf8CodeUnitCount, file) }
        func put(_ bytes: UnsafeRawBufferPointer) { fwrite(bytes.baseAddress, 1, bytes.count, file) }
        func attribute(_ name: String) -> UnsafeRawBufferPointer? {
            generator.headers.first { $0.name.elementsEqual(name.utf8) }?.value
        }
        put(#"{"version":"2","eventId":""#)
        if let id = attribute("ce_id") { put(id) }
        put(#"","service":""#)
        if let source = attribute("ce_source") { put(source) }
        put(#"","kind":""#)
        if let type = attribute("ce_type") { put(type) }
        if let subject = attribute("ce_subject") {
            put(#"","about":""#)
            put(subject)
        }
        fputs(#"","occurredAt":\#(generator.time.milliseconds),"encoding":"application/json","body":"#, file)
        put(generator.value)
        put("}")
    }

    private func seconds(_ path: String, events: String) throws -> Double {
        let data = "\(folder)/shape-data"
        defer { try? FileManager.default.removeItem(atPath: data) }
        let engine = try OfflineEngine(
            configuration: BenchTraffic.configuration(data: data, events: events), partitions: 1,
            activation: BenchTraffic.start, fileSystem: POSIXFileSystem())
        let (seconds, _) = try FileBench(traffic: traffic, folder: folder).fold(path, into: engine)
        try engine.close()
        return seconds
    }
}
