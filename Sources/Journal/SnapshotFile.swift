/// Snapshots of a shard's state: raw memory that was true at a place in the journal, to be read into memory at a start.
///
/// Nothing depends on one: whatever is wrong with it, an older one or the journal itself takes its place.
public enum SnapshotFile {
    private static let suffix = ".snapshot"
    private static let unfinished = ".new"
    /// The newest is what a start uses; the one before it is for the day that it is damaged.
    private static let keptCount = 2

    /// A snapshot that lies in a shard's folder; nothing but its name has been looked at.
    public struct Candidate: Sendable, Hashable {
        public let position: UInt64
        public let path: String
    }

    static func name(_ position: UInt64) -> String { SegmentName.padded(position) + suffix }

    /// Writes a snapshot of a confirmed place, durably, and removes all but the newest two.
    ///
    /// - Parameter sections: each is the concatenation of its buffers; at most 64.
    public static func write(
        directory: String, fileSystem: any FileSystem, at head: JournalHead, stateVersion: UInt32,
        sections: [[UnsafeRawBufferPointer]]
    ) throws {
        precondition(sections.count <= SnapshotHeader.sectionLimit, "a snapshot has room for 64 sections")
        let path = "\(directory)/\(name(head.position))"
        let file = try fileSystem.open(path + unfinished, .create)
        defer { file.close() }
        var writer = SnapshotWriter(file: file, head: head, stateVersion: stateVersion)
        for section in sections { try writer.add(section) }
        try writer.finish()
        try fileSystem.rename(path + unfinished, to: path)
        try fileSystem.syncDirectory(directory)
        for candidate in try newest(in: directory, fileSystem, atOrBelow: head.position).dropFirst(keptCount) {
            try fileSystem.remove(candidate.path)
        }
    }

    /// The snapshots at or below a position, the newest first.
    public static func newest(
        in directory: String, _ fileSystem: any FileSystem, atOrBelow position: UInt64
    ) throws -> [Candidate] {
        try fileSystem.list(directory)
            .compactMap { SegmentName.position(in: $0, suffix: suffix) }
            .filter { $0 <= position }
            .sorted(by: >)
            .map { Candidate(position: $0, path: "\(directory)/\(name($0))") }
    }

    /// Hands out the newest snapshot at or below a position that is intact and of the journal's history, and of which `use`
    /// makes something; nil if there is none.
    ///
    /// - Parameter rejected: told why a newer one was not used, also by `use`; nothing depends on it.
    public static func withNewest<Value>(
        in directory: String, _ fileSystem: any FileSystem, atOrBelow position: UInt64,
        rejected: (Candidate, any Error) -> Void, _ use: (MappedSnapshot) throws -> Value
    ) throws -> Value? {
        for candidate in try newest(in: directory, fileSystem, atOrBelow: position) {
            do {
                let snapshot = try load(candidate, fileSystem)
                try requireHistory(snapshot.head, candidate, directory, fileSystem)
                return try use(snapshot)
            } catch { rejected(candidate, error) }
        }
        return nil
    }

    /// The frame that follows must name the snapshot's hash as its predecessor's, or the last one have it.
    private static func requireHistory(
        _ head: JournalHead, _ candidate: Candidate, _ directory: String, _ fileSystem: any FileSystem
    ) throws {
        do {
            let reader = try JournalReader(
                directory: directory, fileSystem: fileSystem, from: head.position, hash: head.hash,
                verification: .checksum)
            _ = try reader.next()
        } catch let error as JournalError where error.code == .damaged || error.code == .diverged {
            throw JournalError(
                .diverged, path: candidate.path,
                message: "is of another history than the journal, which has another frame at its position: not used")
        }
    }

    /// Reads a snapshot and verifies every byte of it. Throws `.damaged` if one is not as it was written. Whether the journal
    /// has its hash at its position is another question.
    package static func load(_ candidate: Candidate, _ fileSystem: any FileSystem) throws -> MappedSnapshot {
        let file = try fileSystem.open(candidate.path, .read)
        defer { file.close() }
        let size = Int(try file.size())
        guard size >= SnapshotHeader.byteCount else { throw damage(candidate, 0, "the file is too short") }
        let region = try file.map(length: size, .ownCopy)
        let bytes = UnsafeRawBufferPointer(region.bytes)
        guard let header = try? SnapshotHeader(UnsafeRawBufferPointer(rebasing: bytes[..<SnapshotHeader.byteCount])),
            header.fileBytes == size, header.head.position == candidate.position
        else { throw damage(candidate, 0, "its first page is not as it was written") }
        try verify(candidate, header, bytes)
        return MappedSnapshot(
            head: header.head, stateVersion: header.stateVersion, region: region, ranges: header.sections)
    }

    private static func verify(
        _ candidate: Candidate, _ header: SnapshotHeader, _ bytes: UnsafeRawBufferPointer
    ) throws {
        let end = SnapshotHeader.byteCount + Int(header.contentBytes)
        let checksums = UnsafeRawBufferPointer(rebasing: bytes[end...])
        guard crc32c(checksums) == header.checksumOfChecksums else {
            throw damage(candidate, end, "its checksums are not as they were written")
        }
        for chunk in 0..<header.chunkCount {
            let start = SnapshotHeader.byteCount + chunk * SnapshotHeader.chunkBytes
            let content = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + SnapshotHeader.chunkBytes, end)])
            let expected = checksums.loadUnaligned(fromByteOffset: chunk * 4, as: UInt32.self)
            guard crc32c(content) == UInt32(littleEndian: expected) else {
                throw damage(candidate, start, "\(content.count) bytes do not match their checksum")
            }
        }
    }

    private static func damage(_ candidate: Candidate, _ offset: Int, _ what: String) -> JournalError {
        JournalError(
            .damaged, path: candidate.path, offset: UInt64(offset),
            message: "\(what): it is not used and can be removed, the journal holds everything; check the disk")
    }

    /// Removes the snapshots of what is about to be cut, and what unfinished ones have left.
    static func removeAbove(_ position: UInt64, in directory: String, _ fileSystem: any FileSystem) throws {
        var removedAny = false
        for name in try fileSystem.list(directory) {
            let isUnfinished = SegmentName.position(in: name, suffix: suffix + unfinished) != nil
            guard isUnfinished || SegmentName.position(in: name, suffix: suffix).map({ $0 > position }) == true
            else { continue }
            try fileSystem.remove("\(directory)/\(name)")
            removedAny = true
        }
        if removedAny { try fileSystem.syncDirectory(directory) }
    }
}

/// A snapshot in memory that its user may change: the file stays as it is.
///
/// Safe to share as an object; who writes to the sections sees to it that nobody else does at the same time.
public final class MappedSnapshot: @unchecked Sendable {
    /// The place in the journal at which the sections were true.
    public let head: JournalHead
    public let stateVersion: UInt32
    /// Page-aligned memory; valid as long as this object lives.
    public let sections: [UnsafeMutableRawBufferPointer]
    private let region: any MappedRegion

    init(head: JournalHead, stateVersion: UInt32, region: any MappedRegion, ranges: [Range<Int>]) {
        self.head = head
        self.stateVersion = stateVersion
        self.region = region
        sections = ranges.map { UnsafeMutableRawBufferPointer(rebasing: region.bytes[$0]) }
    }
}
