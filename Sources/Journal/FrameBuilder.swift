/// The frame that is being built: its personal records and its body, in memory.
///
/// `front` holds the header's room, the personal section and, once sealed, the digest entries; the body lies apart so
/// that neither has to move. Two writes put them on disk side by side.
final class FrameBuilder {
    var body = ByteWriter(capacity: 1 << 16)
    private(set) var front = ByteWriter(capacity: 1 << 16)
    private var digests = ByteWriter(capacity: 1 << 12)
    private(set) var position: UInt64 = 0
    /// The newest record's position; the frame's own before the first.
    private(set) var newestPersonal: UInt64 = 0
    private var personalCount = 0

    private let sha = SHA256()
    private let random: RandomSource
    /// Salts are drawn in blocks: a call for each would cost more than the record.
    private var salts = [UInt8](repeating: 0, count: 4096)
    private var usedSaltBytes = 4096
    private var randomFailure: (any Error)?

    init(random: RandomSource) { self.random = random }

    /// The frame's size if it were sealed now.
    var frameBytes: Int { FrameHeader.padded(front.count + digests.count + body.count) }

    func begin(at position: UInt64) {
        self.position = position
        newestPersonal = position
        personalCount = 0
        randomFailure = nil
        digests.truncate()
        body.truncate()
        front.truncate()
        front.appendZeros(FrameHeader.byteCount)
    }

    /// Adds a record and returns its logical position.
    func appendPersonal(_ data: UnsafeRawBufferPointer) -> UInt64 {
        let distance = front.count
        front.appendFixed(UInt32(distance))
        front.appendFixed(UInt32(0))
        front.appendFixed(UInt32(data.count))
        front.appendFixed(UInt32(personalCount))
        let salted = front.count
        withSalt { front.append($0) }
        front.append(data)
        let digest = sha.digest(UnsafeRawBufferPointer(rebasing: front.bytes[salted...]))
        withUnsafeBytes(of: digest.words) { digests.append($0) }
        digests.appendFixed(UInt32(data.count))
        personalCount += 1
        newestPersonal = position + UInt64(distance)
        return newestPersonal
    }

    /// The position that the next record gets.
    var nextPersonal: UInt64 { position + UInt64(front.count) }

    private func withSalt(_ use: (UnsafeRawBufferPointer) -> Void) {
        if usedSaltBytes + PersonalRecord.saltBytes > salts.count {
            // The failure is thrown when the frame is sealed: it never leaves memory without random salts.
            do { try salts.withUnsafeMutableBytes(random.fill) } catch { randomFailure = error }
            usedSaltBytes = 0
        }
        defer { usedSaltBytes += PersonalRecord.saltBytes }
        salts.withUnsafeBytes { all in
            use(UnsafeRawBufferPointer(rebasing: all[usedSaltBytes..<usedSaltBytes + PersonalRecord.saltBytes]))
        }
    }

    /// Completes `header` and the buffers: afterwards `front` and `body` follow each other on disk.
    func seal(_ header: FrameHeader) throws -> FrameHeader {
        if let randomFailure { throw randomFailure }
        var header = header
        header.position = position
        header.personalCount = personalCount
        header.personalBytes = front.count - FrameHeader.byteCount
        header.bodyBytes = body.count
        let coveredOffset = front.count
        pointRecordsAtDigests(coveredOffset)
        front.append(digests.bytes)
        body.appendZeros(header.frameBytes - front.count - body.count)

        let base = front.mutableBytes.baseAddress!
        header.store(to: base)
        let entries = UnsafeRawBufferPointer(rebasing: front.bytes[coveredOffset...])
        header.hash = sha.digest(
            UnsafeRawBufferPointer(rebasing: front.bytes[FrameHeader.hashedRange]), entries, body.bytes)
        header.hash.store(to: base + 120)
        var checksum = crc32c(UnsafeRawBufferPointer(rebasing: front.bytes[FrameHeader.checksummedRange]))
        checksum = crc32c(entries, from: checksum)
        header.checksum = crc32c(body.bytes, from: checksum)
        header.store(to: base)
        return header
    }

    /// Lengths are taken from the entries, which lie together: the records themselves are out of the cache by now.
    private func pointRecordsAtDigests(_ coveredOffset: Int) {
        var record = FrameHeader.byteCount
        for index in 0..<personalCount {
            let entry = index * FrameHeader.digestEntryBytes
            front.store(UInt32(coveredOffset + entry), at: record + 4)
            let length = digests.bytes.loadUnaligned(fromByteOffset: entry + FrameHash.byteCount, as: UInt32.self)
            record += PersonalRecord.overhead + Int(UInt32(littleEndian: length))
        }
    }

    /// The data of a record of the frame being built; nil if none begins at `position`.
    func personal(at position: UInt64) -> UnsafeRawBufferPointer? {
        let distance = Int(position - self.position)
        guard distance >= FrameHeader.byteCount, distance + PersonalRecord.overhead <= front.count else { return nil }
        let header = PersonalRecord.Header(at: front.bytes.baseAddress! + distance)
        let data = distance + PersonalRecord.overhead
        guard header.frameDistance == UInt32(distance), data + Int(header.length) <= front.count else { return nil }
        return UnsafeRawBufferPointer(rebasing: front.bytes[data..<data + Int(header.length)])
    }
}
