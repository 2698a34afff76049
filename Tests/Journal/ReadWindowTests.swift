import DiskTestSupport
import Testing

@testable import Journal

/// Records that lie close together are read together, and nothing that is kept outlives the journal's head.
@Suite struct ReadWindowTests {
    private final class Reads {
        var ranges: [Range<Int>] = []
    }

    private static let first: UInt64 = 1 << 20
    private let memory = MemoryDisk()
    private let file: any File
    /// What is read of the file.
    private let reads = Reads()

    init() throws {
        memory.set("segment", to: (0..<10_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
        file = try memory.open("segment", .read)
        memory.wasRead = { [reads] in reads.ranges.append(Int($1)..<Int($1) + $0.count) }
    }

    private func span(written: Int?) -> ReadWindow.Span {
        ReadWindow.Span(first: Self.first, head: written.map { Self.first + UInt64($0) })
    }

    /// Reads 100 bytes at each offset, and sees that they are those of the file.
    private func read(_ offsets: some Sequence<Int>, through window: inout ReadWindow, written: Int?) throws {
        for offset in offsets {
            let bytes = try window.bytes(at: UInt64(offset), atLeast: 100, of: file, span(written: written))
            #expect(bytes.count >= 100)
            let kept = try memory.bytes("segment")[offset..<offset + 100]
            #expect(Array(bytes.prefix(100)) == Array(kept))
        }
    }

    @Test func whatFollowsCloselyIsReadTogether() throws {
        var window = ReadWindow(byteCount: 1_000)
        try read(stride(from: 0, through: 9_900, by: 150), through: &window, written: 10_000)
        #expect(reads.ranges.count < 67 / 5, "of 67 places")
        #expect(reads.ranges.allSatisfy { $0.count <= 1_000 })
    }

    @Test func whatLiesApartIsReadAlone() throws {
        var window = ReadWindow(byteCount: 1_000)
        let offsets = [9_000, 10, 5_000, 2_000, 8_000, 0]
        try read(offsets, through: &window, written: 10_000)
        #expect(reads.ranges == offsets.map { $0..<$0 + 100 })
    }

    @Test func nothingIsReadThatIsNotWrittenYet() throws {
        var window = ReadWindow(byteCount: 1_000)
        try read([0, 150, 300], through: &window, written: 500)
        #expect(reads.ranges == [0..<100, 150..<500])
    }

    @Test func whenTheHeadHasMovedAllIsReadAgain() throws {
        var window = ReadWindow(byteCount: 1_000)
        try read([0, 150], through: &window, written: 5_000)
        try memory.bytes("segment")[200] = 255
        try read([150], through: &window, written: 5_100)
        #expect(reads.ranges.count == 3)
    }

    @Test func withoutAHeadNothingIsKept() throws {
        var window = ReadWindow(byteCount: 1_000)
        try read([0, 150, 150, 150], through: &window, written: nil)
        #expect(reads.ranges.count == 4)
    }

    @Test func whatIsForgottenIsReadAgain() throws {
        var window = ReadWindow(byteCount: 1_000)
        try read([0, 150, 300], through: &window, written: 5_000)
        window.forget()
        try read([300], through: &window, written: 5_000)
        #expect(reads.ranges == [0..<100, 150..<1_150, 300..<400])
    }

    /// Through the journal: records of several frames, in any order.
    @Test func recordsComeBackFromTheirPlaces() throws {
        let scratch = Scratch()
        let journal = try open(scratch)
        var texts: [UInt64: String] = [:]
        for frame in 0..<40 {
            let personal = (0..<3).map { "person \(frame) \($0) " + String(repeating: "p", count: 90 * $0) }
            for (place, text) in zip(try journal.append("frame \(frame)", personal: personal), personal) {
                texts[place] = text
            }
        }
        for order in [texts.keys.sorted(), texts.keys.sorted(by: >), Array(texts.keys)] {
            for position in order { #expect(try journal.personalText(position) == texts[position]) }
        }
    }

    /// What is destroyed beside a record that has just been read is gone for who reads after the next frame.
    @Test func whatWasDestroyedIsNotKept() throws {
        let scratch = Scratch()
        let journal = try open(scratch)
        let frame = journal.head.position
        // The last one is long, so that all of them are kept together.
        let people = ["jane", "john", "joan", String(repeating: "x", count: 2_000)]
        let places = try journal.append("frame", personal: people)
        try journal.sync()
        for (place, text) in zip(places, people) { #expect(try journal.personalText(place) == text) }
        let destruction = PersonalDestruction(directory: scratch.shard, fileSystem: disk)
        try destruction.destroy(
            [PersonalDestruction.Place(frame: frame, record: places[2])], inSegment: journal.currentSegment)
        try journal.append("another")
        #expect(try journal.personalText(places[1]) == "john")
        #expect(code { _ = try journal.personalText(places[2]) } == .destroyed)
    }
}
