/// Drops the end of a journal so that a crash in the middle leaves it either whole or cut at the next start.
struct JournalCut {
    let directory: String
    let fileSystem: any FileSystem

    /// Remembers the cut, then does it. `end` is the position behind the last byte ever written.
    func perform(_ head: JournalHead, end: UInt64) throws {
        // Frames that are overwritten reach the disk in any order: without the mark, one that stays behind a hole
        // would look like damage.
        try PositionMark.write(
            Confirmation(position: head.position, hash: head.hash, offset: 0), to: PositionMark.cut, in: directory,
            fileSystem)
        try finish(head.position, through: end)
    }

    /// Removes what was derived from frames above a position: snapshots, and the indexes of the segment that goes on there and
    /// of all after it.
    static func removeDerived(
        above position: UInt64, _ segments: [UInt64], in directory: String, _ fileSystem: any FileSystem
    ) throws {
        try SnapshotFile.removeAbove(position, in: directory, fileSystem)
        let current = segments.last { $0 <= position } ?? position
        try SegmentIndexFile.removeFrom(current, in: directory, fileSystem)
    }

    /// Removes what was derived from the dropped frames first, then the frames. Can be repeated at any point.
    func finish(_ position: UInt64, through end: UInt64?) throws {
        let segments = try SegmentName.list(directory, fileSystem)
        try Self.removeDerived(above: position, segments, in: directory, fileSystem)
        // From the last one on, so that no gap is ever left.
        for first in segments.reversed() where first > position {
            try fileSystem.remove("\(directory)/\(SegmentName.of(first))")
        }
        try fileSystem.syncDirectory(directory)
        if let first = segments.last(where: { $0 <= position }) {
            let file = try fileSystem.open("\(directory)/\(SegmentName.of(first))", .write)
            defer { file.close() }
            let size = try file.size()
            let start = min(position - first, size)
            let stop = end.map { min($0 - first, size) } ?? size
            try SegmentPreparer.overwrite(file, start..<max(start, stop))
            try file.sync()
        }
        try fileSystem.remove("\(directory)/\(PositionMark.cut)")
        try fileSystem.syncDirectory(directory)
    }
}
