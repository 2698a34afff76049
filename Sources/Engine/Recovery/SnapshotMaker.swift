import Journal
import Journey
import Telemetry

/// Makes snapshots beside the live state, from the journal, by the same fold: nothing pauses, and each one proves the fold.
///
/// Only confirmed frames go into one. It runs on a thread of its own and works on one shard at a time; between snapshots it
/// makes the indexes of finished segments.
final class SnapshotMaker: @unchecked Sendable {
    // Used by its own thread only; what it reads of the workers comes through the board.
    private let context: WorkerContext
    private let indexer: SegmentIndexer
    private var made: [Int32: UInt64] = [:]
    private static let waitMilliseconds = 200
    /// While a backlog is read, snapshots are so much rarer: they would take their time from the reading, and what a restart
    /// folds again from the journal is a small part of what is still to be read.
    private static let backlogFactor: UInt64 = 8

    init(context: WorkerContext) {
        self.context = context
        indexer = SegmentIndexer(context: context)
    }

    func run() {
        while !context.stop.isRequested {
            makeIfDue()
            context.time.pause(milliseconds: Self.waitMilliseconds, unless: context.stop)
        }
    }

    func makeIfDue() {
        for (partition, confirmed) in context.board.confirmations.sorted(by: { $0.key < $1.key }) {
            makeIfDue(partition, confirmed.head)
            indexer.makeIfDue(partition, confirmed.head)
        }
    }

    private func makeIfDue(_ partition: Int32, _ head: JournalHead) {
        let path = context.directory.shardPath(partition)
        do {
            let last = try made[partition] ?? newest(path, head)
            note(last, partition)
            let every = UInt64(context.configuration.snapshotBytes)
            let wanted = context.board.isBehind(partition) ? every * Self.backlogFactor : every
            guard head.position - last >= wanted, !context.stop.isRequested else { return }
            let restorer = Restorer(
                path: path, key: context.directory.key, fileSystem: context.directory.fileSystem,
                topicCount: context.topics.count, log: context.log,
                stop: context.stop)
            let fold = try restorer.restore(to: head)
            try StateSnapshot.write(fold, at: head, directory: path, context.directory.fileSystem)
            note(head.position, partition)
            context.log.debug(
                "snapshot", ["partition": .number(partition), "prospects": .number(fold.prospects.count)])
        } catch SessionEnd.stopped {
            return
        } catch {
            // The journal has everything: without a snapshot a start only takes longer.
            made[partition] = head.position
            context.log.warning(
                "no snapshot could be made", ["shard": .text(path), "why": .text("\(error)")])
        }
    }

    private func note(_ position: UInt64, _ partition: Int32) {
        made[partition] = position
        context.board.made(snapshot: position, of: partition)
    }

    private func newest(_ path: String, _ head: JournalHead) throws -> UInt64 {
        try SnapshotFile.newest(in: path, context.directory.fileSystem, atOrBelow: head.position).first?.position
            ?? JournalHead.start.position
    }
}
