import DiskTestSupport
import RandomTestSupport
import Testing

@testable import Journal

/// Segments that are moved to an archive, with the power failing at every call on the way.
@Suite("Archives of segments") struct SegmentArchiveTests {
    private static let shard = "data/shards/0"
    private static let settings: JournalSettings = {
        var settings = JournalSettings(segmentBytes: 16384, maximumFrameBytes: 4096)
        settings.background = { $0() }
        return settings
    }()

    /// A journal of several segments, all of it confirmed but the last frame.
    private func filled(_ disk: SimulatedDisk) throws -> [JournalHead] {
        for folder in ["data", "data/shards", "archive"] { try disk.makeDirectory(folder, permissions: 0o700) }
        let journal = try ShardJournal.open(directory: Self.shard, fileSystem: disk, settings: Self.settings)
        var heads = [journal.head]
        for number in 0..<24 {
            try journal.append("\(number) " + String(repeating: "x", count: 2500), personal: ["someone"])
            try journal.sync()
            journal.confirm(
                Confirmation(position: journal.head.position, hash: journal.head.hash, offset: Int64(number)))
            heads.append(journal.head)
        }
        try journal.close()
        return heads
    }

    private func bodies(_ fileSystem: any FileSystem) throws -> [String] {
        let start = try #require(try JournalBeginning.readable(in: Self.shard, fileSystem))
        let reader = try JournalReader(
            directory: Self.shard, fileSystem: fileSystem, from: start.position, hash: start.hash)
        var bodies: [String] = []
        while let frame = try reader.next() { bodies.append(String(decoding: frame.body.prefix(3), as: UTF8.self)) }
        return bodies
    }

    private func boundary(_ disk: SimulatedDisk, _ index: Int) throws -> JournalHead {
        let firsts = try SegmentName.list(Self.shard, disk)
        return try #require(try SegmentArchive.boundary(at: firsts[index], in: Self.shard, disk))
    }

    private func archive(_ disk: any FileSystem) -> SegmentArchive {
        SegmentArchive(of: Self.shard, to: "archive/0", fileSystem: disk)
    }

    private func withArchive(_ disk: SimulatedDisk) -> ArchivedFileSystem {
        ArchivedFileSystem(disk, data: "data", archives: ["archive"])
    }

    @Test func theJournalGoesOnWithoutTheFrontAndIsReadWithTheArchiveFromItsStart() throws {
        let disk = SimulatedDisk(Fortune(seed: 1))
        let heads = try filled(disk)
        let before = try bodies(disk)
        #expect(before.count == 24)
        let end = try boundary(disk, 3)
        let moved = try archive(disk).move(upTo: end)
        #expect(moved.segments == 3)
        #expect(moved.bytes == Int64(end.position - JournalHead.start.position))
        #expect(try SegmentName.list(Self.shard, disk).first == end.position)
        let rest = try bodies(disk)
        #expect(rest == Array(before.suffix(rest.count)) && rest.count < before.count)
        #expect(try bodies(withArchive(disk)) == before)

        let journal = try ShardJournal.open(directory: Self.shard, fileSystem: disk, settings: Self.settings)
        #expect(journal.head == heads.last)
        #expect(try journal.hash(at: end.position) == end.hash)
        try journal.append("new")
        try journal.sync()
        try journal.close()
        #expect(try bodies(withArchive(disk)) == before + ["new"])
        // Once more changes nothing, and more can follow.
        #expect(try archive(disk).move(upTo: end) == SegmentArchive.Summary())
        #expect(try archive(disk).move(upTo: try boundary(disk, 1)).segments == 1)
        #expect(try bodies(withArchive(disk)) == before + ["new"])
    }

    @Test func whoeverAsksForWhatIsArchivedIsToldWhereItIs() throws {
        let disk = SimulatedDisk(Fortune(seed: 2))
        _ = try filled(disk)
        _ = try archive(disk).move(upTo: try boundary(disk, 2))
        let error = thrown(JournalError.self) {
            _ = try JournalReader(directory: Self.shard, fileSystem: disk)
        }
        #expect(error?.message.contains("archive") == true)
    }

    @Test func segmentsThatAreMissingWithoutHavingBeenArchivedAreDamage() throws {
        let disk = SimulatedDisk(Fortune(seed: 3))
        _ = try filled(disk)
        _ = try archive(disk).move(upTo: try boundary(disk, 2))
        let first = try #require(try SegmentName.list(Self.shard, disk).first)
        try disk.remove("\(Self.shard)/\(SegmentName.of(first))")
        let error = thrown(JournalError.self) {
            _ = try ShardJournal.open(directory: Self.shard, fileSystem: disk, settings: Self.settings)
        }
        #expect(error?.code == .damaged)
    }

    @Test func anArchiveWithAGapIsReadFromBehindTheGap() throws {
        let disk = SimulatedDisk(Fortune(seed: 4))
        _ = try filled(disk)
        let before = try bodies(disk)
        let second = try SegmentName.list(Self.shard, disk)[1]
        _ = try archive(disk).move(upTo: try boundary(disk, 3))
        try disk.remove("archive/0/\(SegmentName.of(second))")
        let some = try bodies(withArchive(disk))
        #expect(try some.count > bodies(disk).count)
        #expect(some == Array(before.suffix(some.count)))
    }

    @Test func aFileOfAnotherJournalIsNotReplaced() throws {
        let disk = SimulatedDisk(Fortune(seed: 5))
        _ = try filled(disk)
        try disk.makeDirectory("archive/0", permissions: 0o700)
        let file = try disk.open("archive/0/\(SegmentName.of(4096))", .create)
        try Array("not ours".utf8).withUnsafeBytes { try file.write($0, at: 0) }
        let before = try bodies(disk)
        let error = thrown(JournalError.self) {
            _ = try archive(disk).move(upTo: try boundary(disk, 2))
        }
        #expect(error?.code == .notOurs)
        #expect(try bodies(disk) == before)
    }

    @Test func nothingIsLostWhereverAnArchivingEnds() throws {
        let master = SimulatedDisk(Fortune(seed: 6))
        let heads = try filled(master)
        let before = try bodies(master)
        let end = try boundary(master, 3)
        var calls = 0
        for fault in [Fault.powerBefore, .powerAfter, .killBefore, .killAfter, .inputOutput, .full, .shortWrite] {
            var number = 1
            while true {
                let fortune = Fortune(seed: UInt64(number))
                let disk = master.copy(fortune)
                fortune.plan = FaultPlan(scheduled: [number: fault])
                let outcome = Result { try archive(disk).move(upTo: end) }
                guard fortune.operations >= number else { break }
                if case .success = outcome, fault.isDeath { Issue.record("\(fault) at \(number) did not happen") }
                disk.restart()
                fortune.revive()
                fortune.plan = FaultPlan()
                let place = "\(fault.rawValue) at call \(number)"
                // With the archive all is there, at every moment; and the writer opens what is in place.
                #expect(try bodies(withArchive(disk)) == before, "\(place)")
                let journal = try ShardJournal.open(directory: Self.shard, fileSystem: disk, settings: Self.settings)
                #expect(journal.head == heads.last, "\(place)")
                try journal.close()
                // It is done again, and is then as if nothing had happened.
                _ = try archive(disk).move(upTo: end)
                #expect(try SegmentName.list(Self.shard, disk).first == end.position, "\(place)")
                #expect(try bodies(withArchive(disk)) == before, "\(place)")
                number += 1
                calls += 1
            }
        }
        #expect(calls > 300, "\(calls)")
    }
}
