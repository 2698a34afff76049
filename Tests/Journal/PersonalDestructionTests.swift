import DiskTestSupport
import Testing

@testable import Journal

/// Personal data is overwritten in place, for good, and everything else of the journal stays as it was.
@Suite struct PersonalDestructionTests {
    /// Frames over several segments, with a record of Jane and one of John in each.
    private struct Example {
        let disk: SimulatedDisk
        private(set) var jane: [UInt64: [PersonalDestruction.Place]] = [:]
        private(set) var records: [UInt64: String] = [:]
        private(set) var head = JournalHead.start

        init() throws {
            disk = SimulatedDisk(Fortune(seed: 1))
            try disk.makeDirectory("shard", permissions: 0o700)
            var settings = small
            settings.background = { $0() }
            let journal = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: settings)
            for number in 0..<30 {
                let position = journal.head.position
                // Records of more than a sector, so that a torn one is half there.
                let texts = ["jane \(number) " + String(repeating: "j", count: 700), "john \(number)"]
                let places = try journal.append("frame \(number)", personal: texts)
                for (place, text) in zip(places, texts) { records[place] = text }
                jane[try #require(journal.files.first(of: position)), default: []].append(
                    PersonalDestruction.Place(frame: position, record: places[0]))
            }
            try journal.sync()
            head = journal.head
            try journal.close()
        }

        func destroy(on disk: SimulatedDisk) throws {
            let destruction = PersonalDestruction(directory: "shard", fileSystem: disk)
            for (segment, places) in jane.sorted(by: { $0.key < $1.key }) {
                try destruction.destroy(places, inSegment: segment)
            }
        }

        /// Reads everything and verifies all of it; the texts that are left.
        func left(on disk: SimulatedDisk) throws -> [UInt64: String] {
            var left: [UInt64: String] = [:]
            let reader = try JournalReader(directory: "shard", fileSystem: disk, verification: .everything)
            while let frame = try reader.next(knownEnd: head.position) {
                try frame.forEachPersonal { left[$0.position] = $0.bytes.map { String(decoding: $0, as: UTF8.self) } }
            }
            #expect(reader.head == head)
            return left
        }

        var johns: [UInt64: String] { records.filter { $0.value.hasPrefix("john") } }
    }

    @Test func checksumChainAndAllElseStay() throws {
        let example = try Example()
        #expect(example.jane.count > 2)
        #expect(try example.left(on: example.disk) == example.records)
        try example.destroy(on: example.disk)
        #expect(try example.left(on: example.disk) == example.johns)
        // Nothing of it is left in any byte, the salts included.
        example.disk.losePower()
        for (segment, places) in example.jane {
            let file = try example.disk.open("shard/\(SegmentName.of(segment))", .read)
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(try file.size()), alignment: 8)
            defer { bytes.deallocate() }
            _ = try file.read(into: bytes, at: 0)
            for place in places {
                let start = Int(place.record - segment) + PersonalRecord.headerBytes
                #expect(bytes[start..<start + PersonalRecord.saltBytes + 700].allSatisfy { $0 == 0 })
            }
        }
        let journal = try ShardJournal.open(directory: "shard", fileSystem: example.disk, settings: small)
        #expect(journal.head == example.head)
        let jane = try #require(example.jane.values.first?.first)
        #expect(code { _ = try journal.personalText(jane.record) } == .destroyed)
        try journal.close()
    }

    @Test func aPlaceThatIsNoRecordChangesNothing() throws {
        let example = try Example()
        let place = try #require(example.jane[JournalHead.start.position]?.first)
        let destruction = PersonalDestruction(directory: "shard", fileSystem: example.disk)
        for wrong in [
            PersonalDestruction.Place(frame: place.frame, record: place.record + 8),
            PersonalDestruction.Place(frame: place.frame + 8, record: place.record),
        ] {
            #expect(
                code { try destruction.destroy([wrong], inSegment: JournalHead.start.position) } == .damaged)
        }
        #expect(try example.left(on: example.disk) == example.records)
    }

    /// Power, process or disk fail at each call; it is done again; then the power fails once more.
    @Test(arguments: [
        Fault.powerBefore, .powerAfter, .killBefore, .killAfter, .inputOutput, .shortWrite, .full, .lostPages,
    ])
    func whateverFailsAtWhicheverCallDoneAgainItIsDone(fault: Fault) throws {
        let example = try Example()
        let counted = Fortune(seed: 2)
        try example.destroy(on: example.disk.copy(counted))
        var met = 0
        for call in 1...counted.operations {
            let fortune = Fortune(seed: UInt64(call))
            let disk = example.disk.copy(fortune)
            fortune.plan = FaultPlan(scheduled: [call: fault])
            let outcome = Result { try example.destroy(on: disk) }
            guard fortune.happened[fault] != nil else { continue }
            met += 1
            #expect(throws: (any Error).self) { try outcome.get() }
            fortune.plan = FaultPlan()
            disk.restart()
            fortune.revive()
            try example.destroy(on: disk)
            disk.losePower()
            let left = try example.left(on: disk)
            #expect(left == example.johns, "\(fault) at call \(call)")
        }
        #expect(met > 0)
    }

    @Test func whatATornAppendHasLeftIsClearedBehindTheLastFrame() throws {
        let example = try Example()
        let segment = try #require(example.jane.keys.max())
        let path = "shard/\(SegmentName.of(segment))"
        let file = try example.disk.open(path, .write)
        let torn = Array("jane, in a frame that was never whole".utf8)
        let offset = example.head.position - segment + 320
        try torn.withUnsafeBytes { try file.write($0, at: offset) }
        try PersonalDestruction(directory: "shard", fileSystem: example.disk)
            .clear(behind: example.head.position, inSegment: segment)
        example.disk.losePower()
        var bytes = [UInt8](repeating: 1, count: torn.count)
        let again = try example.disk.open(path, .read)
        _ = try bytes.withUnsafeMutableBytes { try again.read(into: $0, at: offset) }
        #expect(bytes.allSatisfy { $0 == 0 })
        #expect(try example.left(on: example.disk) == example.records)
    }
}
