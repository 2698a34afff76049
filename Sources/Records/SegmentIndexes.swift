import Journal
import Journey

/// Finds in a shard's journal what is about a prospect, a journey or an address, without reading all of it.
///
/// Where a segment has a sound index, that is searched; where it has none, the segment is read. The answer is the same.
public struct SegmentIndexes {
    /// A segment of the journal, and whether its index can be used.
    public struct Segment: Sendable, Equatable {
        public var first: UInt64
        /// Where the one after it begins; nil for the last one, which may still grow.
        public var next: UInt64?
    }

    private let directory: String
    private let fileSystem: any FileSystem
    public let segments: [Segment]

    /// - Throws: `JournalError` where the folder can't be read.
    public init(directory: String, fileSystem: any FileSystem) throws {
        self.directory = directory
        self.fileSystem = fileSystem
        let firsts = try JournalReader.beginnings(of: directory, fileSystem: fileSystem)
        segments = firsts.indices.map { index in
            Segment(first: firsts[index], next: index + 1 < firsts.count ? firsts[index + 1] : nil)
        }
    }

    /// The frames that hold records with one of the keys: `ProspectKey.high` of a prospect, `JourneyReference` of a journey
    /// (where it was opened, or found), the keyed hash of an address, or a `SegmentKey`.
    ///
    /// A frame that holds none may be among them, one in many thousands: keys are told apart by 37 bits.
    ///
    /// - Parameter end: frames from there on are left out: they are not known to be committed.
    /// - Returns: the frames' positions, ascending.
    /// - Throws: `.damaged` where a segment that has to be read is.
    public func frames(of keys: Set<UInt64>, confirmedUpTo end: UInt64) throws -> [UInt64] {
        var positions: [UInt64] = []
        // In an order of their own, because a set's differs from run to run.
        let sorted = keys.sorted()
        for segment in segments where segment.first < end {
            var offsets = try indexed(sorted, segment) ?? scanned(keys, segment, upTo: end)
            offsets.sort()
            var last: UInt64?
            for offset in offsets where offset != last && segment.first + offset < end {
                positions.append(segment.first + offset)
                last = offset
            }
        }
        return positions
    }

    /// What a segment holds, from its index or from its frames up to `end`.
    public func summary(of segment: Segment, upTo end: UInt64) throws -> SegmentSummary {
        if let index = soundIndex(of: segment), index.header.end.position <= end,
            let summary = try? index.header.summary.withUnsafeBytes({ try SegmentSummary($0) })
        {
            return summary
        }
        return try SegmentContents(of: segment.first, upTo: min(segment.next ?? end, end), in: directory, fileSystem)
            .summary
    }

    /// Whether a segment has an index that a search uses.
    public func hasIndex(_ segment: Segment) -> Bool { soundIndex(of: segment) != nil }

    /// Whether there is an index of the segment that begins at `first`, sound or not.
    public func holdsIndex(of first: UInt64) throws -> Bool {
        try SegmentIndexFile.exists(of: first, in: directory, fileSystem)
    }

    /// What an audit finds an index to be.
    public enum Finding: Sendable, Equatable {
        /// Byte for byte what follows from the segment.
        case same
        /// There is none yet.
        case missing
        /// Not what follows from the segment; it is of another version, of another history, or damaged.
        case differs
    }

    /// Compares the index that is there with the one that follows from what was read of the segment, all of it.
    public func finding(of contents: SegmentContents) throws -> Finding {
        guard let bytes = try SegmentIndexFile.bytes(of: contents.first, in: directory, fileSystem) else {
            return .missing
        }
        return bytes == contents.encodedIndex() ? .same : .differs
    }

    /// The same of a segment that is read for it.
    ///
    /// - Returns: nil for the last segment, which has none.
    public func verify(_ segment: Segment) throws -> Finding? {
        guard let next = segment.next else { return nil }
        return try finding(of: SegmentContents(of: segment.first, upTo: next, in: directory, fileSystem))
    }

    /// Nothing is known to be wrong with the segment where its index can't be used, so that is not an error.
    private func soundIndex(of segment: Segment) -> SegmentIndex? {
        guard let next = segment.next,
            let index = try? SegmentIndex(
                of: segment.first, in: directory, fileSystem, version: SegmentContents.version),
            (try? index.isOf(directory, next: next, fileSystem)) == true
        else { return nil }
        return index
    }

    private func indexed(_ keys: [UInt64], _ segment: Segment) -> [UInt64]? {
        guard let index = soundIndex(of: segment) else { return nil }
        var offsets: [UInt64] = []
        do { for key in keys { try index.addFrames(of: key, to: &offsets) } } catch { return nil }
        return offsets
    }

    private func scanned(_ keys: Set<UInt64>, _ segment: Segment, upTo end: UInt64) throws -> [UInt64] {
        let limit = min(segment.next ?? end, end)
        var offsets: [UInt64] = []
        let reader = try JournalReader(
            directory: directory, fileSystem: fileSystem, from: segment.first, verification: .checksum)
        while reader.head.position < limit, let frame = try reader.next() {
            if try holds(frame, keys) { offsets.append(frame.position - segment.first) }
        }
        return offsets
    }

    private func holds(_ frame: Frame, _ keys: Set<UInt64>) throws -> Bool {
        if frame.isFound(by: keys) { return true }
        var records = try RecordReader(frame.body, position: frame.position)
        while let record = try records.next() {
            if let key = record.indexKey, keys.contains(key) { return true }
        }
        return false
    }
}
