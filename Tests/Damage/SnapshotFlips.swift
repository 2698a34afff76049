import CChecksum
import DiskTestSupport
import Journal

/// Flips bits of the snapshot, one at a time.
///
/// Its first page and its checksums are verified before its content, so for them the snapshot is loaded each time. The
/// content has a CRC-32C for each chunk of a MiB. Loading all of it for each bit would take an hour; what is computed is
/// the CRC up to the end of the block that holds the bit. One step of a CRC maps registers to registers one to one, whatever
/// byte it takes in: two registers that differ at the end of the block differ at the end of the chunk, so the chunk's
/// checksum does not match. ``Openings`` tries whether that is so.
struct SnapshotFlips {
    let journal: SampleJournal
    var stride = 1

    private static let pageBytes = 4096
    private static let chunkBytes = 1 << 20
    private static let blockBytes = 512
    private static let partBits = 1 << 16

    func run() throws -> [Tally] {
        let size = try journal.disk.bytes(journal.snapshot.path).count
        let chunks = (size - Self.pageBytes + Self.chunkBytes + 3) / (Self.chunkBytes + 4)
        let content = Self.pageBytes..<size - 4 * chunks
        let names = ["bits of the snapshot's page and checksums", "bits of the snapshot's content"]
        return try Workers.run((size * 8 + Self.partBits - 1) / Self.partBits, names.map(Tally.init)) {
            let disk = journal.disk.copy()
            disk.mapsInPlace = true
            let bytes = try disk.bytes(journal.snapshot.path)
            return (disk: disk, bytes: bytes, checksums: Self.checksums(UnsafeRawBufferPointer(bytes), content))
        } _: { context, part, tallies in
            let bits = part * Self.partBits..<min((part + 1) * Self.partBits, size * 8)
            for bit in Swift.stride(from: bits.lowerBound, to: bits.upperBound, by: stride) {
                let isContent = content.contains(bit / 8)
                context.bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                defer { context.bytes[bit / 8] ^= 1 << UInt8(bit % 8) }
                let isDetected =
                    isContent
                    ? Self.differs(UnsafeRawBufferPointer(context.bytes), bit / 8, content, context.checksums)
                    : (try? SnapshotFile.load(journal.snapshot, context.disk)) == nil
                if isDetected {
                    tallies[isContent ? 1 : 0].detect()
                } else {
                    tallies[isContent ? 1 : 0].miss("snapshot, byte \(bit / 8), bit \(bit % 8)")
                }
            }
        }
    }

    /// The CRC-32C of its chunk before each block of the content, and behind it.
    private static func checksums(
        _ bytes: UnsafeRawBufferPointer, _ content: Range<Int>
    ) -> [(before: UInt32, after: UInt32)] {
        var checksums: [(before: UInt32, after: UInt32)] = []
        var checksum: UInt32 = 0
        for start in Swift.stride(from: content.lowerBound, to: content.upperBound, by: blockBytes) {
            if (start - content.lowerBound) % chunkBytes == 0 { checksum = 0 }
            let before = checksum
            checksum = winback_crc32c(before, bytes.baseAddress! + start, min(blockBytes, content.upperBound - start))
            checksums.append((before, checksum))
        }
        return checksums
    }

    private static func differs(
        _ bytes: UnsafeRawBufferPointer, _ index: Int, _ content: Range<Int>,
        _ checksums: [(before: UInt32, after: UInt32)]
    ) -> Bool {
        let block = (index - content.lowerBound) / blockBytes
        let start = content.lowerBound + block * blockBytes
        let count = min(blockBytes, content.upperBound - start)
        return winback_crc32c(checksums[block].before, bytes.baseAddress! + start, count) != checksums[block].after
    }
}
