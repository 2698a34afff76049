/// Copies a data directory, as it was when some commit had succeeded, also beside the process that writes it.
///
/// Files that are copied one after the other while they are written are of different moments: a segment without the end
/// that the next one builds upon, a mark of a place that is not there. So the journal is read instead: what is copied are
/// intact frames up to a place that is known to be committed, and those never change any more. The copy's last segment ends
/// with them; a writer then begins another one.
public struct DirectoryBackup {
    /// Beside the target until the copy is whole.
    public static let unfinishedSuffix = ".incomplete"
    private static let chunkBytes = 1 << 20

    public struct Summary: Sendable, Equatable {
        public var bytes: Int64 = 0
        /// By shard: up to which position its journal was copied.
        public var positions: [Int32: UInt64] = [:]
    }

    private let source: DataDirectory
    private let target: String
    private let fileSystem: any FileSystem

    public init(of source: DataDirectory, to target: String) {
        self.source = source
        self.target = target
        fileSystem = source.fileSystem
    }

    /// Makes the copy; the target appears when all of it is durable.
    ///
    /// - Parameters:
    ///   - confirmed: up to where commits are known to have succeeded, if more is known than the journals say.
    ///   - progress: told how many bytes were copied so far.
    /// - Throws: `.damaged` if frames that were committed are not intact; `.notOurs` if the target exists; `.diverged` while
    ///   journals are being rebuilt.
    public func run(confirmed: [Int32: UInt64], progress: (Int64) -> Void) throws -> Summary {
        guard try source.rebuilding().isEmpty else {
            throw JournalError(
                .diverged, path: source.path,
                message: "its journals are being rebuilt, or that was interrupted: finish `winback recover` first")
        }
        let folder = target + Self.unfinishedSuffix
        for path in [target, folder] where try fileSystem.exists(path) {
            throw JournalError(
                .notOurs, path: path,
                message: path == target
                    ? "is there already: name a folder that is not"
                    : "was left by a backup that was interrupted: remove it")
        }
        var summary = Summary()
        try fileSystem.makeDirectory(folder, permissions: 0o700)
        try fileSystem.makeDirectory("\(folder)/shards", permissions: 0o700)
        // The last one first, as they were made: what is read of the source is the partition count by its highest number.
        for shard in try source.shards().reversed() {
            let directory = "\(folder)/shards/\(shard)"
            try fileSystem.makeDirectory(directory, permissions: 0o700)
            summary.positions[shard] = try copyShard(
                source.shardPath(shard), to: directory, known: confirmed[shard] ?? 0, &summary.bytes, progress)
        }
        try fileSystem.syncDirectory("\(folder)/shards")
        for name in DataDirectory.identityFiles {
            guard let bytes = try fileSystem.readSmallFile("\(source.path)/\(name)", limit: 1 << 20) else { continue }
            try bytes.withUnsafeBytes { try fileSystem.writeAtomically($0, to: name, in: folder) }
        }
        try fileSystem.rename(folder, to: target)
        try fileSystem.syncDirectory(Self.parent(of: target))
        return summary
    }

    private static func parent(of path: String) -> String {
        let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// - Returns: up to where it was copied.
    private func copyShard(
        _ path: String, to directory: String, known: UInt64, _ bytes: inout Int64, _ progress: (Int64) -> Void
    ) throws -> UInt64 {
        let segments = try SegmentName.list(path, fileSystem)
        // A first start that has not come to this shard yet.
        guard !segments.isEmpty else { return JournalHead.start.position }
        let confirmed = try confirmation(path, segments, known)
        for (index, first) in segments.enumerated() where first < confirmed.end {
            let end = index + 1 < segments.count ? min(segments[index + 1], confirmed.end) : confirmed.end
            try copy("\(path)/\(SegmentName.of(first))", to: "\(directory)/\(SegmentName.of(first))", end - first)
            bytes += Int64(end - first)
            progress(bytes)
            // Whoever reads the copy finds things in it as fast as in the original, also where no engine runs on it.
            if index + 1 < segments.count, segments[index + 1] <= confirmed.end {
                try copyIndex(SegmentIndexFile.name(first), path, to: directory)
            }
        }
        if let archived = try PositionMark.read(PositionMark.archived, in: path, fileSystem) {
            try PositionMark.write(archived, to: PositionMark.archived, in: directory, fileSystem)
        }
        if confirmed.mark.position > JournalHead.start.position {
            try PositionMark.write(confirmed.mark, to: PositionMark.confirmed, in: directory, fileSystem)
        }
        bytes += try copySnapshot(path, to: directory, atOrBelow: confirmed.end)
        progress(bytes)
        try fileSystem.syncDirectory(directory)
        return confirmed.end
    }

    /// Reads the journal, and finds the end of the last frame of it that is known to be committed.
    private func confirmation(
        _ path: String, _ segments: [UInt64], _ known: UInt64
    ) throws -> (end: UInt64, mark: Confirmation) {
        let beginning = try JournalBeginning.readable(in: path, fileSystem) ?? .start
        let reader = try JournalReader(
            directory: path, fileSystem: fileSystem, from: beginning.position, hash: beginning.hash)
        let last = segments[segments.count - 1]
        let file = try fileSystem.open("\(path)/\(SegmentName.of(last))", .read)
        defer { file.close() }
        // Not beyond the segment that is the last one now: a writer that is quick would never be caught up with.
        let bound = last + (try file.size())
        var newest = Confirmation.none
        var hasKnown = false
        do {
            while reader.head.position < bound, let frame = try reader.next() {
                if frame.confirmed.position > newest.position { newest = frame.confirmed }
                hasKnown = hasKnown || frame.head.position == known
            }
        } catch let error as JournalError where error.code == .diverged {
            // The writer has cut what was not committed. What was read before tells enough.
        }
        if let mark = try PositionMark.read(PositionMark.confirmed, in: path, fileSystem),
            mark.position > newest.position, mark.position <= reader.head.position
        {
            newest = mark
        }
        return (hasKnown ? max(known, newest.position) : newest.position, newest)
    }

    /// One that is removed or replaced meanwhile, or does not fit, is made anew or passed over: nothing depends on it.
    private func copyIndex(_ name: String, _ path: String, to directory: String) throws {
        guard try fileSystem.exists("\(path)/\(name)") else { return }
        do {
            let file = try fileSystem.open("\(path)/\(name)", .read)
            let size = try file.size()
            file.close()
            try copy("\(path)/\(name)", to: "\(directory)/\(name)", size)
        } catch let error as JournalError where error.code == .notFound {
            return
        }
    }

    /// Where the journal's front was archived, nothing but a snapshot tells of it: then both are copied, and one that verifies
    /// has to be among them.
    private func copySnapshot(_ path: String, to directory: String, atOrBelow end: UInt64) throws -> Int64 {
        let needsOne = try PositionMark.read(PositionMark.archived, in: path, fileSystem) != nil
        var bytes: Int64 = 0
        var hasSound = false
        for candidate in try SnapshotFile.newest(in: path, fileSystem, atOrBelow: end) {
            do {
                let file = try fileSystem.open(candidate.path, .read)
                let size = try file.size()
                file.close()
                try copy(candidate.path, to: "\(directory)/\(SnapshotFile.name(candidate.position))", size)
                bytes += Int64(size)
                guard needsOne else { return bytes }
                hasSound = try hasSound || isSound(candidate)
            } catch let error as JournalError where error.code == .notFound {
                // A newer one has replaced it meanwhile.
                continue
            }
        }
        guard hasSound || !needsOne || end == JournalHead.start.position else {
            throw JournalError(
                .damaged, path: path,
                message: """
                    the journal's front was archived and no snapshot is intact, so a copy could not be started from: copy \
                    the archived segments back, and let the engine make a snapshot
                    """)
        }
        return bytes
    }

    private func isSound(_ candidate: SnapshotFile.Candidate) throws -> Bool {
        do { _ = try SnapshotFile.load(candidate, fileSystem) } catch let error as JournalError
            where error.code == .damaged
        { return false }
        return true
    }

    private func copy(_ path: String, to copy: String, _ count: UInt64) throws {
        let from = try fileSystem.open(path, .read)
        defer { from.close() }
        let to = try fileSystem.open(copy, .create)
        defer { to.close() }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkBytes, alignment: 4096)
        defer { buffer.deallocate() }
        var output = LargeWrite(to)
        var offset: UInt64 = 0
        while offset < count {
            let wanted = Int(min(UInt64(buffer.count), count - offset))
            let read = try from.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset)
            guard read > 0 else {
                throw JournalError(
                    .damaged, path: path, offset: offset, message: "ends before its frames do: nothing was changed")
            }
            try output.write(UnsafeRawBufferPointer(rebasing: buffer[..<read]), at: offset)
            offset += UInt64(read)
        }
        try to.sync()
    }
}
