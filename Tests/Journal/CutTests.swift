import DiskTestSupport
import Testing

@testable import Journal

@Suite struct CutTests {
    let scratch = Scratch()

    /// Frames over several segments, with their heads; `open` and synced.
    private func filled(_ scratch: Scratch) throws -> (ShardJournal, [JournalHead]) {
        let journal = try open(scratch)
        var heads = [journal.head]
        for number in 0..<14 {
            try journal.append("\(number) " + String(repeating: "x", count: 3000), personal: ["someone"])
            heads.append(journal.head)
        }
        try journal.sync()
        return (journal, heads)
    }

    @Test func everyHeadCanBeCutToAndTheJournalGoesOnFromThere() throws {
        for target in 0...14 {
            let scratch = Scratch()
            let (journal, heads) = try filled(scratch)
            try journal.cut(to: heads[target])
            #expect(journal.head == heads[target])
            #expect(try readAll(scratch, knownEnd: heads[target].position).count == target)
            #expect(try journal.hash(at: heads[14].position) == (target == 14 ? heads[14].hash : nil))
            for name in try SegmentName.list(scratch.shard, disk) {
                #expect(name <= heads[target].position)
            }
            try journal.append("after the cut")
            try journal.sync()
            try journal.close()
            let again = try open(scratch)
            #expect(try readAll(scratch, knownEnd: again.head.position).last?.body == "after the cut")
            #expect(try readAll(scratch).count == target + 1)
        }
    }

    @Test func whatWasCutIsZeros() throws {
        let (journal, heads) = try filled(scratch)
        try journal.cut(to: heads[1])
        let rest = try scratch.bytes(SegmentName.of(4096)).dropFirst(Int(heads[1].position - 4096))
        #expect(rest.allSatisfy { $0 == 0 })
        #expect(try SegmentName.list(scratch.shard, disk) == [4096])
        #expect(try !disk.exists("\(scratch.shard)/\(PositionMark.cut)"))
    }

    @Test func anotherHistoryIsNotCut() throws {
        let (journal, heads) = try filled(scratch)
        let before = try readAll(scratch)
        for wrong in [
            JournalHead(position: heads[3].position, hash: heads[4].hash),
            JournalHead(position: heads[3].position + 8, hash: heads[3].hash),
            JournalHead(position: heads[14].position + 64, hash: heads[14].hash),
            JournalHead(position: 0, hash: .zero),
        ] {
            #expect(code { try journal.cut(to: wrong) } == .diverged)
        }
        #expect(try readAll(scratch) == before)
    }

    @Test func confirmedFramesAreNotCut() throws {
        let (journal, heads) = try filled(scratch)
        journal.confirm(Confirmation(position: heads[5].position, hash: heads[5].hash, offset: 5))
        #expect(code { try journal.cut(to: heads[4]) } == .diverged)
        try journal.cut(to: heads[5])
        #expect(journal.head == heads[5])
    }

    @Test func snapshotsAboveTheCutAreRemoved() throws {
        let (journal, heads) = try filled(scratch)
        for head in [heads[4], heads[9]] {
            try SnapshotFile.write(
                directory: scratch.shard, fileSystem: disk, at: head, stateVersion: 1, sections: [])
        }
        try journal.cut(to: heads[6])
        #expect(
            try SnapshotFile.newest(in: scratch.shard, disk, atOrBelow: .max).map(\.position) == [heads[4].position])
    }

    /// The lengths of the new history's frames: its ends meet the old ones', or do not, or it is shorter.
    @Test(arguments: [3002, 700, 3200], [0, 2, 14])
    func aReaderThatIsAheadOfACutIsTold(length: Int, appended: Int) throws {
        for read in [3, 4, 8, 14] {
            let scratch = Scratch()
            let (journal, heads) = try filled(scratch)
            let fresh = try JournalReader(
                directory: scratch.shard, fileSystem: disk, from: heads[read].position, hash: heads[read].hash)
            let used = try JournalReader(directory: scratch.shard, fileSystem: disk)
            for _ in 0..<read { _ = try used.next() }
            if read == 14 { #expect(try used.next() == nil) }
            try journal.cut(to: heads[1])
            for _ in 0..<appended { try journal.append(String(repeating: "y", count: length), personal: ["other"]) }
            try journal.sync()
            for reader in [fresh, used] {
                #expect(code { while try reader.next() != nil {} } == .diverged)
            }
        }
    }

    @Test func aCutThatIsInterruptedAnywhereIsFinishedAtTheNextStart() throws {
        for seed in 0..<8 as Range<UInt64> {
            var calls = 0
            while try isInterrupted(after: calls, seed: seed) { calls += 1 }
            #expect(calls > 10)
        }
    }

    /// Cuts a journal on a disk whose power fails after so many calls, and starts again.
    ///
    /// - Returns: whether that was before the cut had ended.
    private func isInterrupted(after calls: Int, seed: UInt64) throws -> Bool {
        let fortune = Fortune(seed: seed)
        let disk = SimulatedDisk(fortune)
        let journal = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: inOneThread)
        var heads = [journal.head]
        for number in 0..<12 {
            try journal.append("\(number)" + String(repeating: "x", count: 3000))
            try journal.sync()
            heads.append(journal.head)
        }
        fortune.powerFailsAt = fortune.operations + calls + 1
        do { try journal.cut(to: heads[3]) } catch is Death {}
        let isInterrupted = fortune.isDead
        disk.losePower()
        fortune.revive()
        let again = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: inOneThread)
        let found = try #require(heads.firstIndex(of: again.head))
        #expect(found == 3 || (found == 12 && isInterrupted), "after \(calls) calls, seed \(seed)")
        return isInterrupted
    }
}
