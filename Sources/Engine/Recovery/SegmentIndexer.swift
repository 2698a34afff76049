import Journal
import Records
import Telemetry

/// Makes the indexes of segments that another one follows and whose frames are all confirmed: those of a journal that an
/// older version has written, too. One segment of each shard a turn.
///
/// It works on the snapshot maker's thread: nobody waits for what it makes, and while a backlog is read that waits, too. It
/// was a sixth of the machine's work then, and whoever looks for something reads the segments instead.
final class SegmentIndexer: @unchecked Sendable {
    // Used by the snapshot maker's thread only.
    private let context: WorkerContext
    /// By partition: the confirmed position at which there was nothing left to do.
    private var finished: [Int32: UInt64] = [:]
    /// By partition: the segments that have been seen to have an index, or for which one was made, or could not be.
    private var seen: [Int32: Set<UInt64>] = [:]

    init(context: WorkerContext) { self.context = context }

    /// Makes one index, if one is missing.
    func makeIfDue(_ partition: Int32, _ confirmed: JournalHead) {
        guard finished[partition] != confirmed.position, !context.stop.isRequested,
            !context.board.isBehind(partition)
        else { return }
        do {
            if try !makeOne(partition, confirmed) { finished[partition] = confirmed.position }
        } catch {
            // Whoever looks for something reads the segment instead.
            context.log.warning(
                "no segment index could be made",
                ["shard": .text(context.directory.shardPath(partition)), "why": .text("\(error)")])
        }
    }

    /// - Returns: false where nothing is left to do.
    private func makeOne(_ partition: Int32, _ confirmed: JournalHead) throws -> Bool {
        let path = context.directory.shardPath(partition)
        let fileSystem = context.directory.fileSystem
        let indexes = try SegmentIndexes(directory: path, fileSystem: fileSystem)
        for segment in indexes.segments {
            guard let next = segment.next, next <= confirmed.position else { break }
            // Noted before anything can go wrong with it: what fails once is not tried again by this process.
            guard seen[partition, default: []].insert(segment.first).inserted, !indexes.hasIndex(segment) else {
                continue
            }
            let contents = try SegmentContents(of: segment.first, upTo: next, in: path, fileSystem)
            try SegmentIndexFile.write(contents.encodedIndex(), of: segment.first, in: path, fileSystem)
            context.log.debug(
                "segment index", ["partition": .number(partition), "segment": .text("\(segment.first)")])
            return true
        }
        return false
    }
}
