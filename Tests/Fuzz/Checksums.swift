import CChecksum
import Journal

/// A frame's checksum and hash, computed beside the journal's own code; and made right in a segment's bytes.
enum Checksums {
    /// How much of a frame is made right; each includes the ones before.
    enum Repair: Int {
        /// The CRC-32C.
        case checksums = 1
        /// The SHA-256 of the content.
        case hashes
        /// The position, the hash of the predecessor, and the personal records' digests.
        case chain
    }

    private static let digestBytes = 36

    /// The size of the frame at `bytes`' beginning and where its covered part begins; `nil` if it does not fit.
    private static func extent(_ bytes: UnsafeRawBufferPointer) -> (size: Int, covered: Int, count: Int)? {
        guard bytes.count >= FrameHeader.byteCount else { return nil }
        let personal = number(bytes, 44)
        let count = number(bytes, 48)
        let covered = FrameHeader.byteCount + personal
        let size = (covered + count * digestBytes + number(bytes, 52) + 7) & ~7
        return size <= bytes.count ? (size, covered, count) : nil
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }

    private static func part(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer, _ covered: Int, _ size: Int) -> UInt32 {
        // From the table, not with the processor's instruction: the two have to agree.
        let front = winback_crc32c_portable(0, bytes.baseAddress! + 8, FrameHeader.byteCount - 8)
        return winback_crc32c_portable(front, bytes.baseAddress! + covered, size - covered)
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer, _ covered: Int, _ size: Int, _ sha: SHA256) -> FrameHash {
        sha.digest(part(bytes, 8..<120), part(bytes, covered..<size))
    }

    static func isRight(_ frame: UnsafeRawBufferPointer, _ sha: SHA256) -> Bool {
        guard let (size, covered, _) = extent(frame), size == frame.count else { return false }
        return number(frame, 4) == Int(checksum(frame, covered, size))
            && FrameHash(at: frame.baseAddress! + 120) == hash(frame, covered, size, sha)
    }

    /// Goes from frame to frame, as far as their lengths lead.
    static func repair(_ segment: UnsafeMutableRawBufferPointer, _ repair: Repair, _ sha: SHA256) {
        var start = 0
        var previous = FrameHash.zero
        while let (size, _, _) = extent(UnsafeRawBufferPointer(rebasing: segment[start...])) {
            let frame = UnsafeMutableRawBufferPointer(rebasing: segment[start..<start + size])
            repairFrame(frame, repair, sha, position: JournalHead.start.position + UInt64(start), previous)
            previous = FrameHash(at: frame.baseAddress! + 120)
            start += size
        }
    }

    static func repairFrame(
        _ frame: UnsafeMutableRawBufferPointer, _ repair: Repair, _ sha: SHA256, position: UInt64, _ previous: FrameHash
    ) {
        let bytes = UnsafeRawBufferPointer(frame)
        guard let base = frame.baseAddress, let (size, covered, count) = extent(bytes) else { return }
        if repair == .chain {
            previous.store(to: base + 8)
            base.storeBytes(of: position.littleEndian, toByteOffset: 56, as: UInt64.self)
            repairDigests(frame, covered, count, sha)
        }
        if repair.rawValue >= Repair.hashes.rawValue { hash(bytes, covered, size, sha).store(to: base + 120) }
        base.storeBytes(of: checksum(bytes, covered, size).littleEndian, toByteOffset: 4, as: UInt32.self)
    }

    /// Digests, by the lengths that lie beside them, of the records that these lead to.
    private static func repairDigests(
        _ frame: UnsafeMutableRawBufferPointer, _ covered: Int, _ count: Int, _ sha: SHA256
    ) {
        let bytes = UnsafeRawBufferPointer(frame)
        var record = FrameHeader.byteCount
        for index in 0..<count {
            let entry = covered + index * digestBytes
            let data = record + PersonalRecord.headerBytes
            let end = data + PersonalRecord.saltBytes + number(bytes, entry + digestBytes - 4)
            guard end <= covered else { return }
            sha.digest(part(bytes, data..<end)).store(to: frame.baseAddress! + entry)
            record = end
        }
    }
}
