import Testing

@testable import Journal

@Suite struct ShardJournalTests {
    let scratch = Scratch()

    @Test func whatWasAppendedIsReadBackAcrossSegments() throws {
        let journal = try open(scratch)
        var expected: [Seen] = []
        for number in 0..<200 {
            let position = journal.head.position
            let body = String(repeating: "b", count: number * 7 % 400) + "\(number)"
            let personal = (0..<number % 4).map { "person \(number).\($0)" }
            try journal.append(body, personal: personal)
            expected.append(Seen(position: position, body: body, personal: personal))
        }
        try journal.sync()
        #expect(try SegmentName.list(scratch.shard, disk).count > 3)
        #expect(try readAll(scratch, knownEnd: journal.head.position) == expected)
        let head = journal.head
        try journal.close()

        let again = try open(scratch)
        #expect(again.head == head)
        #expect(try readAll(scratch) == expected)
        try again.append("more")
        #expect(try readAll(scratch).count == 201)
    }

    @Test func framesThatAreAppendedWhileASyncIsUnderWayAreNotPartOfIt() throws {
        let journal = try open(scratch)
        try journal.append("first")
        let sync = try journal.beginSync()
        let first = journal.head
        // Over the end of the segment that is being synced.
        for number in 0..<200 { try journal.append(String(repeating: "x", count: 300) + "\(number)") }
        #expect(try SegmentName.list(scratch.shard, disk).count > 1)
        try sync.run()
        try journal.endSync(sync, .success(()))
        #expect(sync.end == first.position)
        #expect(journal.durable >= first.position && journal.durable < journal.head.position)
        journal.confirm(Confirmation(position: first.position, hash: first.hash, offset: 1))
        try journal.sync()
        #expect(journal.durable == journal.head.position)
        #expect(try readAll(scratch).count == 201)
    }

    @Test func aSyncThatFailedElsewhereStopsTheJournal() throws {
        let journal = try open(scratch)
        try journal.append("first")
        let sync = try journal.beginSync()
        let failure = JournalError(.inputOutput, path: "disk", message: "gone")
        #expect(throws: JournalError.self) { try journal.endSync(sync, .failure(failure)) }
        #expect(throws: JournalError.self) { try journal.append("second") }
        #expect(journal.durable < journal.head.position)
    }

    @Test func positionsAreContiguousAndNeverZero() throws {
        let journal = try open(scratch)
        #expect(journal.head == .start)
        var ends = [journal.head.position]
        for number in 0..<50 {
            try journal.append(String(repeating: "x", count: number * 31))
            ends.append(journal.head.position)
        }
        #expect(try readAll(scratch).map(\.position) == ends.dropLast())
        #expect(ends.allSatisfy { $0 > 0 && $0 % 8 == 0 })
    }

    @Test func everyEndOfAFrameHasItsHashAndNoOtherPlaceHasOne() throws {
        let journal = try open(scratch)
        var heads = [journal.head]
        for number in 0..<60 {
            try journal.append(String(repeating: "x", count: number * 31))
            heads.append(journal.head)
        }
        for head in heads {
            #expect(try journal.hash(at: head.position) == head.hash)
            #expect(try journal.hash(at: head.position + 8) == nil)
        }
        #expect(Set(heads.map(\.hash)).count == heads.count)
    }

    @Test func personalRecordsAreFoundWhereverTheyAre() throws {
        let journal = try open(scratch)
        var known: [UInt64: String] = [:]
        for number in 0..<120 {
            let texts = (0..<3).map { String(repeating: "p\(number)", count: $0 * 200) }
            for (position, text) in zip(try journal.append("frame", personal: texts), texts) { known[position] = text }
            if number % 10 == 0 { try journal.sync() }
        }
        try journal.beginFrame()
        for text in ["", "being built"] {
            known[Array(text.utf8).withUnsafeBytes { journal.appendPersonal($0) }] = text
        }
        #expect(known.count == 362)
        for (position, text) in known { #expect(try journal.personalText(position) == text) }
        for position in [0, 8, 4096, journal.head.position, known.keys.max()! + 8] {
            #expect(code { _ = try journal.personalText(position) } != nil)
        }
        journal.discardFrame()
        #expect(code { _ = try journal.personalText(known.keys.max()!) } == .notFound)
    }

    @Test func aDestroyedRecordIsReportedAndTheChainStillVerifies() throws {
        let journal = try open(scratch)
        let positions = try journal.append("body", personal: ["first", "second", "third"])
        try journal.append("after")
        let name = SegmentName.of(4096)
        var bytes = try scratch.bytes(name)
        let salt = Int(positions[1] - 4096) + PersonalRecord.headerBytes
        for index in salt..<salt + PersonalRecord.saltBytes + 6 { bytes[index] = 0 }
        try scratch.write(bytes, to: name)

        #expect(code { _ = try journal.personalText(positions[1]) } == .destroyed)
        #expect(try journal.personalText(positions[2]) == "third")
        #expect(try readAll(scratch).map(\.personal) == [["first", nil, "third"], []])

        bytes[salt + PersonalRecord.saltBytes] = 1
        try scratch.write(bytes, to: name)
        #expect(code { _ = try journal.personalText(positions[1]) } == .damaged)
        #expect(code { _ = try readAll(scratch) } == .damaged)
    }

    @Test func aFrameThatDoesNotFitIsRefusedAndTheJournalGoesOn() throws {
        let journal = try open(scratch)
        #expect(code { try journal.append(String(repeating: "x", count: 20_000)) } == .frameTooLarge)
        #expect(code { try journal.beginFrame(reserving: 20_000) } == .frameTooLarge)
        try journal.append("small")
        #expect(try readAll(scratch).map(\.body) == ["small"])
    }

    @Test func aFirstSegmentThatIsTooSmallForTheFirstFrameIsReplaced() throws {
        let settings = JournalSettings(segmentBytes: 65536, maximumFrameBytes: 8192)
        let journal = try open(scratch, settings: settings)
        let body = String(repeating: "x", count: 40_000)
        try journal.append(body, reserving: 50_000)
        #expect(try readAll(scratch).map(\.body) == [body])
        #expect(try SegmentName.list(scratch.shard, disk) == [4096])
    }

    /// A shard that fills segments quickly must not wait for zeros to be written.
    @Test func behindASegmentThatIsBegunTheNextOneIsPreparedAtOnce() throws {
        let scratch = Scratch()
        let journal = try open(scratch, settings: inOneThread)
        func segments() throws -> Int { try SegmentName.list(scratch.shard, disk).count }
        while try segments() < 3 { try journal.append(String(repeating: "x", count: 3000)) }
        let names = try disk.list(scratch.shard)
        #expect(names.contains(SegmentName.prepared), "\(names)")
        try journal.close()
    }

    @Test func confirmationsAreRestoredFromFramesAndFromTheMarkOfACleanStop() throws {
        var journal = try open(scratch)
        #expect(journal.confirmed == .none)
        try journal.append("one")
        try journal.sync()
        let first = Confirmation(position: journal.head.position, hash: journal.head.hash, offset: 17)
        journal.confirm(first)
        try journal.append("two")
        try journal.sync()
        let second = Confirmation(position: journal.head.position, hash: journal.head.hash, offset: 42)
        try journal.close()

        journal = try open(scratch)
        #expect(journal.confirmed == first)
        journal.confirm(second)
        try journal.markCleanStop()
        try journal.close()
        let reader = try JournalReader(directory: scratch.shard, fileSystem: disk)
        #expect(try reader.confirmation() == second)

        journal = try open(scratch)
        #expect(journal.confirmed == second)
    }

    @Test func aSecondWriterIsRefusedUntilTheFirstHasClosed() throws {
        let first = try open(scratch)
        #expect(code { _ = try open(scratch) } == .locked)
        try first.close()
        let second = try open(scratch)
        #expect(code { try first.append("too late") } == .failed)
        try second.append("fine")
    }

    @Test func settingsThatMakeNoSenseAreRefused() {
        #expect(
            code {
                _ = try open(scratch, settings: JournalSettings(segmentBytes: 8192, maximumFrameBytes: 8192))
            } == .invalidSetting)
    }
}
