import Testing

@testable import Journal

@Suite struct LargeWriteTests {
    /// From the file's beginning and from elsewhere, in pieces of several sizes.
    @Test(arguments: [0, 5_000_000], [4096, 300_000, 1 << 20, 3 << 20])
    func theDiskNeverHasMoreThanTwoPortionsToDo(start: Int, piece: Int) throws {
        let file = CountingFile()
        var output = LargeWrite(file, from: UInt64(start))
        let bytes = [UInt8](repeating: 7, count: piece)
        let portion = max(piece, Int(LargeWrite.portionBytes))
        for number in 0..<(16 << 20) / piece {
            try bytes.withUnsafeBytes { try output.write($0, at: UInt64(start + number * piece)) }
            #expect(file.outstanding <= 2 * portion + piece)
        }
        #expect(file.written == start..<start + (16 << 20) / piece * piece)
        #expect(file.mostOutstanding >= piece)
    }

    @Test func aDiskThatFailsMeanwhileIsToldOf() throws {
        let file = CountingFile()
        file.fails = true
        var output = LargeWrite(file)
        #expect(throws: JournalError.self) {
            let bytes = [UInt8](repeating: 7, count: 1 << 20)
            for number in 0..<16 {
                try bytes.withUnsafeBytes { try output.write($0, at: UInt64(number << 20)) }
            }
        }
    }
}

/// Keeps nothing but counts: what was written, and what the disk was waited for. One thread uses it.
private final class CountingFile: File, @unchecked Sendable {
    private(set) var written = 0..<0
    private(set) var mostOutstanding = 0
    private var waitedFor = 0
    var fails = false

    var outstanding: Int { written.count - waitedFor }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) {
        if written.isEmpty { written = Int(offset)..<Int(offset) }
        #expect(Int(offset) == written.upperBound)
        written = written.lowerBound..<Int(offset) + bytes.count
        mostOutstanding = max(mostOutstanding, outstanding)
    }

    func waitUntilWritten(_ range: Range<UInt64>) throws {
        if range.isEmpty { return }
        if fails { throw JournalError(.inputOutput, path: "a", message: "cannot be written") }
        #expect(Int(range.lowerBound) == written.lowerBound + waitedFor)
        waitedFor += range.count
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Int { 0 }
    func sync() {}
    func size() -> UInt64 { UInt64(written.upperBound) }
    func truncate(to size: UInt64) {}
    func map(length: Int, _ access: MapAccess) throws -> any MappedRegion {
        throw JournalError(.inputOutput, path: "a", message: "has nothing to be mapped")
    }
    func close() {}
}
