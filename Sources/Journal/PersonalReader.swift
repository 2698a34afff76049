/// Reads single personal records back: what a command is built from.
///
/// A record is read in two places: the record itself, and its digest in the covered part. The rest of the frame is not
/// needed: no accident makes 32 bytes into the digest of something else.
final class PersonalReader {
    private let directory: String
    private let sha = SHA256()
    private var records = ReadWindow(byteCount: 64 << 10)
    private var digests = ReadWindow(byteCount: 4 << 10)

    /// Most records come with the first read.
    private static let firstReadBytes = 1024

    init(directory: String) { self.directory = directory }

    /// Keeps nothing of what was read.
    func forget() {
        records.forget()
        digests.forget()
    }

    /// The record's data, valid until the next call.
    ///
    /// - Parameter head: up to which position everything is written, if that is known: then records around this one may
    ///   be read with it, and kept until the head has moved.
    func read(
        _ position: UInt64, from file: any File, first: UInt64, head: UInt64? = nil
    ) throws -> UnsafeRawBufferPointer {
        let span = ReadWindow.Span(first: first, head: head)
        do { return try readOnce(position, from: file, span) } catch let error as JournalError
            where error.code == .damaged
        {
            // It may be destroyed at this moment: then another look finds that it is.
            forget()
            return try readOnce(position, from: file, span)
        }
    }

    private func readOnce(
        _ position: UInt64, from file: any File, _ span: ReadWindow.Span
    ) throws -> UnsafeRawBufferPointer {
        let first = span.first
        let offset = position - first
        var record = try records.bytes(at: offset, atLeast: Self.firstReadBytes, of: file, span)
        guard record.count >= PersonalRecord.overhead else {
            throw damage(first, offset, "no personal record is there")
        }
        let header = PersonalRecord.Header(at: record.baseAddress!)
        let digest = try self.digest(header, offset, file, span)
        let end = PersonalRecord.overhead + Int(header.length)
        if record.count < end {
            record = try records.bytes(at: offset, atLeast: end, of: file, span)
            guard record.count >= end else { throw damage(first, offset, "the personal record ends too early") }
        }
        let salt = UnsafeRawBufferPointer(
            rebasing: record[PersonalRecord.headerBytes..<PersonalRecord.overhead])
        let data = UnsafeRawBufferPointer(rebasing: record[PersonalRecord.overhead..<end])
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
        _ header: PersonalRecord.Header, _ offset: UInt64, _ file: any File, _ span: ReadWindow.Span
    ) throws -> FrameHash {
        let distance = UInt64(header.frameDistance)
        guard distance >= UInt64(FrameHeader.byteCount), distance <= offset,
            header.digestDistance > header.frameDistance
        else { throw damage(span.first, offset, "no personal record is there") }
        let entry = try digests.bytes(
            at: offset - distance + UInt64(header.digestDistance), atLeast: FrameHeader.digestEntryBytes, of: file,
            span)
        guard entry.count >= FrameHeader.digestEntryBytes,
            UInt32(littleEndian: entry.loadUnaligned(fromByteOffset: FrameHash.byteCount, as: UInt32.self))
                == header.length
        else { throw damage(span.first, offset, "the personal record's digest is not where it should be") }
        return FrameHash(at: entry.baseAddress!)
    }

    private func path(_ first: UInt64) -> String { "\(directory)/\(SegmentName.of(first))" }

    private func damage(_ first: UInt64, _ offset: UInt64, _ what: String) -> JournalError {
        JournalError(
            .damaged, path: path(first), offset: offset,
            message: "\(what): restore the file from a backup, and check the disk")
    }
}
