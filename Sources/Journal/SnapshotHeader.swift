/// The first page of a snapshot.
///
/// ```
///     0  [8]   "WBSNAP1\n"
///     8  u32   version of the user's state in the sections
///    12  u32   number of sections (at most 64)
///    16  u64   journal position
///    24  [32]  hash of the frame that ends there
///    56  u64   bytes of the content
///    64  u32   CRC-32C of the checksums
///    68  u32   bytes of a chunk: 2^20
///    72  ...   u64 offset in the file and u64 length of each section
///        ...   zeros
///  4092  u32   CRC-32C of bytes 0..<4092
///  4096  ...   content: the sections, each from a multiple of 4096 on, with zeros between
///        ...   a u32 CRC-32C for each chunk of the content
/// ```
struct SnapshotHeader {
    var stateVersion: UInt32
    var head: JournalHead
    var contentBytes: UInt64 = 0
    var checksumOfChecksums: UInt32 = 0
    /// Offsets in the file.
    var sections: [Range<Int>] = []

    static let byteCount = 4096
    static let alignment = 4096
    static let chunkBytes = 1 << 20
    static let sectionLimit = 64
    private static let magic = Array("WBSNAP1\n".utf8)
    private static let checksumOffset = byteCount - 4

    static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) & ~(alignment - 1) }

    var chunkCount: Int { (Int(contentBytes) + Self.chunkBytes - 1) / Self.chunkBytes }
    var fileBytes: Int { Self.byteCount + Int(contentBytes) + chunkCount * 4 }

    init(stateVersion: UInt32, head: JournalHead) {
        self.stateVersion = stateVersion
        self.head = head
    }

    func encoded() -> ByteWriter {
        var bytes = ByteWriter(capacity: Self.byteCount)
        Self.magic.withUnsafeBytes { bytes.append($0) }
        bytes.appendFixed(stateVersion)
        bytes.appendFixed(UInt32(sections.count))
        bytes.appendFixed(head.position)
        withUnsafeBytes(of: head.hash.words) { bytes.append($0) }
        bytes.appendFixed(contentBytes)
        bytes.appendFixed(checksumOfChecksums)
        bytes.appendFixed(UInt32(Self.chunkBytes))
        for section in sections {
            bytes.appendFixed(UInt64(section.lowerBound))
            bytes.appendFixed(UInt64(section.count))
        }
        bytes.appendZeros(Self.checksumOffset - bytes.count)
        bytes.appendFixed(crc32c(bytes.bytes))
        return bytes
    }

    /// Nil if the page is not as it was written.
    init?(_ page: UnsafeRawBufferPointer) throws(MalformedBytes) {
        guard page.count == Self.byteCount, page.starts(with: Self.magic),
            crc32c(UnsafeRawBufferPointer(rebasing: page[..<Self.checksumOffset]))
                == UInt32(littleEndian: page.load(fromByteOffset: Self.checksumOffset, as: UInt32.self))
        else { return nil }
        var reader = ByteReader(page)
        _ = try reader.readBytes(Self.magic.count)
        stateVersion = try reader.readFixed()
        let count = try reader.readFixed(UInt32.self)
        let position = try reader.readFixed(UInt64.self)
        let hash = FrameHash(at: try reader.take(FrameHash.byteCount))
        head = JournalHead(position: position, hash: hash)
        contentBytes = try reader.readFixed()
        checksumOfChecksums = try reader.readFixed()
        guard count <= UInt32(Self.sectionLimit), try reader.readFixed(UInt32.self) == UInt32(Self.chunkBytes),
            contentBytes < JournalHead.positionLimit
        else { return nil }
        for _ in 0..<count {
            let offset = try reader.readFixed(UInt64.self)
            let length = try reader.readFixed(UInt64.self)
            let end = UInt64(Self.byteCount) + contentBytes
            guard offset <= end, length <= end - offset else { return nil }
            sections.append(Int(offset)..<Int(offset + length))
        }
    }
}
