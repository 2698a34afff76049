import Configuration
import Demo
import DiskTestSupport
import Engine
import Foundation
import Journal
import Journey
import Kafka
import RandomTestSupport

/// A shard's journal with its snapshot as the engine writes them, and where everything in it lies.
///
/// Both products' customers come, leave, buy and opt out; some ask for erasure, and the personal records of some have been
/// destroyed in place. There are several segments, and a mark that says how much is known to be committed.
public struct SampleJournal: @unchecked Sendable {
    // Unchecked, because the disk is only copied once it is complete.
    public let disk: MemoryDisk
    let segments: [Segment]
    let frames: [FramePlace]
    let snapshot: SnapshotFile.Candidate
    /// The journal's end, of which the mark says that it was committed.
    let end: JournalHead

    static let data = "/winback"
    static let shard = data + "/shards/0"
    static let mark = shard + "/confirmed"

    struct Segment {
        var first: UInt64
        var path: String
        var size: Int
        /// Its frames, by their number in the journal.
        var frames: Range<Int>
    }

    struct FramePlace {
        var segment: Int
        /// Where it lies in its segment's file.
        var range: Range<Int>
        var personalBytes: Int
        /// Where its personal records begin, in the file.
        var records: [Int]
        var before: JournalHead
        var after: JournalHead
    }

    /// - Parameter bytes: the frames take at least so many; the snapshot is made when most of them are there.
    public init(bytes: Int, segmentBytes: Int, seed: UInt64 = 1) throws {
        let disk = MemoryDisk()
        try Self.write(to: disk, bytes: UInt64(bytes), segmentBytes: segmentBytes, seed: seed)
        try Self.destroySome(on: disk)
        let segments = try JournalReader.beginnings(of: Self.shard, fileSystem: disk)
        let paths = disk.paths.filter { $0.hasSuffix(".segment") }
        var places = zip(segments, paths).map { Segment(first: $0, path: $1, size: 0, frames: 0..<0) }
        for index in places.indices { places[index].size = try disk.bytes(places[index].path).count }
        var frames: [FramePlace] = []
        let reader = try JournalReader(directory: Self.shard, fileSystem: disk)
        var before = reader.head
        while let frame = try reader.next() {
            let segment = segments.lastIndex { $0 <= frame.position } ?? 0
            let offset = Int(frame.fileOffset)
            var records: [Int] = []
            try frame.forEachPersonal { records.append(offset + Int($0.position - frame.position)) }
            frames.append(
                FramePlace(
                    segment: segment, range: offset..<offset + frame.header.frameBytes,
                    personalBytes: frame.header.personalBytes, records: records, before: before, after: frame.head))
            before = frame.head
        }
        for index in places.indices {
            let own = frames.indices.filter { frames[$0].segment == index }
            places[index].frames = (own.first ?? 0)..<(own.last.map { $0 + 1 } ?? 0)
        }
        guard let snapshot = try SnapshotFile.newest(in: Self.shard, disk, atOrBelow: .max).first else {
            throw JournalError(.notFound, path: Self.shard, message: "no snapshot was made")
        }
        self.disk = disk
        self.segments = places
        self.frames = frames
        self.snapshot = snapshot
        end = before
    }

    private static func write(to disk: MemoryDisk, bytes: UInt64, segmentBytes: Int, seed: UInt64) throws {
        var settings = JournalSettings(segmentBytes: segmentBytes, maximumFrameBytes: segmentBytes / 4)
        settings.background = { $0() }
        let start = Instant(milliseconds: 1_767_225_600_000)
        let engine = try OfflineEngine(
            configuration: try Configuration.parse(text: configuration), partitions: 1, activation: start,
            fileSystem: disk, journal: settings)
        var random = SeededGenerator(seed: seed)
        var traffic = TrafficSettings(start: start)
        traffic.seed = seed
        // More than are needed: the journal's size says when to end.
        traffic.events = Int(bytes)
        traffic.prospects = max(20, Int(bytes) / 700)
        traffic.duration = .days(Int64(bytes) / 1000)
        var generator = TrafficGenerator(traffic)
        let batch = MessageBatch(capacity: 64)
        let reader = try JournalReader(directory: shard, fileSystem: disk)
        var offset: Int64 = 0
        var wanted = 1
        var hasSnapshot = false
        while generator.advance() {
            append(generator.value, generator.key, at: generator.time, &offset, to: batch)
            if random.chance(2) {
                let erasure = try erasure(of: generator.value, at: generator.time, number: offset)
                erasure.withUnsafeBytes { append($0, generator.key, at: generator.time, &offset, to: batch) }
            }
            guard batch.count >= wanted else { continue }
            try engine.fold(batch)
            batch.release()
            _ = try engine.tick(generator.time - .seconds(5))
            try engine.commit()
            wanted = Int.random(in: 1...16, using: &random)
            while try reader.next() != nil {}
            let written = reader.head.position - JournalHead.start.position
            if !hasSnapshot, written > bytes * 7 / 10 {
                hasSnapshot = true
                try engine.makeSnapshots()
            }
            if written >= bytes { break }
        }
        try engine.close()
        let journal = try ShardJournal.open(directory: shard, fileSystem: disk, settings: settings)
        journal.confirm(Confirmation(position: journal.head.position, hash: journal.head.hash, offset: offset))
        try journal.markCleanStop()
        try journal.close()
    }

    private static func append(
        _ value: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer, at time: Instant, _ offset: inout Int64,
        to batch: MessageBatch
    ) {
        batch.append(
            partition: 0, offset: offset, timestampMilliseconds: time.milliseconds, key: key, value: value)
        offset += 1
    }

    /// What the person of an event sends who wants to be forgotten.
    private static func erasure(of event: UnsafeRawBufferPointer, at time: Instant, number: Int64) throws -> Data {
        let object = try JSONSerialization.jsonObject(with: Data(event)) as? [String: Any]
        let data = object?["data"] as? [String: Any]
        let prospect = data?["prospect"] as? [String: Any]
        return try JSONSerialization.data(withJSONObject: [
            "specversion": "1.0", "id": "erasure-\(number)", "source": "/privacy", "type": "contact.erasure-requested",
            "time": Date(timeIntervalSince1970: Double(time.milliseconds) / 1000).ISO8601Format(),
            "data": ["tenant": data?["tenant"] ?? "", "prospect": ["id": prospect?["id"] ?? ""]],
        ])
    }

    /// Destroys the first personal record of some frames: salt and data become zeros.
    private static func destroySome(on disk: MemoryDisk) throws {
        let reader = try JournalReader(directory: shard, fileSystem: disk)
        var number = 0
        while let frame = try reader.next() {
            number += 1
            guard number % 16 == 0 else { continue }
            let bytes = try disk.bytes(frame.path)
            var isFirst = true
            try frame.forEachPersonal { record in
                guard isFirst, let data = record.bytes else { return }
                isFirst = false
                let start = Int(frame.fileOffset + record.position - frame.position) + PersonalRecord.headerBytes
                for index in start..<start + PersonalRecord.saltBytes + data.count { bytes[index] = 0 }
            }
        }
    }

    private static let configuration = """
        kafka: {bootstrap.servers: "nowhere:9092"}
        data: \(data)
        templates: [lead-reminder, offer-reminder, spot-saved, act-now]
        policies:
          - name: unconverted-lead
            opensOn: [sales-lead.created]
            convertsOn: [policy.issued]
            scope: product
            anchor: opened
            steps: [{after: 3d, template: lead-reminder}]
          - name: unconverted-offer
            opensOn: [offer.created]
            convertsOn: [policy.issued]
            scope: subject
            supersedes: [unconverted-lead]
            anchor: opened
            steps: [{after: 12h, template: offer-reminder}]
          - name: abandoned-checkout
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            reentry: {window: 7d}
            steps:
              - {after: 1h, template: spot-saved}
              - {after: 24h, from: previous, template: act-now}
            command:
              fields:
                membership_name: {from: /data/product/name, fallback: your membership}
                checkout_url: {from: /data/checkout/url, fallback: "https://example.com"}
                first_name: {from: /data/prospect/firstName, fallback: there}
        """
}
