/// Streams a snapshot's sections into its file and keeps the chunks' checksums on the way.
struct SnapshotWriter {
    private var output: LargeWrite
    private var header: SnapshotHeader
    /// Where the next byte of the file goes.
    private var offset = SnapshotHeader.byteCount
    private var checksums: [UInt32] = []
    private var chunkChecksum: UInt32 = 0
    private var chunkFill = 0

    private static let zeros = [UInt8](repeating: 0, count: SnapshotHeader.alignment)

    init(file: any File, head: JournalHead, stateVersion: UInt32) {
        output = LargeWrite(file)
        header = SnapshotHeader(stateVersion: stateVersion, head: head)
    }

    mutating func add(_ section: [UnsafeRawBufferPointer]) throws {
        let start = SnapshotHeader.aligned(offset)
        try Self.zeros.withUnsafeBytes { try append(UnsafeRawBufferPointer(rebasing: $0[..<(start - offset)])) }
        for piece in section { try append(piece) }
        header.sections.append(start..<offset)
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.count, SnapshotHeader.chunkBytes - chunkFill)
            let piece = UnsafeRawBufferPointer(rebasing: rest[..<count])
            try output.write(piece, at: UInt64(offset))
            chunkChecksum = crc32c(piece, from: chunkChecksum)
            chunkFill += count
            offset += count
            if chunkFill == SnapshotHeader.chunkBytes { endChunk() }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    private mutating func endChunk() {
        checksums.append(chunkChecksum)
        chunkChecksum = 0
        chunkFill = 0
    }

    /// Writes the checksums and, last, the page that makes it a snapshot.
    mutating func finish() throws {
        header.contentBytes = UInt64(offset - SnapshotHeader.byteCount)
        if chunkFill > 0 { endChunk() }
        var trailer = ByteWriter(capacity: checksums.count * 4)
        for checksum in checksums { trailer.appendFixed(checksum) }
        header.checksumOfChecksums = crc32c(trailer.bytes)
        try output.write(trailer.bytes, at: UInt64(offset))
        let page = header.encoded()
        try output.file.write(page.bytes, at: 0)
        try output.file.sync()
    }
}
