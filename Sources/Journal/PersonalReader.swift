/// Reads single personal records back: what a command is built from.
///
/// Two reads a record: the record itself, and its digest in the covered part. The rest of the frame is not needed: no
/// accident makes 32 bytes into the digest of something else.
final class PersonalReader {
    private let directory: String
    private let sha = SHA256()
    private var buffer: UnsafeMutableRawBufferPointer

    /// Most records come with the first read.
    private static let firstReadBytes = 1024

    init(directory: String) {
        self.directory = directory
        buffer = .allocate(byteCount: Self.firstReadBytes, alignment: 64)
    }

    deinit { buffer.deallocate() }

    /// The record's data, valid until the next call.
    func read(_ position: UInt64, from file: any File, first: UInt64) throws -> UnsafeRawBufferPointer {
        do { return try readOnce(position, from: file, first: first) } catch let error as JournalError
            where error.code == .damaged
        {
            // It may be destroyed at this moment: then another look finds that it is.
            return try readOnce(position, from: file, first: first)
        }
    }

    private func readOnce(_ position: UInt64, from file: any File, first: UInt64) throws -> UnsafeRawBufferPointer {
        let offset = position - first
        var count = try file.read(into: buffer, at: offset)
        guard count >= PersonalRecord.overhead else { throw damage(first, offset, "no personal record is there") }
        let header = PersonalRecord.Header(at: buffer.baseAddress!)
        let digest = try self.digest(header, offset, file, first)
        let length = Int(header.length)
        let end = PersonalRecord.overhead + length
        if count < end {
            grow(to: end)
            count = try file.read(into: buffer, at: offset)
            guard count >= end else { throw damage(first, offset, "the personal record ends too early") }
        }
        let salt = UnsafeRawBufferPointer(
            rebasing: buffer[PersonalRecord.headerBytes..<PersonalRecord.overhead])
        let data = UnsafeRawBufferPointer(rebasing: buffer[PersonalRecord.overhead..<end])
        switch PersonalRecord.state(salt: salt, data: data, digest: digest, sha: sha) {
        case .intact: return data
        case .destroyed:
            throw JournalError(
                .destroyed, path: path(first), offset: offset,
                message: "this personal data has been destroyed, after an erasure or at the end of its retention")
        case .damaged: throw damage(first, offset, "the personal record does not match its digest")
        }
    }

    private func digest(
        _ header: PersonalRecord.Header, _ offset: UInt64, _ file: any File, _ first: UInt64
    ) throws -> FrameHash {
        let distance = UInt64(header.frameDistance)
        guard distance >= UInt64(FrameHeader.byteCount), distance <= offset,
            header.digestDistance > header.frameDistance
        else { throw damage(first, offset, "no personal record is there") }
        return try withUnsafeTemporaryAllocation(byteCount: FrameHeader.digestEntryBytes, alignment: 8) { entry in
            let count = try file.read(into: entry, at: offset - distance + UInt64(header.digestDistance))
            guard count == entry.count,
                UInt32(littleEndian: entry.loadUnaligned(fromByteOffset: FrameHash.byteCount, as: UInt32.self))
                    == header.length
            else { throw damage(first, offset, "the personal record's digest is not where it should be") }
            return FrameHash(at: entry.baseAddress!)
        }
    }

    private func grow(to count: Int) {
        guard count > buffer.count else { return }
        buffer.deallocate()
        buffer = .allocate(byteCount: count, alignment: 64)
    }

    private func path(_ first: UInt64) -> String { "\(directory)/\(SegmentName.of(first))" }

    private func damage(_ first: UInt64, _ offset: UInt64, _ what: String) -> JournalError {
        JournalError(
            .damaged, path: path(first), offset: offset,
            message: "\(what): restore the file from a backup, and check the disk")
    }
}
