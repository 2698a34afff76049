import Journal
import Journey
import Records

/// The configurations that were activated before what can be read of a shard's journal begins: facts behind it still name
/// their policies by number. A snapshot knows them all.
public enum EarlierActivations {
    public struct Activation: Sendable, Equatable {
        public var time: Instant
        public var text: String
    }

    /// - Returns: oldest first; none where the journal can be read from its start.
    /// - Throws: `.damaged` where no snapshot can be used.
    public static func read(_ directory: DataDirectory, partition: Int32) throws -> [Activation] {
        let path = directory.shardPath(partition)
        let fileSystem = directory.fileSystem
        guard let beginning = try JournalBeginning.readable(in: path, fileSystem), beginning != .start else {
            return []
        }
        let known = try SnapshotFile.withNewest(in: path, fileSystem, atOrBelow: JournalHead.positionLimit) { _, _ in
        } _: { snapshot in
            let activations = try StateSnapshot.load(snapshot, key: directory.key).activations
            return (activations, snapshot.head.position)
        }
        guard let (activations, end) = known else {
            throw JournalError(
                .damaged, path: path,
                message: """
                    the journal's front was archived, and no snapshot tells the policies of then: name the archive, or copy its \
                    segments back
                    """)
        }
        let indexes = try SegmentIndexes(directory: path, fileSystem: fileSystem)
        var later: UInt64 = 0
        for segment in indexes.segments where segment.first < end {
            later += try indexes.summary(of: segment, upTo: end).activations
        }
        return activations.dropLast(Int(later)).map { Activation(time: $0.time, text: $0.text) }
    }
}
