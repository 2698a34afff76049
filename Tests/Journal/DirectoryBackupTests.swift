import Foundation
import Testing

@testable import Journal

/// A copy holds what was committed, whole, and a writer goes on from it.
@Suite struct DirectoryBackupTests {
    private let scratch = Scratch()
    private var source: String { scratch.path + "/data" }
    private var target: String { scratch.path + "/copy" }

    /// A data directory with one shard, opened.
    private func make() throws -> (directory: DataDirectory, journal: ShardJournal) {
        let directory = try DataDirectory.open(source, fileSystem: disk)
        let journal = try ShardJournal.open(directory: directory.shardPath(0), fileSystem: disk, settings: small)
        return (directory, journal)
    }

    private func commit(_ journal: ShardJournal, _ text: String, personal: [String] = []) throws {
        try journal.append(text, personal: personal)
        try journal.sync()
        journal.confirm(Confirmation(position: journal.head.position, hash: journal.head.hash, offset: 1))
    }

    private func backUp(known: UInt64 = 0) throws -> DirectoryBackup.Summary {
        let reading = try DataDirectory.openForReading(source, fileSystem: disk)
        return try DirectoryBackup(of: reading, to: target).run(confirmed: [0: known]) { _ in }
    }

    private func texts(_ directory: String) throws -> [String] {
        let reader = try JournalReader(directory: directory, fileSystem: disk)
        var texts: [String] = []
        while let frame = try reader.next() { texts.append(String(decoding: frame.body, as: UTF8.self)) }
        return texts
    }

    @Test func aCopyEndsWithWhatIsKnownToBeCommitted() throws {
        let (_, journal) = try make()
        // Over several segments.
        for number in 0..<40 { try commit(journal, "frame \(number)" + String(repeating: ".", count: 2_000)) }
        try journal.append("not committed")
        let summary = try backUp()
        // The frame behind the last commit says that it is one.
        #expect(summary.positions == [0: journal.confirmed.position])
        let copied = try texts("\(target)/shards/0")
        #expect(copied.count == 40)
        let original = try texts("\(source)/shards/0")
        #expect(copied == Array(original.dropLast()))
        #expect(try SegmentName.list("\(target)/shards/0", disk).count > 3)
    }

    @Test func theLastCommitIsCopiedWhereSomebodyKnowsOfIt() throws {
        let (_, journal) = try make()
        try commit(journal, "one")
        try commit(journal, "two")
        let end = journal.head.position
        #expect(try backUp(known: end).positions == [0: end])
        #expect(try texts("\(target)/shards/0") == ["one", "two"])
    }

    @Test func aPlaceThatIsNoEndOfAFrameIsNotBelieved() throws {
        let (_, journal) = try make()
        try commit(journal, "one")
        let first = journal.head.position
        try commit(journal, "two")
        #expect(try backUp(known: journal.head.position - 8).positions == [0: first])
    }

    @Test func aWriterGoesOnFromTheCopyAsFromTheOriginal() throws {
        let (directory, journal) = try make()
        for number in 0..<12 {
            try commit(journal, "frame \(number)" + String(repeating: ".", count: 2_000), personal: ["Ann \(number)"])
        }
        let head = journal.head
        try journal.markCleanStop()
        _ = try backUp()
        try journal.close()
        directory.close()

        let copy = try DataDirectory.open(target, fileSystem: disk)
        #expect(copy.key == directory.key)
        #expect(copy.instance == directory.instance)
        let again = try ShardJournal.open(
            directory: copy.shardPath(0), fileSystem: disk, settings: small, committedPosition: head.position)
        #expect(again.head == head)
        #expect(again.confirmed.head == head)
        let places = try again.append("frame 12", personal: ["Zoë"])
        try again.sync()
        #expect(try again.personalText(places[0]) == "Zoë")
        #expect(try texts(copy.shardPath(0)).count == 13)
        try again.close()
    }

    @Test func aShardWithoutCommitsIsCopiedAsEmpty() throws {
        let (_, journal) = try make()
        try journal.append("not committed")
        _ = try backUp()
        let copy = try DataDirectory.open(target, fileSystem: disk)
        let again = try ShardJournal.open(directory: copy.shardPath(0), fileSystem: disk, settings: small)
        #expect(again.head == .start)
        try again.close()
    }

    @Test func theNewestSnapshotThatIsCommittedComesAlong() throws {
        let (_, journal) = try make()
        try commit(journal, "one")
        let bytes: [UInt8] = Array(repeating: 7, count: 5_000)
        try bytes.withUnsafeBytes {
            try SnapshotFile.write(
                directory: "\(source)/shards/0", fileSystem: disk, at: journal.head, stateVersion: 1, sections: [[$0]])
        }
        let end = journal.head.position
        try commit(journal, "two")
        _ = try backUp()
        let copied = try SnapshotFile.newest(in: "\(target)/shards/0", disk, atOrBelow: .max)
        #expect(copied.map(\.position) == [end])
        let snapshot = try SnapshotFile.load(try #require(copied.first), disk)
        withExtendedLifetime(snapshot) { #expect(Array(snapshot.sections[0]) == bytes) }
    }

    @Test func damageIsFoundAndNotCopied() throws {
        let (_, journal) = try make()
        for number in 0..<3 { try commit(journal, "frame \(number)" + String(repeating: ".", count: 500)) }
        let segment = "\(source)/shards/0/\(SegmentName.of(JournalHead.start.position))"
        let file = try disk.open(segment, .write)
        try [UInt8(0xFF)].withUnsafeBytes { try file.write($0, at: 900) }
        file.close()
        #expect(code { _ = try backUp() } == .damaged)
        #expect(try !disk.exists(target))
    }

    @Test func aFolderThatIsThereIsLeftAlone() throws {
        _ = try make()
        try disk.makeDirectory(target, permissions: 0o700)
        #expect(code { _ = try backUp() } == .notOurs)
        #expect(try disk.list(target).isEmpty)
    }

    @Test func whatAnInterruptedBackupHasLeftIsNamed() throws {
        _ = try make()
        try disk.makeDirectory(target + DirectoryBackup.unfinishedSuffix, permissions: 0o700)
        #expect(code { _ = try backUp() } == .notOurs)
    }
}
