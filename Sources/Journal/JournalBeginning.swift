/// Where a journal begins in its folder: at its start, or behind what was moved to an archive.
public enum JournalBeginning {
    /// The place at which the journal is said to begin: nothing before it is needed to go on.
    ///
    /// - Returns: nil if there is no segment.
    /// - Throws: `.damaged` if segments are missing at the front that were not archived.
    public static func find(in directory: String, _ fileSystem: any FileSystem) throws -> JournalHead? {
        let firsts = try SegmentName.list(directory, fileSystem)
        guard let first = firsts.first else { return nil }
        if first == JournalHead.start.position { return .start }
        guard let mark = try PositionMark.read(PositionMark.archived, in: directory, fileSystem),
            firsts.contains(mark.position)
        else { throw missing(before: first, directory) }
        // An archive is only cut off where a frame follows, so a segment that says otherwise is of another journal.
        if let header = try SegmentFile.firstHeader(in: directory, of: mark.position, fileSystem),
            header.previousHash != mark.hash
        {
            throw missing(before: mark.position, directory)
        }
        return mark.head
    }

    /// The place from which frames can be read: with archives beside it, or where an archiving was interrupted, it may lie
    /// before the one at which the journal is said to begin.
    ///
    /// - Returns: nil if there is no segment.
    public static func readable(in directory: String, _ fileSystem: any FileSystem) throws -> JournalHead? {
        guard let beginning = try find(in: directory, fileSystem) else { return nil }
        let first = try SegmentName.list(directory, fileSystem).first ?? beginning.position
        guard first < beginning.position else { return beginning }
        guard let header = try SegmentFile.firstHeader(in: directory, of: first, fileSystem) else { return beginning }
        return JournalHead(position: first, hash: header.previousHash)
    }

    static func missing(before position: UInt64, _ directory: String) -> JournalError {
        JournalError(
            .damaged, path: "\(directory)/\(SegmentName.of(position))",
            message: """
                the frames before position \(position) are missing or damaged: restore the segment before this one \
                from a backup
                """)
    }
}
