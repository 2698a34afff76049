import Journal
import Journey
import Records
import Telemetry

/// Folds a shard's journal up to a place: from the newest snapshot that fits, or from the start.
///
/// Recovery and the snapshot maker use it; so a snapshot is made by the code that would have to do without it.
struct Restorer {
    let path: String
    let key: [UInt8]
    let fileSystem: any FileSystem
    let topicCount: Int
    let log: Log
    /// Where the work is not worth finishing once the engine is to stop.
    var stop: StopSignal?

    /// The state at `head`. Throws on damage; a snapshot that can't be used is reported and passed over.
    func restore(to head: JournalHead) throws -> ShardFold {
        let (fold, start) = try newestSnapshot(upTo: head)
        try advance(fold, from: start, to: head)
        return fold
    }

    /// Folds the frames between two places.
    func advance(_ fold: ShardFold, from start: JournalHead, to head: JournalHead) throws {
        let reader = try JournalReader(
            directory: path, fileSystem: fileSystem, from: start.position, hash: start.hash, verification: .chain)
        while reader.head.position < head.position {
            if let stop, stop.isRequested { throw SessionEnd.stopped }
            guard let frame = try reader.next(knownEnd: head.position) else {
                throw EngineError(
                    .journalBehind, "\(path): the journal ends at \(reader.head.position), before \(head.position).")
            }
            try fold.apply(frame.body, framePosition: frame.position)
        }
        guard reader.head == head else {
            throw EngineError(
                .journalDiverged,
                "\(path): the journal has frame \(reader.head.hash) at \(reader.head.position), not \(head.hash) at \(head.position)."
            )
        }
    }

    /// Folds everything that the journal holds, committed or not, and shows each frame's end, what it says was confirmed, and
    /// its records to `visit`.
    ///
    /// - Returns: the state, the journal's end, and the newest confirmed position that the journal tells.
    func restoreToEnd(
        _ visit: (UInt64, UInt64, borrowing FrameRecords) throws -> Void
    ) throws -> (ShardFold, JournalHead, confirmed: UInt64) {
        let end = JournalHead(position: JournalHead.positionLimit, hash: .zero)
        let (fold, start) = try newestSnapshot(upTo: end)
        let reader = try JournalReader(
            directory: path, fileSystem: fileSystem, from: start.position, hash: start.hash, verification: .chain)
        while let frame = try reader.next() {
            try fold.apply(frame.body, framePosition: frame.position)
            try visit(
                reader.head.position, frame.confirmed.position, FrameRecords(body: frame.body, position: frame.position)
            )
        }
        return (fold, reader.head, max(start.position, try reader.confirmation().position))
    }

    private func newestSnapshot(upTo head: JournalHead) throws -> (ShardFold, JournalHead) {
        try SnapshotFile.withNewest(in: path, fileSystem, atOrBelow: head.position) { candidate, error in
            log.warning(
                "a snapshot can't be used; an older one or the journal takes its place",
                ["snapshot": .text(candidate.path), "why": .text("\(error)")])
        } _: { snapshot in
            (try StateSnapshot.load(snapshot, key: key), snapshot.head)
        } ?? (ShardFold(key: key, topicCount: topicCount), .start)
    }
}

/// A frame's records, for a look beside the fold.
struct FrameRecords {
    let body: UnsafeRawBufferPointer
    let position: UInt64

    func collectProspects(into prospects: inout Set<ProspectKey>) throws {
        var reader = try RecordReader(body, position: position)
        while let record = try reader.next() {
            switch record {
            case .input(let input): prospects.insert(input.prospect)
            case .timer(let prospect), .migration(let prospect), .match(let prospect): prospects.insert(prospect)
            case .fact, .refused, .tombstone, .unknownType, .tick, .activation, .intervention, .found, .command,
                .address, .destroyed:
                continue
            }
        }
    }
}
