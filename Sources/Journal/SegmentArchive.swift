import Glibc

/// Moves the front of a shard's journal, whole segments of it, to another folder.
///
/// The segments are copied as far as they hold frames, with their indexes, made durable, and read back through the hash chain.
/// Then a mark says durably where the journal begins from now on, and only then the segments are removed, the oldest first. It
/// can be interrupted anywhere and be done again. Nobody writes the journal meanwhile.
public struct SegmentArchive {
    private let directory: String
    private let target: String
    private let fileSystem: any FileSystem
    private static let chunkBytes = 1 << 20
    private static let unfinished = ".new"

    public struct Summary: Sendable, Equatable {
        public var segments = 0
        public var bytes: Int64 = 0

        public init(segments: Int = 0, bytes: Int64 = 0) {
            self.segments = segments
            self.bytes = bytes
        }
    }

    /// - Parameters:
    ///   - directory: the shard's folder.
    ///   - target: the folder for its archived segments; made if it is not there. Its parent has to exist.
    public init(of directory: String, to target: String, fileSystem: any FileSystem) {
        self.directory = directory
        self.target = target
        self.fileSystem = fileSystem
    }

    /// Where the journal was last cut off from its archive; nil if it never was.
    public static func mark(in directory: String, _ fileSystem: any FileSystem) throws -> JournalHead? {
        try PositionMark.read(PositionMark.archived, in: directory, fileSystem)?.head
    }

    /// The place between a segment and the frame that follows it; nil where none follows.
    public static func boundary(
        at position: UInt64, in directory: String, _ fileSystem: any FileSystem
    ) throws -> JournalHead? {
        try SegmentFile.firstHeader(in: directory, of: position, fileSystem).map {
            JournalHead(position: position, hash: $0.previousHash)
        }
    }

    /// Whether a cut was interrupted, which the next start finishes.
    public static func isCutPending(in directory: String, _ fileSystem: any FileSystem) throws -> Bool {
        try PositionMark.read(PositionMark.cut, in: directory, fileSystem) != nil
    }

    /// Moves all segments that lie before a place at which a segment begins.
    ///
    /// - Throws: `.notOurs` if the target holds another file of the same name; `.damaged` if what was copied does not verify.
    ///   In both cases nothing has been removed.
    public func move(upTo end: JournalHead) throws -> Summary {
        let firsts = try SegmentName.list(directory, fileSystem)
        let moved = firsts.filter { $0 < end.position }
        guard let first = moved.first else { return Summary() }
        precondition(firsts.contains(end.position), "an archive ends where a segment begins")
        if try !fileSystem.exists(target) { try fileSystem.makeDirectory(target, permissions: 0o700) }
        var summary = Summary()
        for (index, first) in moved.enumerated() {
            let next = index + 1 < moved.count ? moved[index + 1] : end.position
            try copy(SegmentName.of(first), bytes: next - first)
            if try fileSystem.exists("\(directory)/\(SegmentIndexFile.name(first))") {
                try copy(SegmentIndexFile.name(first), bytes: nil)
            }
            summary.segments += 1
            summary.bytes += Int64(next - first)
        }
        try fileSystem.syncDirectory(target)
        try verify(from: first, to: end)
        // One that is further on stays: what is moved now was left by an archiving that was interrupted.
        if try Self.mark(in: directory, fileSystem).map({ $0.position < end.position }) ?? true {
            try PositionMark.write(
                Confirmation(position: end.position, hash: end.hash, offset: 0), to: PositionMark.archived,
                in: directory, fileSystem)
        }
        for first in moved { try remove(first) }
        return summary
    }

    /// A hole would look like damage, so each name is gone for good before the next one goes.
    private func remove(_ first: UInt64) throws {
        let index = "\(directory)/\(SegmentIndexFile.name(first))"
        if try fileSystem.exists(index) { try fileSystem.remove(index) }
        try fileSystem.remove("\(directory)/\(SegmentName.of(first))")
        try fileSystem.syncDirectory(directory)
    }

    private func verify(from first: UInt64, to end: JournalHead) throws {
        let reader = try JournalReader(directory: target, fileSystem: fileSystem, from: first)
        while reader.head.position < end.position, try reader.next(knownEnd: end.position) != nil {}
        guard reader.head == end else {
            throw JournalError(
                .damaged, path: target,
                message: """
                    what was copied ends at position \(reader.head.position) with hash \(reader.head.hash), not at \
                    \(end.position) with \(end.hash): nothing was removed; name another folder, and check the disk
                    """)
        }
    }

    /// - Parameter bytes: how many from the beginning; nil: all of the file.
    private func copy(_ name: String, bytes: UInt64?) throws {
        let from = try fileSystem.open("\(directory)/\(name)", .read)
        defer { from.close() }
        let count = try bytes ?? from.size()
        let path = "\(target)/\(name)"
        if try fileSystem.exists(path) { return try compare(from, count, path) }
        let to = try fileSystem.open(path + Self.unfinished, .create)
        defer { to.close() }
        var output = LargeWrite(to)
        try forEachChunk(of: from, count) { try output.write($0, at: $1) }
        try to.sync()
        try fileSystem.rename(path + Self.unfinished, to: path)
    }

    /// An archiving that was interrupted has left the same; anything else is not ours to replace.
    private func compare(_ file: any File, _ count: UInt64, _ path: String) throws {
        let other = try fileSystem.open(path, .read)
        defer { other.close() }
        var isSame = try other.size() == count
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkBytes, alignment: 4096)
        defer { buffer.deallocate() }
        try forEachChunk(of: file, count) { chunk, offset in
            guard isSame else { return }
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<chunk.count])
            isSame =
                try other.read(into: part, at: offset) == chunk.count
                && memcmp(chunk.baseAddress!, part.baseAddress!, chunk.count) == 0
        }
        guard isSame else {
            throw JournalError(
                .notOurs, path: path,
                message: "is there already, and is not what would be moved there: name another folder")
        }
        // It may have been written, but not made durable, by an archiving that was interrupted.
        try other.sync()
    }

    private func forEachChunk(
        of file: any File, _ count: UInt64, _ body: (UnsafeRawBufferPointer, UInt64) throws -> Void
    ) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkBytes, alignment: 4096)
        defer { buffer.deallocate() }
        var offset: UInt64 = 0
        while offset < count {
            let wanted = Int(min(UInt64(buffer.count), count - offset))
            let read = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset)
            guard read > 0 else {
                throw JournalError(
                    .damaged, path: directory, offset: offset,
                    message: "a segment ends before its frames do: nothing was removed; restore it from a backup")
            }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<read]), offset)
            offset += UInt64(read)
        }
    }
}
