/// What is looked up in a sealed segment, beside it in a file of its own: a sorted table from keys to the frames that hold
/// records about them. Nothing but pages that a search touches is read.
///
/// Nothing depends on one: whatever is wrong with it, the segment is read instead. Its bytes follow from the segment alone.
///
/// ```
///     0  [8]   "WBINDEX1"
///     8  u32   version of the summary, and of what has which keys
///    12  u32   bytes of the summary (at most 3 KiB)
///    16  u64   position at which the segment begins
///    24  u64   end of its last frame
///    32  [32]  hash of the frame before it
///    64  [32]  hash of its last frame
///    96  u64   number of entries
///   104  ...   the summary, which is its writer's
///        ...   zeros
///  4092  u32   CRC-32C of bytes 0..<4092
///  4096  ...   pages of 4096 bytes:
///                 0  u64   an entry, 511 of them, ascending in the whole file and each once: the highest 37 bits of a
///                          key, above the frame's offset in the segment / 8 in 27 bits (a segment has 2^30 bytes at most)
///                          FF FF ... behind the last one
///              4088  u32   number of this page, from 0
///              4092  u32   CRC-32C of bytes 0..<4092, continued from the first page's
/// ```
///
/// Keys are hashes, so 37 bits of them tell apart what is in a segment: of a million entries one is found by mistake for
/// every hundred thousand keys that are asked for, and whoever reads the frame sees that the key is not in it.
public enum SegmentIndexFile {
    static let suffix = ".index"
    private static let unfinished = ".new"

    static func name(_ first: UInt64) -> String { SegmentName.padded(first) + suffix }

    /// What an index says of its segment as a whole.
    public struct Header: Sendable, Equatable {
        public var version: UInt32
        public var first: UInt64
        /// The hash before the segment, and its end with the hash of the last frame.
        public var previousHash: FrameHash
        public var end: JournalHead
        public var entryCount: UInt64
        /// The writer's own, at most ``SegmentIndexFile/summaryLimit`` bytes.
        public var summary: [UInt8]

        public init(
            version: UInt32, first: UInt64, previousHash: FrameHash, end: JournalHead, entryCount: UInt64,
            summary: [UInt8]
        ) {
            self.version = version
            self.first = first
            self.previousHash = previousHash
            self.end = end
            self.entryCount = entryCount
            self.summary = summary
        }
    }

    static let pageBytes = 4096
    static let entriesPerPage = 511
    public static let summaryLimit = 3072
    static let summaryOffset = 104
    static let checksumOffset = pageBytes - 4
    private static let magic = Array("WBINDEX1".utf8)
    private static let offsetBits: UInt64 = 27
    static let offsetMask: UInt64 = 1 << offsetBits - 1

    /// The entry of a key and a frame that begins at this offset of its segment.
    public static func entry(key: UInt64, frameOffset: UInt64) -> UInt64 {
        precondition(frameOffset % 8 == 0 && frameOffset / 8 <= offsetMask, "a frame begins within its segment")
        return key & ~offsetMask | frameOffset / 8
    }

    static func frameOffset(_ entry: UInt64) -> UInt64 { (entry & offsetMask) * 8 }

    /// The whole file.
    ///
    /// - Parameter entries: ascending, each once.
    public static func encode(_ header: Header, entries: [UInt64]) -> [UInt8] {
        precondition(header.summary.count <= summaryLimit, "a summary has room for 3 KiB")
        var bytes = ByteWriter(capacity: pageBytes + (entries.count / entriesPerPage + 1) * pageBytes)
        magic.withUnsafeBytes { bytes.append($0) }
        bytes.appendFixed(header.version)
        bytes.appendFixed(UInt32(header.summary.count))
        bytes.appendFixed(header.first)
        bytes.appendFixed(header.end.position)
        withUnsafeBytes(of: header.previousHash.words) { bytes.append($0) }
        withUnsafeBytes(of: header.end.hash.words) { bytes.append($0) }
        bytes.appendFixed(UInt64(entries.count))
        header.summary.withUnsafeBytes { bytes.append($0) }
        bytes.appendZeros(checksumOffset - bytes.count)
        let checksum = crc32c(bytes.bytes)
        bytes.appendFixed(checksum)
        for (page, start) in stride(from: 0, to: entries.count, by: entriesPerPage).enumerated() {
            let begin = bytes.count
            for entry in entries[start..<min(start + entriesPerPage, entries.count)] { bytes.appendFixed(entry) }
            while bytes.count - begin < entriesPerPage * 8 { bytes.appendFixed(UInt64.max) }
            bytes.appendFixed(UInt32(page))
            bytes.appendFixed(crc32c(UnsafeRawBufferPointer(rebasing: bytes.bytes[begin...]), from: checksum))
        }
        return Array(bytes.bytes)
    }

    /// Writes an index durably; one that is there is replaced.
    public static func write(
        _ bytes: [UInt8], of first: UInt64, in directory: String, _ fileSystem: any FileSystem
    ) throws {
        let path = "\(directory)/\(name(first))"
        let file = try fileSystem.open(path + unfinished, .create)
        defer { file.close() }
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        try file.sync()
        try fileSystem.rename(path + unfinished, to: path)
        try fileSystem.syncDirectory(directory)
    }

    /// Whether the segment that begins at `first` has one.
    public static func exists(
        of first: UInt64, in directory: String, _ fileSystem: any FileSystem
    ) throws -> Bool {
        try fileSystem.exists("\(directory)/\(name(first))")
    }

    /// The bytes of a segment's index as they are; nil if it has none.
    public static func bytes(
        of first: UInt64, in directory: String, _ fileSystem: any FileSystem
    ) throws -> [UInt8]? {
        let path = "\(directory)/\(name(first))"
        guard try fileSystem.exists(path) else { return nil }
        let file = try fileSystem.open(path, .read)
        defer { file.close() }
        var bytes = [UInt8](repeating: 0, count: Int(try file.size()))
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return Array(bytes.prefix(count))
    }

    /// The positions of the segments that have an index, sound or not, ascending.
    public static func list(_ directory: String, _ fileSystem: any FileSystem) throws -> [UInt64] {
        try fileSystem.list(directory).compactMap { SegmentName.position(in: $0, suffix: suffix) }.sorted()
    }

    /// Removes the indexes of segments that begin at or behind a position, and what unfinished ones have left.
    static func removeFrom(_ position: UInt64, in directory: String, _ fileSystem: any FileSystem) throws {
        var removedAny = false
        for name in try fileSystem.list(directory) {
            let isUnfinished = SegmentName.position(in: name, suffix: suffix + unfinished) != nil
            let isBehind = SegmentName.position(in: name, suffix: suffix).map { $0 >= position } == true
            guard isUnfinished || isBehind else { continue }
            try fileSystem.remove("\(directory)/\(name)")
            removedAny = true
        }
        if removedAny { try fileSystem.syncDirectory(directory) }
    }

    /// The header, and the checksum that its pages continue; nil if the page is not as it was written.
    static func header(_ page: UnsafeRawBufferPointer) -> (header: Header, checksum: UInt32)? {
        guard page.count == pageBytes, page.starts(with: magic) else { return nil }
        let checksum = crc32c(UnsafeRawBufferPointer(rebasing: page[..<checksumOffset]))
        func load<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: Value.Type) -> Value {
            Value(littleEndian: page.loadUnaligned(fromByteOffset: offset, as: type))
        }
        let summaryBytes = Int(load(12, UInt32.self))
        guard load(checksumOffset, UInt32.self) == checksum, summaryBytes <= summaryLimit else { return nil }
        let base = page.baseAddress!
        let header = Header(
            version: load(8, UInt32.self), first: load(16, UInt64.self), previousHash: FrameHash(at: base + 32),
            end: JournalHead(position: load(24, UInt64.self), hash: FrameHash(at: base + 64)),
            entryCount: load(96, UInt64.self), summary: Array(page[summaryOffset..<summaryOffset + summaryBytes]))
        return (header, checksum)
    }
}
