import Testing

@testable import Journal

@Suite struct TornTailTests {
    /// Three frames that are durable and confirmed, then three that are neither.
    struct Fixture {
        let scratch = Scratch()
        let heads: [JournalHead]
        let name = SegmentName.of(JournalHead.start.position)
        let content: [UInt8]

        init() throws {
            let journal = try open(scratch)
            var heads = [journal.head]
            for number in 0..<6 {
                if number == 3 {
                    try journal.sync()
                    journal.confirm(
                        Confirmation(position: journal.head.position, hash: journal.head.hash, offset: 3))
                    try journal.markCleanStop()
                }
                try journal.append("frame \(number)", personal: number % 2 == 0 ? ["person \(number)"] : [])
                heads.append(journal.head)
            }
            try journal.close()
            self.heads = heads
            content = try scratch.bytes(name)
        }

        /// Where a position lies in the segment's file.
        func offset(_ head: JournalHead) -> Int { Int(head.position - JournalHead.start.position) }

        /// The number of frames that are whole in this content: zeros torn off a frame's padding are not missed.
        func wholeFrames(_ bytes: [UInt8]) -> Int? {
            heads.lastIndex { bytes[..<offset($0)] == content[..<offset($0)] }
        }

        var tail: Range<Int> { offset(heads[3])..<offset(heads[6]) }

        /// The number of frames there are after opening with this content.
        func framesAfterOpening(_ bytes: [UInt8]) throws -> Int {
            try scratch.write(bytes, to: name)
            let journal = try open(scratch)
            defer { try? journal.close() }
            let count = try #require(heads.firstIndex(of: journal.head))
            #expect(try readAll(scratch, knownEnd: journal.head.position).count == count)
            let rest = try scratch.bytes(name).dropFirst(offset(journal.head))
            #expect(rest.allSatisfy { $0 == 0 })
            return count
        }
    }

    let fixture: Fixture

    init() throws { fixture = try Fixture() }

    @Test func aTailTornAtAnyByteLeavesExactlyTheWholeFramesBefore() throws {
        for length in fixture.tail {
            var torn = fixture.content
            for index in length..<fixture.tail.upperBound { torn[index] = 0 }
            #expect(try fixture.framesAfterOpening(torn) == fixture.wholeFrames(torn), "torn at byte \(length)")
        }
    }

    @Test func aFileCutShortAtAnyByteLeavesExactlyTheWholeFramesBefore() throws {
        for length in fixture.tail {
            let expected = try #require(fixture.heads.lastIndex { fixture.offset($0) <= length })
            #expect(try fixture.framesAfterOpening(Array(fixture.content[..<length])) == expected)
        }
    }

    @Test func laterFramesThatReachedTheDiskWithoutAnEarlierOneAreStillATornTail() throws {
        for start in stride(from: fixture.tail.lowerBound, to: fixture.offset(fixture.heads[5]), by: 8) {
            var torn = fixture.content
            for index in start..<start + 8 { torn[index] ^= 0xff }
            try fixture.scratch.write(torn, to: fixture.name)
            let journal = try open(fixture.scratch)
            // What lies in a personal record is not looked at when opening, only when reading.
            if journal.head == fixture.heads[6] {
                #expect(code { _ = try readAll(fixture.scratch) } == .damaged)
            } else {
                #expect(fixture.heads.firstIndex(of: journal.head) == fixture.wholeFrames(torn))
            }
            try journal.close()
        }
    }

    @Test func aFrameThatWasDurableIsDamagedAndNotTorn() throws {
        let scratch = Scratch()
        let journal = try open(scratch)
        try journal.append("one")
        try journal.append("two")
        try journal.sync()
        let end = journal.head.position
        try journal.append("says that two is durable")
        try journal.close()
        let name = SegmentName.of(4096)
        let content = try scratch.bytes(name)
        for index in 0..<Int(end - 4096) {
            var damaged = content
            damaged[index] ^= 1 << (index % 8)
            try scratch.write(damaged, to: name)
            #expect(code { _ = try open(scratch) } == .damaged, "byte \(index)")
            #expect(try scratch.bytes(name) == damaged, "a refused journal stays as it is")
        }
    }

    @Test func aTailBelowAPositionKnownToBeCommittedIsDamage() throws {
        var damaged = fixture.content
        damaged[fixture.offset(fixture.heads[5]) + 60] ^= 1
        try fixture.scratch.write(damaged, to: fixture.name)
        #expect(code { _ = try open(fixture.scratch, committed: fixture.heads[6].position) } == .damaged)
        #expect(try fixture.scratch.bytes(fixture.name) == damaged)
        let journal = try open(fixture.scratch, committed: fixture.heads[5].position)
        #expect(journal.head == fixture.heads[5])
    }

    @Test func aLostJournalIsToldWhenSomethingOfItWasCommitted() throws {
        #expect(code { _ = try open(Scratch(), committed: 5000) } == .notFound)
    }

    @Test func framesBelowTheMarkOfACleanStopAreDamageWhenTheyAreGone() throws {
        var damaged = fixture.content
        for index in fixture.offset(fixture.heads[2])..<damaged.count { damaged[index] = 0 }
        try fixture.scratch.write(damaged, to: fixture.name)
        #expect(code { _ = try open(fixture.scratch) } == .damaged)
    }

    @Test func aJournalOfAnotherHistoryIsRefusedByTheMark() throws {
        let other = Scratch()
        let journal = try open(other)
        for number in 0..<6 {
            try journal.append("other \(number)", personal: number % 2 == 0 ? ["person \(number)"] : [])
        }
        try journal.sync()
        try journal.close()
        try other.write(fixture.scratch.bytes(PositionMark.confirmed), to: PositionMark.confirmed)
        #expect(code { _ = try open(other) } == .diverged)
    }
}
