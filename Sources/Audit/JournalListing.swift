import Engine
import Journal
import Journey
import Records

/// The files of a shard's journal, and what its confirmed frames hold.
public struct JournalListing: Sendable {
    public struct Segment: Sendable, Equatable {
        public var first: UInt64
        /// The end of its last confirmed frame.
        public var end: UInt64
        public var fileBytes: UInt64
        public var summary: SegmentSummary
        /// Whether another segment follows, so that nothing comes to this one any more.
        public var isSealed: Bool
        public var hasIndex: Bool
        public var isArchived: Bool

        public var usedBytes: UInt64 { end - first }
        /// The time that it tells of; `nil` where it holds nothing that has a time.
        public var span: ClosedRange<Instant>? {
            let begin = min(summary.firstClock, summary.earliest)
            return begin <= summary.last ? begin...summary.last : nil
        }
    }

    public var partition: Int32
    public var segments: [Segment]
    public var snapshots: [SnapshotListing]

    /// Reads what indexes say, and the frames of segments that have none.
    public static func read(_ source: AuditSource, partition: Int32) throws -> JournalListing {
        let path = source.directory.shardPath(partition)
        let indexes = try SegmentIndexes(directory: path, fileSystem: source.fileSystem)
        let confirmed = indexes.segments.isEmpty ? 0 : try ShardHead.read(source, partition: partition).head.position
        return JournalListing(
            partition: partition,
            segments: try indexes.segments.map { segment in
                let file = "\(path)/\(SegmentName.of(segment.first))"
                return Segment(
                    first: segment.first, end: max(segment.first, min(segment.next ?? confirmed, confirmed)),
                    fileBytes: try size(file, source.fileSystem),
                    summary: try indexes.summary(of: segment, upTo: confirmed), isSealed: segment.next != nil,
                    hasIndex: indexes.hasIndex(segment), isArchived: try source.isArchived(file))
            }, snapshots: try SnapshotListing.read(path, fileSystem: source.fileSystem))
    }

    private static func size(_ path: String, _ fileSystem: any FileSystem) throws -> UInt64 {
        let file = try fileSystem.open(path, .read)
        defer { file.close() }
        return try file.size()
    }
}
