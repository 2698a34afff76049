import DiskTestSupport
import Journal
import Journey
import RandomTestSupport
import Testing

@testable import Records

@Suite("Segment indexes") struct SegmentIndexTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyKeyIsFoundInTheFramesThatHoldItWithAndWithoutIndexes(seed: UInt64) throws {
        let history = try IndexedJournal(seed: seed)
        try #require(try history.indexes().segments.count > 3)
        for _ in 0..<2 {
            let indexes = try history.indexes()
            for key in history.allKeys {
                #expect(try indexes.frames(of: [key], confirmedUpTo: .max) == history.frames(of: key))
            }
            #expect(try indexes.frames(of: [0x1234_5678_9ABC_DEF0], confirmedUpTo: .max) == [])
            let some = Set(history.allKeys.prefix(5))
            #expect(
                try indexes.frames(of: some, confirmedUpTo: .max)
                    == Set(some.flatMap { history.frames(of: $0) }).sorted())
            try history.writeIndexes()
        }
        // The second time it came from indexes: all but the last segment have one.
        let indexes = try history.indexes()
        #expect(indexes.segments.map { indexes.hasIndex($0) } == indexes.segments.map { $0.next != nil })
    }

    @Test func anIndexIsSearchedAndTheSegmentIsNotRead() throws {
        let history = try IndexedJournal(seed: 4)
        try history.writeIndexes()
        let first = try #require(try history.indexes().segments.first)
        let key = try #require(history.allKeys.first { history.frames(of: $0).contains { $0 < first.next! } })
        // Nobody could find anything in these frames any more.
        let bytes = try history.disk.bytes("shard/0000000000004096.segment")
        for index in 1000..<bytes.count { bytes[index] = 0xAA }
        #expect(try history.indexes().frames(of: [key], confirmedUpTo: .max) == history.frames(of: key))
        try history.disk.remove(history.path(4096))
        #expect(throws: JournalError.self) { try history.indexes().frames(of: [key], confirmedUpTo: .max) }
    }

    @Test func framesThatAreNotConfirmedAreLeftOut() throws {
        let history = try IndexedJournal(seed: 5)
        try history.writeIndexes()
        for end in history.keys.keys.sorted() {
            for key in history.allKeys.prefix(20) {
                #expect(
                    try history.indexes().frames(of: [key], confirmedUpTo: end) == history.frames(of: key, before: end))
            }
        }
    }

    @Test func theBytesFollowFromTheSegmentAlone() throws {
        let history = try IndexedJournal(seed: 6)
        try history.writeIndexes()
        let before = try SegmentIndexFile.bytes(of: 4096, in: IndexedJournal.directory, history.disk)
        // Personal data that is destroyed changes nothing, and neither does what comes behind the segment.
        let segment = try history.disk.bytes("shard/0000000000004096.segment")
        let text = Array("someone".utf8)
        for start in 0..<segment.count - text.count where segment[start..<start + text.count].elementsEqual(text) {
            for index in start - 16..<start + text.count { segment[index] = 0 }
        }
        try history.append()
        try history.writeIndexes()
        #expect(try SegmentIndexFile.bytes(of: 4096, in: IndexedJournal.directory, history.disk) == before)
        let indexes = try history.indexes()
        let findings = try indexes.segments.map { try indexes.verify($0) }
        #expect(findings == indexes.segments.map { $0.next == nil ? nil : .same })
    }

    @Test func whatIsInASegmentIsCounted() throws {
        let history = try IndexedJournal(seed: 7)
        let indexes = try history.indexes()
        let end = history.journal.head.position
        let scanned = try indexes.segments.map { try indexes.summary(of: $0, upTo: end) }
        try history.writeIndexes()
        let indexed = try history.indexes()
        #expect(try indexed.segments.map { try indexed.summary(of: $0, upTo: end) } == scanned)
        #expect(scanned.map(\.frames).reduce(0, +) == UInt64(history.keys.count))
        #expect(scanned.map(\.personalRecords).reduce(0, +) == UInt64(history.keys.count))
        #expect(scanned.map(\.personalBytes).reduce(0, +) == UInt64(history.keys.count * 7))
        #expect(scanned.allSatisfy { $0.inputs > 0 && $0.factCount == $0.inputs && $0.timers > 0 })
        #expect(scanned[0].firstClock == Instant(milliseconds: 1_760_000_000_000))
    }

    @Test func everyBitOfASmallIndexIsNoticedOrHarmless() throws {
        let history = try IndexedJournal(seed: 8, frames: 12)
        try history.writeIndexes()
        let indexes = try history.indexes()
        let first = try #require(indexes.segments.first)
        let key = try #require(history.allKeys.first { history.frames(of: $0).contains { $0 < first.next! } })
        let expected = history.frames(of: key)
        let bytes = try history.disk.bytes(history.path(4096))
        var noticed = 0
        for index in bytes.indices {
            let bit = UInt8(1) << UInt8(index % 8)
            bytes[index] ^= bit
            #expect(try history.indexes().frames(of: [key], confirmedUpTo: .max) == expected, "byte \(index)")
            #expect(try history.indexes().verify(first) == .differs, "byte \(index)")
            if try !isUsed(history, key) { noticed += 1 }
            bytes[index] ^= bit
        }
        // The file has two pages, and a search looks at both.
        #expect(noticed == bytes.count)
        #expect(try isUsed(history, key))
    }

    private func isUsed(_ history: IndexedJournal, _ key: UInt64) throws -> Bool {
        do {
            let index = try SegmentIndex(
                of: 4096, in: IndexedJournal.directory, history.disk, version: SegmentContents.version)
            var offsets: [UInt64] = []
            try index?.addFrames(of: key, to: &offsets)
            return !offsets.isEmpty
        } catch let error as JournalError where error.code == .damaged {
            return false
        }
    }

    @Test func anIndexOfAnotherHistoryIsNotUsed() throws {
        let history = try IndexedJournal(seed: 9)
        let other = try IndexedJournal(seed: 10)
        try other.writeIndexes()
        let foreign = try #require(try SegmentIndexFile.bytes(of: 4096, in: IndexedJournal.directory, other.disk))
        try SegmentIndexFile.write(foreign, of: 4096, in: IndexedJournal.directory, history.disk)
        let indexes = try history.indexes()
        #expect(!indexes.hasIndex(indexes.segments[0]))
        #expect(try indexes.verify(indexes.segments[0]) == .differs)
        for key in history.allKeys.prefix(50) {
            #expect(try indexes.frames(of: [key], confirmedUpTo: .max) == history.frames(of: key))
        }
    }

    @Test func anIndexOfTheSameLengthsAndOtherHashesIsNotUsed() throws {
        // The same frames at the same places; the salts of their personal records make them another history.
        let history = try IndexedJournal(seed: 13)
        let other = try IndexedJournal(seed: 13)
        try #require(history.journal.head.position == other.journal.head.position)
        try other.writeIndexes()
        for first in try SegmentIndexFile.list(IndexedJournal.directory, other.disk) {
            let foreign = try #require(try SegmentIndexFile.bytes(of: first, in: IndexedJournal.directory, other.disk))
            try SegmentIndexFile.write(foreign, of: first, in: IndexedJournal.directory, history.disk)
        }
        let (mine, theirs) = (try history.indexes(), try other.indexes())
        #expect(!mine.segments.contains { mine.hasIndex($0) })
        #expect(theirs.segments.filter { theirs.hasIndex($0) }.count == theirs.segments.count - 1)
    }

    @Test func aCutRemovesTheIndexesOfWhatGoesOn() throws {
        let history = try IndexedJournal(seed: 11)
        try history.writeIndexes()
        let segments = try history.indexes().segments
        try #require(segments.count > 3)
        // Into the middle of the second segment: it is the last one then, and gets other frames.
        let reader = try JournalReader(
            directory: IndexedJournal.directory, fileSystem: history.disk, from: segments[1].first)
        _ = try reader.next()
        let target = reader.head
        try history.journal.cut(to: target)
        #expect(try SegmentIndexFile.list(IndexedJournal.directory, history.disk) == [segments[0].first])
        for _ in 0..<30 { try history.append() }
        let indexes = try history.indexes()
        #expect(indexes.segments.map { indexes.hasIndex($0) }.filter { $0 }.count == 1)
    }

    @Test func aSingleFrameIsReadByItsPosition() throws {
        let history = try IndexedJournal(seed: 12)
        let frames = try FrameReader(directory: IndexedJournal.directory, fileSystem: history.disk)
        for position in history.keys.keys.sorted().reversed() {
            let frame = try frames.frame(at: position)
            var records = try RecordReader(frame.body, position: frame.position)
            var keys: Set<UInt64> = []
            while let record = try records.next() { record.indexKey.map { _ = keys.insert($0) } }
            #expect(keys == history.keys[position])
            #expect(throws: JournalError.self) { try frames.frame(at: position + 8) }
        }
        let bytes = try history.disk.bytes("shard/0000000000004096.segment")
        bytes[40] ^= 1
        #expect(throws: JournalError.self) {
            try FrameReader(directory: IndexedJournal.directory, fileSystem: history.disk).frame(at: 4096)
        }
    }

    @Test func aFrameIsVerifiedAndSearchedWithoutReadingItsPersonalRecords() throws {
        let history = try IndexedJournal(seed: 13)
        func reader() throws -> FrameReader {
            try FrameReader(directory: IndexedJournal.directory, fileSystem: history.disk)
        }
        let (whole, part) = (try reader(), try reader())
        let someone = Array("someone".utf8)
        for position in history.keys.keys.sorted() {
            let frame = try whole.frame(at: position)
            let covered = try part.frame(at: position, .covered)
            #expect(covered.head == frame.head && covered.body.elementsEqual(frame.body))
            #expect(frame.content.contains(someone))
            #expect(!covered.content.contains(someone))
        }
        // A bit of what is not read goes unnoticed, and each one of what is read is noticed.
        let bytes = try history.disk.bytes("shard/0000000000004096.segment")
        let frame = try whole.frame(at: 4096)
        let count = frame.header.frameBytes
        let coveredOffset = count - (try part.frame(at: 4096, .covered).content.count)
        let personal = try #require(
            (0..<count).first { bytes[$0..<$0 + someone.count].elementsEqual(someone) })
        for index in [personal, 40] + Array(coveredOffset..<count) {
            bytes[index] ^= 1
            let isRead = (try? reader().frame(at: 4096, .covered)) != nil
            #expect(isRead == (index == personal), "byte \(index)")
            bytes[index] ^= 1
        }
    }

    @Test(arguments: KeyOrder.allCases)
    func anEntryIsFoundHoweverTheKeysLie(order: KeyOrder) throws {
        let disk = MemoryDisk()
        var random = SeededGenerator(seed: 14)
        let keys = Set((0..<3000).map { order.key($0, &random) & ~SegmentIndexFile.lowBits }).sorted()
        let entries = keys.flatMap { key in
            (0..<UInt64(key % 5 == 0 ? 2 : 1)).map { SegmentIndexFile.entry(key: key, frameOffset: $0 * 64) }
        }
        let header = SegmentIndexFile.Header(
            version: 1, first: 4096, previousHash: .zero, end: .start, entryCount: UInt64(entries.count), summary: [])
        try SegmentIndexFile.write(SegmentIndexFile.encode(header, entries: entries), of: 4096, in: "shard", disk)
        let index = try #require(try SegmentIndex(of: 4096, in: "shard", disk, version: 1))
        for key in keys {
            var offsets: [UInt64] = []
            try index.addFrames(of: key, to: &offsets)
            #expect(offsets == (key % 5 == 0 ? [0, 64] : [0]), "key \(key)")
            let next = key &+ SegmentIndexFile.lowBits &+ 1
            guard !keys.contains(next) else { continue }
            try index.addFrames(of: next, to: &offsets)
            #expect(offsets.count <= 2, "key \(next)")
        }
    }

    /// How keys lie among all numbers: as hashes do, and as they never should.
    enum KeyOrder: CaseIterable {
        case even
        case low
        case high
        case bothEnds

        func key(_ number: Int, _ random: inout SeededGenerator) -> UInt64 {
            let small = UInt64(number) << 27
            return switch self {
            case .even: random.next()
            case .low: small
            case .high: ~small
            case .bothEnds: number % 2 == 0 ? small : ~small
            }
        }
    }
}

extension SegmentIndexFile {
    /// The bits of a key that no entry keeps.
    fileprivate static let lowBits: UInt64 = 1 << 27 - 1
}
