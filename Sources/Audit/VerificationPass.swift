import Engine
import Journal
import Journey
import Records

/// The way of a verification through one shard's journal: from a segment on until the end or damage, and on behind that.
final class VerificationPass {
    private let source: AuditSource
    private let partition: Int32
    private let path: String
    private let expected: Set<FrameHash>
    private let candidates: [SnapshotFile.Candidate]
    /// `nil` where frames before are missing or damaged: nothing can be folded from there on.
    private var proof: SnapshotProof?
    /// Snapshots behind it can be proved.
    private let provesFrom: UInt64
    private let indexes: SegmentIndexes
    /// Of each finished segment, by where it begins: where the next one does.
    private let ends: [UInt64: UInt64]
    /// What the finished segment under way holds, as far as it has been read.
    private var segment: (contents: SegmentContents, next: UInt64)?
    private var shard: JournalVerification.Shard

    private static let progressBytes: UInt64 = 1 << 20

    /// - Parameter proves: whether the frames are read from the journal's first one on, so that snapshots can be proved.
    init(_ source: AuditSource, _ partition: Int32, _ expected: Set<FrameHash>, proves: Bool) throws {
        self.source = source
        self.partition = partition
        self.expected = expected
        path = source.directory.shardPath(partition)
        candidates = try SnapshotFile.newest(in: path, source.fileSystem, atOrBelow: .max).reversed()
        let beginning = proves ? try source.beginning(of: partition) : nil
        proof = try beginning.map { beginning in
            try beginning.snapshot.map { try SnapshotProof(source.directory, from: $0) }
                ?? SnapshotProof(source.directory)
        }
        provesFrom = beginning?.position ?? .max
        indexes = try SegmentIndexes(directory: path, fileSystem: source.fileSystem)
        ends = indexes.segments.reduce(into: [:]) { $0[$1.first] = $1.next }
        shard = JournalVerification.Shard(partition: partition, head: .start)
    }

    /// Reads on from the beginning of a segment.
    ///
    /// - Returns: where damage ended the reading; `nil` at the journal's end.
    func read(from beginning: UInt64, _ progress: (UInt64) -> Void) throws -> UInt64? {
        let reader = try JournalReader(
            directory: path, fileSystem: source.fileSystem, from: beginning, verification: .chain)
        var stretch = JournalVerification.Stretch(positions: beginning..<beginning)
        var reported = beginning
        defer { if stretch.frames > 0 { shard.stretches.append(stretch) } }
        do {
            while let frame = try reader.next() {
                look(at: frame)
                try fold(frame)
                try compareIndex(behind: frame)
                stretch.frames += 1
                stretch.positions = beginning..<reader.head.position
                stretch.clock = proof.flatMap { $0.clock == .distantPast ? nil : $0.clock }
                guard reader.head.position - reported >= Self.progressBytes else { continue }
                progress(reader.head.position - reported)
                reported = reader.head.position
            }
            progress(reader.head.position - reported)
            return nil
        } catch let error as JournalError where error.code == .damaged {
            shard.damages.append("\(error)")
            leaveProof()
            segment = nil
            return reader.head.position
        }
    }

    /// What is covered by digests alone. Where that is damaged the chain goes on, and so does the reading.
    private func look(at frame: Frame) {
        if expected.contains(frame.head.hash) { shard.found[frame.head.hash] = frame.head.position }
        do {
            try frame.forEachPersonal { record in
                if record.bytes == nil { shard.destroyedRecords += 1 } else { shard.intactRecords += 1 }
            }
        } catch {
            shard.damages.append("\(error)")
        }
    }

    private func fold(_ frame: Frame) throws {
        guard let proof, frame.position >= provesFrom else { return }
        try proof.fold(frame)
        guard let candidate = candidates.first(where: { $0.position == frame.head.position }) else { return }
        shard.snapshots.append(
            JournalVerification.Snapshot(
                position: candidate.position, verdict: proof.prove(candidate, at: frame.head)))
    }

    /// Each finished segment's index must be the one that follows from it.
    private func compareIndex(behind frame: Frame) throws {
        if let next = ends[frame.position] {
            let isThere = try indexes.holdsIndex(of: frame.position)
            segment = isThere ? (SegmentContents(first: frame.position), next) : nil
            if !isThere { shard.missingIndexes += 1 }
        }
        guard segment != nil else { return }
        try segment?.contents.add(frame)
        guard let segment, segment.next == frame.head.position else { return }
        self.segment = nil
        var contents = segment.contents
        contents.finish()
        switch try indexes.finding(of: contents) {
        case .same: shard.indexes += 1
        case .missing: shard.missingIndexes += 1
        case .differs: shard.wrongIndexes.append(contents.first)
        }
    }

    private func leaveProof() {
        guard let proof else { return }
        shard.events = proof.events
        shard.facts = proof.facts
        self.proof = nil
    }

    /// To be called once, when everything has been read.
    func finish() throws -> JournalVerification.Shard {
        leaveProof()
        let seen = Set(shard.snapshots.map(\.position))
        for candidate in candidates where !seen.contains(candidate.position) {
            // A start does not use one of another history; where frames are at hand, none of them ends there.
            let isForeign = shard.damages.isEmpty && candidate.position > provesFrom
            shard.snapshots.append(
                JournalVerification.Snapshot(
                    position: candidate.position,
                    verdict: isForeign ? .refuted("no frame of the journal ends at its position") : nil))
        }
        guard shard.damages.isEmpty else { return shard }
        let head = try ShardHead.read(source, partition: partition)
        shard.head = head.head
        shard.pendingBytes = head.pendingBytes
        return shard
    }
}
