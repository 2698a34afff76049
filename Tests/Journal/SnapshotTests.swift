import RandomTestSupport
import Testing

@testable import Journal

@Suite struct SnapshotTests {
    let scratch = Scratch()
    let head = JournalHead(position: 8192, hash: FrameHash(words: (1, 2, 3, 4)))

    private func write(_ sections: [[UInt8]], at head: JournalHead) throws {
        let pieces = sections.map { section -> [UnsafeRawBufferPointer] in
            // Two pieces a section: they are concatenated.
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: section.count, alignment: 8)
            copy.copyBytes(from: section)
            let half = section.count / 2
            return [
                UnsafeRawBufferPointer(rebasing: copy[..<half]), UnsafeRawBufferPointer(rebasing: copy[half...]),
            ]
        }
        defer { for piece in pieces { piece[0].deallocate() } }
        if try !disk.exists(scratch.shard) { try disk.makeDirectory(scratch.shard, permissions: 0o700) }
        try SnapshotFile.write(
            directory: scratch.shard, fileSystem: disk, at: head, stateVersion: 3, sections: pieces)
    }

    private func load() throws -> MappedSnapshot {
        let candidates = try SnapshotFile.newest(in: scratch.shard, disk, atOrBelow: .max)
        return try SnapshotFile.load(try #require(candidates.first), disk)
    }

    @Test func sectionsComeBackPageAlignedAndMayBeChangedInMemoryOnly() throws {
        var random = SeededGenerator(seed: 1)
        let sizes = [0, 1, 4096, 5000, 3 << 20, (1 << 20) - 4096]
        let sections = sizes.map { size in (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
        try write(sections, at: head)
        for _ in 0..<2 {
            let snapshot = try load()
            #expect(snapshot.head == head)
            #expect(snapshot.stateVersion == 3)
            #expect(snapshot.sections.map { Array($0) } == sections)
            for section in snapshot.sections where !section.isEmpty {
                #expect(UInt(bitPattern: section.baseAddress) % 4096 == 0)
                section[0] ^= 0xff
            }
        }
    }

    @Test func everyFlippedBitIsDetected() throws {
        try write([Array(1...200), Array(5...100)], at: head)
        let candidate = try #require(try SnapshotFile.newest(in: scratch.shard, disk, atOrBelow: .max).first)
        let file = try disk.open(candidate.path, .write)
        let original = try scratch.bytes(SnapshotFile.name(head.position))
        for index in original.indices {
            for bit in 0..<8 {
                withUnsafeBytes(of: original[index] ^ (1 << bit)) { byte in
                    #expect(throws: Never.self) { try file.write(byte, at: UInt64(index)) }
                }
                #expect(code { _ = try SnapshotFile.load(candidate, disk) } == .damaged, "byte \(index), bit \(bit)")
            }
            try withUnsafeBytes(of: original[index]) { try file.write($0, at: UInt64(index)) }
        }
        #expect(try load().sections[0].count == 200)
    }

    @Test func aSnapshotCutShortAnywhereIsDetected() throws {
        try write([Array(1...200)], at: head)
        let original = try scratch.bytes(SnapshotFile.name(head.position))
        for length in stride(from: 0, to: original.count, by: 7) {
            try scratch.write(Array(original[..<length]), to: SnapshotFile.name(head.position))
            #expect(code { _ = try load() } == .damaged)
        }
        try scratch.write(original + [0], to: SnapshotFile.name(head.position))
        #expect(code { _ = try load() } == .damaged)
    }

    @Test func theNewestTwoAreKept() throws {
        for position in [100, 200, 300, 400] as [UInt64] {
            try write([[1]], at: JournalHead(position: position, hash: .zero))
        }
        let all = try SnapshotFile.newest(in: scratch.shard, disk, atOrBelow: .max)
        #expect(all.map(\.position) == [400, 300])
        #expect(try SnapshotFile.newest(in: scratch.shard, disk, atOrBelow: 399).map(\.position) == [300])
    }

    @Test func aRenamedSnapshotIsDetected() throws {
        try write([[1]], at: head)
        try disk.rename(
            "\(scratch.shard)/\(SnapshotFile.name(head.position))", to: "\(scratch.shard)/\(SnapshotFile.name(9000))")
        #expect(code { _ = try load() } == .damaged)
    }

    @Test func anOlderOneIsUsedWhenTheNewestIsDamagedOfAnotherHistoryOrOfNoUse() throws {
        let journal = try open(scratch)
        var heads: [JournalHead] = []
        for _ in 0..<4 {
            try journal.append("frame")
            heads.append(journal.head)
        }
        try journal.sync()
        var rejected: [any Error] = []
        func newest(stateVersion: UInt32 = 3, upTo position: UInt64 = .max) throws -> JournalHead? {
            rejected = []
            return try SnapshotFile.withNewest(in: scratch.shard, disk, atOrBelow: position) {
                rejected.append($1)
            } _: { snapshot in
                guard snapshot.stateVersion == stateVersion else { throw OfNoUse() }
                return snapshot.head
            }
        }
        func codes() -> [JournalError.Code?] { rejected.map { ($0 as? JournalError)?.code } }

        #expect(try newest() == nil)
        try write([[1]], at: heads[0])
        try write([[2]], at: heads[1])
        #expect(try newest() == heads[1])
        #expect(try newest(upTo: heads[1].position - 1) == heads[0])
        #expect(rejected.isEmpty)
        #expect(try newest(stateVersion: 4) == nil)
        #expect(rejected.filter { $0 is OfNoUse }.count == 2)

        var bytes = try scratch.bytes(SnapshotFile.name(heads[1].position))
        bytes[4096] ^= 1
        try scratch.write(bytes, to: SnapshotFile.name(heads[1].position))
        #expect(try newest() == heads[0])
        #expect(codes() == [.damaged])

        // Another frame ends there, or none does; at the journal's end no frame follows that would tell.
        for (position, hash) in [
            (heads[1].position, heads[2].hash), (heads[1].position + 8, heads[1].hash),
            (heads[3].position, heads[2].hash), (heads[3].position + 8, heads[3].hash),
        ] {
            try write([[3]], at: JournalHead(position: position, hash: hash))
            #expect(try newest() != JournalHead(position: position, hash: hash))
            #expect(codes().contains(.diverged))
            try disk.remove("\(scratch.shard)/\(SnapshotFile.name(position))")
        }
        try write([[3]], at: heads[3])
        #expect(try newest() == heads[3])
    }

    private struct OfNoUse: Error {}
}
