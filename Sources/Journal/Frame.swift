/// One frame as it lies in a reader's buffer. It is valid until that reader is asked for the next one.
public struct Frame {
    public let header: FrameHeader
    /// The segment file that holds it and where in that file it begins, for messages.
    public let path: String
    public let fileOffset: UInt64
    /// What has been read of it.
    public let part: Part
    /// From its header on. Where personal records have not been read, anything may be in their place.
    package let bytes: UnsafeRawBufferPointer
    let sha: SHA256

    public enum Part: Sendable {
        case whole
        /// All but its personal records, which are more than half of most frames.
        case covered
    }

    /// What of it a search may look at: all that has been read behind its header.
    public var content: UnsafeRawBufferPointer {
        switch part {
        case .whole: UnsafeRawBufferPointer(rebasing: bytes[FrameHeader.byteCount...])
        case .covered: covered
        }
    }

    public var position: UInt64 { header.position }
    /// Where the next frame begins, and this one's hash.
    public var head: JournalHead { header.head }
    /// What was known to be committed when this frame was written.
    public var confirmed: Confirmation { header.confirmed }
    public var body: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[header.bodyOffset..<header.bodyOffset + header.bodyBytes])
    }
    public var personalCount: Int { header.personalCount }
    /// What the personal records hold or, destroyed, have held.
    public var personalDataBytes: Int { header.personalBytes - header.personalCount * PersonalRecord.overhead }

    /// Whether the CRC covers header and covered part as they are.
    var isChecksumRight: Bool {
        let part = crc32c(UnsafeRawBufferPointer(rebasing: bytes[FrameHeader.checksummedRange]))
        return crc32c(covered, from: part) == header.checksum
    }

    /// Whether the hash that the frame carries is the one of its content.
    package var isHashRight: Bool {
        sha.digest(UnsafeRawBufferPointer(rebasing: bytes[FrameHeader.hashedRange]), covered) == header.hash
    }

    private var covered: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[header.coveredOffset...]) }

    /// Hands out the personal records in their order, each compared with its digest.
    ///
    /// Throws `.damaged` at the first one that is neither intact nor destroyed, and what `visit` throws.
    public func forEachPersonal(_ visit: (PersonalRecord) throws -> Void) throws {
        var distance = FrameHeader.byteCount
        for index in 0..<header.personalCount {
            let (record, length) = try personal(index: index, distance: distance)
            try visit(record)
            distance += PersonalRecord.overhead + length
        }
        guard distance == header.coveredOffset else {
            throw damage(distance, "the personal records do not fill their section")
        }
    }

    /// Hands out each personal record's logical position, and where in the frame its salt and its data lie. Both follow from
    /// what checksum and chain cover alone, so that nothing else is ever taken for a record.
    func forEachPersonalRange(_ visit: (UInt64, Range<Int>) -> Void) throws {
        var distance = FrameHeader.byteCount
        for index in 0..<header.personalCount {
            let start = distance
            distance += PersonalRecord.overhead + digestEntry(index).length
            guard distance <= header.coveredOffset else { break }
            visit(position + UInt64(start), start + PersonalRecord.headerBytes..<distance)
        }
        guard distance == header.coveredOffset else {
            throw damage(distance, "the personal records do not fill their section")
        }
    }

    private func digestEntry(_ index: Int) -> (distance: Int, length: Int) {
        let distance = header.coveredOffset + index * FrameHeader.digestEntryBytes
        let length = bytes.loadUnaligned(fromByteOffset: distance + FrameHash.byteCount, as: UInt32.self)
        return (distance, Int(UInt32(littleEndian: length)))
    }

    /// The personal record that begins at a logical position.
    ///
    /// Throws `.damaged` if none does or its bytes do not match their digest.
    public func personal(at position: UInt64) throws -> PersonalRecord {
        let last = header.coveredOffset - PersonalRecord.overhead
        guard position >= self.position, position - self.position <= UInt64(max(last, 0)) else {
            throw damage(0, "no personal record begins at position \(position)")
        }
        let distance = Int(position - self.position)
        let index = Int(PersonalRecord.Header(at: bytes.baseAddress! + distance).index)
        guard distance >= FrameHeader.byteCount, index < header.personalCount else {
            throw damage(distance, "no personal record begins at position \(position)")
        }
        return try personal(index: index, distance: distance).record
    }

    private func personal(index: Int, distance: Int) throws -> (record: PersonalRecord, length: Int) {
        precondition(part == .whole, "personal records are asked for that were not read")
        let (entryDistance, length) = digestEntry(index)
        let entry = bytes.baseAddress! + entryDistance
        let dataStart = distance + PersonalRecord.overhead
        guard dataStart + length <= header.coveredOffset,
            PersonalRecord.Header(at: bytes.baseAddress! + distance)
                == PersonalRecord.Header(
                    frameDistance: distance, digestDistance: entryDistance, length: length, index: index)
        else { throw damage(distance, "personal record \(index) does not begin as the frame says") }
        let salt = bytes[distance + PersonalRecord.headerBytes..<dataStart]
        let data = UnsafeRawBufferPointer(rebasing: bytes[dataStart..<dataStart + length])
        let position = self.position + UInt64(distance)
        switch PersonalRecord.state(
            salt: UnsafeRawBufferPointer(rebasing: salt), data: data, digest: FrameHash(at: entry), sha: sha)
        {
        case .intact: return (PersonalRecord(position: position, bytes: data), length)
        case .destroyed: return (PersonalRecord(position: position, bytes: nil), length)
        case .damaged: throw damage(distance, "personal record \(index) does not match its digest")
        }
    }

    func damage(_ distance: Int, _ what: String) -> JournalError {
        JournalError(
            .damaged, path: path, offset: fileOffset + UInt64(distance),
            message: """
                \(what), in the frame of \(header.frameBytes) bytes at position \(position): restore the file from \
                a backup, or check the disk and copy it from another one
                """)
    }
}
