import Configuration
import Foundation
import Journal
import Journey
import Kafka
import Records
import Synchronization

@testable import Engine

/// Writes the golden journal (`Tests/Audit/Golden`): with the key, the salts and the times always the same, so that another one
/// differs where the format does.
struct GoldenStory {
    static let start = Instant(milliseconds: 1_800_000_000_000)
    static let settings: JournalSettings = {
        var settings = JournalSettings(segmentBytes: 8192, maximumFrameBytes: 4096)
        settings.random = random(1)
        settings.background = { $0() }
        return settings
    }()

    private static func policies(_ hours: Int) -> String {
        """
        kafka: {bootstrap.servers: "localhost:9092"}
        templates: [spot-saved]
        policies:
          - name: abandoned-checkout
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            reentry: {window: 7d}
            steps: [{after: \(hours)h, template: spot-saved}]
            command: {fields: {name: {from: /data/prospect/firstName, fallback: there}}}
        """
    }

    /// Numbers that follow each other: nobody's data are behind them.
    private static func random(_ seed: UInt8) -> RandomSource {
        let next = Counter(seed)
        return RandomSource { buffer in for index in buffer.indices { buffer[index] = next.take() } }
    }

    private final class Counter: Sendable {
        private let value: Mutex<UInt8>
        init(_ value: UInt8) { self.value = Mutex(value) }
        func take() -> UInt8 {
            value.withLock {
                $0 = $0 &* 181 &+ 97
                return $0
            }
        }
    }

    static func configuration(_ directory: String, hours: Int) throws -> Configuration {
        var configuration = try Configuration.parse(text: policies(hours))
        configuration.data = directory
        return configuration
    }

    /// An event, as a batch of one.
    static func fold(
        _ type: String, _ prospect: String, offset: Int64, at time: Instant, into engine: OfflineEngine
    ) throws {
        let stamp = ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000))
        let event =
            #"{"specversion":"1.0","id":"e-\#(offset)","source":"/checkout","type":"\#(type)","time":"\#(stamp)","data":{"tenant":"academy","prospect":\#(prospect),"product":{"id":"gold"}}}"#
        let batch = MessageBatch(capacity: 1)
        Array(event.utf8).withUnsafeBytes { value in
            _ = batch.append(
                partition: 0, offset: offset, timestampMilliseconds: time.milliseconds, key: nil, value: value)
        }
        try engine.fold(batch)
    }

    static func person(_ id: String, name: String = "Ann") -> String {
        #"{"id":"\#(id)","email":"\#(id)@example.com","firstName":"\#(name)"}"#
    }

    /// Makes the data directory.
    func write(to directory: String) throws {
        try DataDirectory.open(directory, fileSystem: POSIXFileSystem(), random: Self.random(7)).close()
        try fold(directory)
        try migrate(directory)
        try decideByHand(directory)
        let shard = directory + "/shards/0"
        for name in ["lock", "shards/0/lock", "shards/0/next.prepared"] {
            try? FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
        for segment in try SegmentIndexes(directory: shard, fileSystem: POSIXFileSystem()).segments {
            guard let next = segment.next else { continue }
            let contents = try SegmentContents(of: segment.first, upTo: next, in: shard, POSIXFileSystem())
            try SegmentIndexFile.write(contents.encodedIndex(), of: segment.first, in: shard, POSIXFileSystem())
        }
    }

    private func open(_ directory: String, hours: Int, migrates: Bool = false) throws -> OfflineEngine {
        try OfflineEngine(
            configuration: try Self.configuration(directory, hours: hours), partitions: 1, activation: Self.start,
            fileSystem: POSIXFileSystem(), journal: Self.settings, migrates: migrates)
    }

    private func fold(_ directory: String) throws {
        let engine = try open(directory, hours: 1)
        try engine.commit()
        let start = Self.start
        func event(_ type: String, _ prospect: String, _ offset: Int64, _ minutes: Int64) throws {
            try Self.fold(type, prospect, offset: offset, at: start + .minutes(minutes), into: engine)
            try engine.commit()
        }
        try event("checkout.started", Self.person("ann"), 0, 0)
        try event("checkout.started", Self.person("bob", name: "Bob"), 1, 1)
        try event("checkout.started", Self.person("cy"), 2, 2)
        try event("checkout.updated", Self.person("ann"), 3, 3)
        try event("checkout.updated", Self.person("ann", name: "Anna"), 4, 4)
        try event("checkout.completed", Self.person("bob", name: "Bob"), 5, 5)
        try event("checkout.started", Self.person("dee"), 6, 6)
        try event("payment.pending", Self.person("dee"), 7, 7)
        try event("contact.erasure-requested", #"{"email":"cy@example.com"}"#, 8, 8)
        while try engine.tick(start + .hours(2)) > 0 { try engine.commit() }
        try event("contact.opted-out", Self.person("dee"), 9, 130)
        try event("checkout.started", Self.person("eve"), 10, 131)
        try event("lead.cancelled", Self.person("fay"), 11, 132)
        try engine.close()
    }

    /// Other policies, and the one who waits moves to them.
    private func migrate(_ directory: String) throws {
        let engine = try open(directory, hours: 5, migrates: true)
        try engine.commit()
        try engine.close()
    }

    /// What needs an operator or the destruction of data: it is written by the same code, and what was destroyed is zeroed.
    private func decideByHand(_ directory: String) throws {
        let shard = directory + "/shards/0"
        let journal = try ShardJournal.open(
            directory: shard, fileSystem: POSIXFileSystem(), settings: Self.settings)
        var writer = RecordWriter()
        try journal.beginFrame()
        writer.begin(position: journal.head.position, clock: Self.start + .hours(2), to: &journal.body)
        writer.intervention(.clockAccepted, at: Self.start + .hours(3), to: &journal.body)
        writer.found(
            FoundReminder(journey: JourneyReference(rawValue: 0xF00D), step: 0, emitted: Self.start),
            to: &journal.body)
        writer.end(to: &journal.body)
        _ = try journal.appendFrame()
        let erased = try requireRecord(of: shard, "cy")
        try journal.beginFrame()
        writer.begin(position: journal.head.position, clock: Self.start + .hours(2), to: &journal.body)
        writer.destroyed(
            erased.prospect, before: RecordPosition(rawValue: journal.head.position), at: Self.start + .hours(4),
            to: &journal.body)
        writer.end(to: &journal.body)
        let head = try journal.appendFrame()
        try journal.sync()
        journal.confirm(Confirmation(position: head.position, hash: head.hash, offset: 12))
        try journal.markCleanStop()
        try journal.close()
        let firsts = try JournalReader.beginnings(of: shard, fileSystem: POSIXFileSystem())
        let first = firsts.last { $0 <= erased.position }!
        let file = try POSIXFileSystem().open("\(shard)/\(SegmentName.of(first))", .write)
        defer { file.close() }
        try [UInt8](repeating: 0, count: 16 + erased.bytes).withUnsafeBytes {
            try file.write($0, at: erased.position - first + 16)
        }
    }

    /// The record of a person's opening, and whose it is.
    private func requireRecord(
        of shard: String, _ person: String
    ) throws -> (position: UInt64, bytes: Int, prospect: ProspectKey) {
        let reader = try JournalReader(directory: shard, fileSystem: POSIXFileSystem())
        while let frame = try reader.next() {
            var prospect: ProspectKey?
            var records = try RecordReader(frame.body, position: frame.position)
            while let record = try records.next() { if case .input(let input) = record { prospect = input.prospect } }
            var found: (UInt64, Int)?
            try frame.forEachPersonal {
                if let bytes = $0.bytes, String(decoding: bytes, as: UTF8.self).contains("\(person)@example.com") {
                    found = ($0.position, bytes.count)
                }
            }
            if let (position, bytes) = found, let prospect { return (position, bytes, prospect) }
        }
        throw JournalError(.notFound, path: shard, message: "nobody is called \(person)")
    }
}
