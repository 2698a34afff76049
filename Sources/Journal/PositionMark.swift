/// A place in the journal, kept in a small file of its own that is replaced as a whole.
///
/// Three files have this form: `confirmed`, what a clean stop or an idle engine knew to be committed; `cut`, a cut that has
/// begun, so that one which a crash interrupted is finished at the next start; and `archived`, where the journal begins since
/// all before it was moved to an archive.
///
/// ```
///   0  [8]   "WBMARK1\n"
///   8  u64   position
///  16  i64   input offset (0 for a cut and an archive)
///  24  [32]  hash of the frame that ends there
///  56  u32   CRC-32C of bytes 0..<56
/// ```
struct PositionMark {
    static let confirmed = "confirmed"
    static let cut = "cut"
    static let archived = "archived"
    private static let byteCount = 60
    private static let magic = Array("WBMARK1\n".utf8)

    static func write(
        _ value: Confirmation, to name: String, in directory: String, _ fileSystem: any FileSystem
    ) throws {
        var bytes = ByteWriter(capacity: byteCount)
        magic.withUnsafeBytes { bytes.append($0) }
        bytes.appendFixed(value.position)
        bytes.appendFixed(value.offset)
        withUnsafeBytes(of: value.hash.words) { bytes.append($0) }
        bytes.appendFixed(crc32c(bytes.bytes))
        try fileSystem.writeAtomically(bytes.bytes, to: name, in: directory)
    }

    /// The place; nil if there is no such file. Throws `.damaged` if it is not as it was written.
    static func read(_ name: String, in directory: String, _ fileSystem: any FileSystem) throws -> Confirmation? {
        let path = "\(directory)/\(name)"
        let content: [UInt8]?
        do {
            content = try fileSystem.readSmallFile(path, limit: byteCount)
        } catch let error as JournalError where error.code == .notFound {
            // A reader may come between the removal and its look.
            return nil
        }
        guard let content else { return nil }
        return try content.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            guard bytes.count == byteCount, bytes.starts(with: magic),
                crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<(byteCount - 4)]))
                    == UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: byteCount - 4, as: UInt32.self))
            else { throw damage(path, name) }
            _ = try reader.readBytes(magic.count)
            let position = try reader.readFixed(UInt64.self)
            let offset = try reader.readFixed(Int64.self)
            return Confirmation(
                position: position, hash: FrameHash(at: try reader.readBytes(FrameHash.byteCount).baseAddress!),
                offset: offset)
        }
    }

    private static func damage(_ path: String, _ name: String) -> JournalError {
        let advice =
            switch name {
            case cut: "a cut was under way: restore the shard's folder from a backup"
            case archived: "it says where the journal begins: restore it from a backup"
            default: "remove it if the disk is sound: the newest frame holds the confirmed position too"
            }
        return JournalError(.damaged, path: path, message: "is not as it was written: \(advice)")
    }
}
