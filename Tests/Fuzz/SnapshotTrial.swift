import CChecksum
import DiskTestSupport
import Journal

/// Snapshots: a first page, a content, and the content's checksums.
///
/// ```
///   0  u8   1: the page's checksum is made right, 2: the content's checksums, 4: the content is the one that was written,
///           8: the file ends early
///   1  u8   so many bytes are put over the page that was written, from its beginning
///   2  ...  those bytes, and the content; of a file that ends early the last two bytes say where
/// ```
final class SnapshotTrial: FuzzTrial {
    private let disk = MemoryDisk()
    private let original: [UInt8]
    private let candidate: SnapshotFile.Candidate

    private static let shard = "/shard"
    private static let pageBytes = 4096
    private static let chunkBytes = 1 << 20

    init() throws {
        let sections = [Array("first".utf8), [], [UInt8](repeating: 7, count: 5000)]
        let buffers = sections.map { section in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: section.count, alignment: 8)
            copy.copyBytes(from: section)
            return UnsafeRawBufferPointer(copy)
        }
        defer { for buffer in buffers { buffer.deallocate() } }
        let head = JournalHead(position: 8192, hash: SHA256().digest(buffers[0]))
        try SnapshotFile.write(
            directory: Self.shard, fileSystem: disk, at: head, stateVersion: 3, sections: buffers.map { [$0] })
        candidate = try SnapshotFile.newest(in: Self.shard, disk, atOrBelow: .max)[0]
        original = Array(try disk.bytes(candidate.path))
    }

    func run(_ input: UnsafeRawBufferPointer) -> String? {
        guard input.count >= 2 else { return nil }
        let file = expand(input)
        disk.set(candidate.path, to: file)
        do {
            let snapshot = try SnapshotFile.load(candidate, disk)
            return check(snapshot, file, isRepaired: input[0] & 3 != 0)
        } catch is JournalError {
            return nil
        } catch {
            return "an error of another kind: \(error)"
        }
    }

    private func expand(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        let flags = input[0]
        let overlay = Array(input[2...].prefix(Int(input[1])))
        let trailer = original.count - 4
        // At most one chunk.
        let content =
            flags & 4 != 0
            ? Array(original[Self.pageBytes..<trailer]) : Array(input[(2 + overlay.count)...].prefix(Self.chunkBytes))
        var file = Array(original[..<Self.pageBytes])
        file.replaceSubrange(0..<overlay.count, with: overlay)
        var checksums = Array(original[trailer...])
        if flags & 2 != 0 {
            checksums = content.isEmpty ? [] : Self.bytes(Self.checksum(content))
            file.replaceSubrange(64..<68, with: Self.bytes(Self.checksum(checksums)))
        }
        if flags & 1 != 0 {
            file.replaceSubrange(Self.pageBytes - 4..<Self.pageBytes, with: Self.bytes(Self.checksum(file.dropLast(4))))
        }
        file += content
        file += checksums
        if flags & 8 != 0, input.count >= 4 {
            let length = Int(input[input.count - 1]) << 8 | Int(input[input.count - 2])
            file.removeLast(max(0, file.count - length))
        }
        return file
    }

    private static func checksum(_ bytes: some Collection<UInt8>) -> UInt32 {
        Array(bytes).withUnsafeBytes { winback_crc32c_portable(0, $0.baseAddress, $0.count) }
    }

    private static func bytes(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    private func check(_ snapshot: MappedSnapshot, _ file: [UInt8], isRepaired: Bool) -> String? {
        if !isRepaired, file != original { return "a snapshot that was not written" }
        guard snapshot.head.position == candidate.position, snapshot.sections.count <= 64 else {
            return "a snapshot of another place, or with too many sections"
        }
        var entry = 72
        for section in snapshot.sections {
            let (offset, length) = (Self.number(file, entry), Self.number(file, entry + 8))
            entry += 16
            guard offset <= file.count, length <= file.count - offset,
                section.elementsEqual(file[offset..<offset + length])
            else { return "a section that is not what the file holds" }
        }
        return nil
    }

    private static func number(_ file: [UInt8], _ offset: Int) -> Int {
        let value = file.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        return Int(truncatingIfNeeded: UInt64(littleEndian: value))
    }
}
