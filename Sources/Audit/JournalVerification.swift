import Engine
import Journal
import Journey

/// Verifies all that a data directory's journals consist of: every checksum, the whole hash chain, every personal record's
/// digest, and every snapshot, by folding the frames that it stands for.
public struct JournalVerification: Sendable {
    /// Frames that are intact, from one position to another, each following the one before.
    public struct Stretch: Sendable, Equatable {
        public var positions: Range<UInt64>
        public var frames = 0
        /// The clock of the newest tick that it holds; `nil` where none is told.
        public var clock: Instant?
    }

    public struct Snapshot: Sendable, Equatable {
        public var position: UInt64
        /// `nil`: the frames that it stands for are damaged or not at hand, so it can't be proved.
        public var verdict: SnapshotProof.Verdict?
    }

    /// What was found of one shard.
    public struct Shard: Sendable {
        public var partition: Int32
        /// The newest confirmed place; the start where damage hides it.
        public var head: JournalHead
        public var pendingBytes: UInt64 = 0
        /// One, if nothing is damaged.
        public var stretches: [Stretch] = []
        /// What is damaged, each with file, offset and extent.
        public var damages: [String] = []
        public var events = 0
        public var facts = 0
        public var intactRecords = 0
        public var destroyedRecords = 0
        public var snapshots: [Snapshot] = []
        /// Indexes that follow from their segments, finished segments without one, and those whose index does not follow:
        /// such a one may hide something from a search.
        public var indexes = 0
        public var missingIndexes = 0
        public var wrongIndexes: [UInt64] = []
        /// Where expected hashes were found.
        public var found: [FrameHash: UInt64] = [:]

        /// Whether everything is as it was written.
        public var isSound: Bool {
            damages.isEmpty && wrongIndexes.isEmpty
                && snapshots.allSatisfy { snapshot in
                    switch snapshot.verdict {
                    case .proved, .otherVersion, nil: true
                    case .refuted, .damaged: false
                    }
                }
        }
    }

    private let source: AuditSource
    private let expected: Set<FrameHash>
    private let since: UInt64?

    /// - Parameters:
    ///   - expected: hashes that were noted elsewhere: they must be found.
    ///   - since: verifies only frames from the segment on that holds this position; snapshots are not proved then.
    public init(_ source: AuditSource, expected: Set<FrameHash> = [], since: UInt64? = nil) {
        self.source = source
        self.expected = expected
        self.since = since
    }

    public func journalBytes() throws -> UInt64 {
        try source.partitions().reduce(0) { total, partition in total + (try source.journalBytes(of: partition)) }
    }

    /// Verifies every partition, or those that are named, as many at a time as there are processors.
    ///
    /// - Parameter progress: is told of so many more bytes that have been verified; from any thread.
    public func run(
        partitions: Set<Int32>? = nil, progress: @escaping @Sendable (UInt64) -> Void = { _ in }
    ) throws -> [Shard] {
        try source.forEachPartition(among: partitions) { try verify($0, progress) }
    }

    private func verify(_ partition: Int32, _ progress: (UInt64) -> Void) throws -> Shard {
        let path = source.directory.shardPath(partition)
        let beginnings = try JournalReader.beginnings(of: path, fileSystem: source.fileSystem)
        guard
            let first = since.map({ since in beginnings.last { $0 <= since } ?? beginnings.first }) ?? beginnings.first
        else { return Shard(partition: partition, head: .start) }
        let pass = try VerificationPass(source, partition, expected, proves: since == nil)
        var start: UInt64? = first
        while let beginning = start {
            let damaged = try pass.read(from: beginning, progress)
            // Behind damage the next segment may be whole: what it holds is still worth something.
            start = damaged.flatMap { end in beginnings.first { $0 > max(end, beginning) } }
        }
        return try pass.finish()
    }
}
