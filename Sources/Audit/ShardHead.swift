import Journal

/// The newest confirmed place of a shard's journal: noted elsewhere, it proves later that nothing before it was changed.
public struct ShardHead: Sendable, Equatable {
    public var partition: Int32
    public var head: JournalHead
    /// Bytes of frames behind it: written, and not known to be committed.
    public var pendingBytes: UInt64
    /// The end of the last frame.
    public var end: UInt64 { head.position + pendingBytes }

    /// Reads the last segments of a shard's journal.
    ///
    /// - Throws: `JournalError` on damage.
    public static func read(_ source: AuditSource, partition: Int32) throws -> ShardHead {
        let path = source.directory.shardPath(partition)
        var known = Confirmation.none
        var hashes: [UInt64: FrameHash] = [JournalHead.start.position: JournalHead.start.hash]
        var end = JournalHead.start
        // Mostly the last segment says what was confirmed, and holds the frame.
        for first in try JournalReader.beginnings(of: path, fileSystem: source.fileSystem).reversed() {
            let reader = try JournalReader(
                directory: path, fileSystem: source.fileSystem, from: first, verification: .chain)
            var frames: [UInt64: FrameHash] = [:]
            while let frame = try reader.next() {
                frames[frame.position] = frame.header.previousHash
                frames[frame.head.position] = frame.head.hash
            }
            hashes.merge(frames) { known, _ in known }
            if end == .start { end = reader.head }
            let told = try reader.confirmation()
            if told.position > known.position { known = told }
            let position = max(known.position, min(source.reportedEnd(of: partition), end.position))
            guard let hash = hashes[position], position > first || position == JournalHead.start.position else {
                continue
            }
            return ShardHead(
                partition: partition, head: JournalHead(position: position, hash: hash),
                pendingBytes: end.position - position)
        }
        return ShardHead(partition: partition, head: .start, pendingBytes: end.position - JournalHead.start.position)
    }
}
