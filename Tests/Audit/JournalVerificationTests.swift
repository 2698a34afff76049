import Foundation
import Journal
import Journey
import Testing

@testable import Audit
@testable import Engine

@Suite("A verification") struct JournalVerificationTests {
    private static func filled(people: Int = 40, segmentBytes: Int = 1 << 20) throws -> AuditHarness {
        let harness = try AuditHarness(segmentBytes: segmentBytes)
        for number in 0..<people {
            try harness.event("checkout.started", "p-\(number)", firstName: "Name\(number)")
        }
        try harness.tick(AuditHarness.start + .hours(2))
        try harness.message(nil)
        try harness.message(nil)
        return harness
    }

    private func verify(_ harness: AuditHarness, expecting: Set<FrameHash> = []) throws -> JournalVerification.Shard {
        try JournalVerification(try harness.source(), expected: expecting).run()[0]
    }

    private func segments(_ harness: AuditHarness) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: harness.directory + "/shards/0")
            .filter { $0.hasSuffix(".segment") }.sorted().map { harness.directory + "/shards/0/" + $0 }
    }

    private func flip(_ path: String, at offset: UInt64) throws {
        let file = try POSIXFileSystem().open(path, .write)
        defer { file.close() }
        try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { byte in
            _ = try file.read(into: byte, at: offset)
            byte[0] ^= 0x10
            try file.write(UnsafeRawBufferPointer(byte), at: offset)
        }
    }

    @Test func ofASoundJournalProvesItsSnapshot() throws {
        let harness = try Self.filled()
        try harness.engine.makeSnapshots()
        let shard = try verify(harness)
        #expect(shard.isSound)
        #expect(shard.stretches.count == 1)
        #expect(shard.events == 42)
        #expect(shard.intactRecords == 40)
        #expect(shard.snapshots.map(\.verdict) == [.proved(prospects: 40)])
        #expect(shard.head.position > 0)
    }

    @Test func refutesASnapshotThatSaysAnythingElseThanTheFrames() throws {
        let harness = try Self.filled()
        let other = try Self.filled(people: 39)
        let head = try ShardHead.read(try harness.source(), partition: 0).head
        let restorer = Restorer(
            path: other.directory + "/shards/0", key: try harness.source().directory.key,
            fileSystem: POSIXFileSystem(), topicCount: 1, log: .silent)
        let (fold, _, _) = try restorer.restoreToEnd { _, _, _ in }
        try StateSnapshot.write(fold, at: head, directory: harness.directory + "/shards/0", POSIXFileSystem())
        let shard = try verify(harness)
        #expect(!shard.isSound)
        guard case .refuted(let why)? = shard.snapshots.first?.verdict else {
            Issue.record("\(shard.snapshots)")
            return
        }
        #expect(why.contains("39 prospects"))
    }

    @Test func findsAHashThatWasNotedBeforeAndNoOther() throws {
        let harness = try Self.filled()
        let noted = try ShardHead.read(try harness.source(), partition: 0).head
        try harness.event("checkout.started", "later")
        try harness.message(nil)
        let foreign = try #require(FrameHash(hex: String(repeating: "ab", count: 32)))
        let shard = try verify(harness, expecting: [noted.hash, foreign])
        #expect(shard.found == [noted.hash: noted.position])
    }

    @Test func tellsWhereAFrameIsDamagedAndWhatIsTrustworthyBehindIt() throws {
        let harness = try Self.filled(people: 200, segmentBytes: 32 << 10)
        let paths = try segments(harness)
        try #require(paths.count >= 4)
        let whole = try verify(harness)
        try flip(paths[1], at: 60)
        let shard = try verify(harness)
        #expect(!shard.isSound)
        #expect(shard.damages.count == 1)
        #expect(shard.damages[0].contains(paths[1]))
        // Up to the damaged segment, and from the next one to the end.
        #expect(shard.stretches.count == 2)
        let end = try #require(whole.stretches.first?.positions.upperBound)
        #expect(shard.stretches.first?.positions.lowerBound == JournalHead.start.position)
        #expect(shard.stretches.last?.positions.upperBound == end)
        let frames = shard.stretches.reduce(0) { $0 + $1.frames }
        #expect(frames < whole.stretches[0].frames && frames > whole.stretches[0].frames / 2)
    }

    @Test func goesOnBehindPersonalDataThatIsDamaged() throws {
        let harness = try Self.filled()
        let path = try segments(harness)[0]
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let place = try #require(bytes.range(of: Data("Name7".utf8)))
        try flip(path, at: UInt64(place.lowerBound))
        let shard = try verify(harness)
        #expect(shard.damages.count == 1)
        #expect(shard.damages[0].contains("does not match its digest"))
        #expect(shard.stretches.count == 1)
        #expect(shard.intactRecords == 39)
    }
}
