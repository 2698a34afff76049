import Dispatch
import Engine
import Journal
import Journey
import Records
import Synchronization

/// A data directory as an auditor has it: beside its running engine, long after it, or a copy on another machine. Nothing in
/// it is changed, and no broker is asked.
public struct AuditSource: Sendable {
    public let directory: DataDirectory
    /// What the engine last said of itself; `nil` where it has said nothing.
    public let status: EngineStatus?
    /// The event topics, in the order in which records name them; empty before the first start was complete.
    public let topics: [String]

    private let ends = Ends()

    /// Where the committed part of each journal ends, as it was found first.
    private final class Ends: Sendable {
        let known = Mutex<[Int32: UInt64]>([:])
    }

    public var fileSystem: any FileSystem { directory.fileSystem }

    /// - Parameters:
    ///   - path: the data directory. Throws `JournalError` where there is none, or none that can be read.
    ///   - archives: folders that older segments were moved to: they are read as if they were still in place.
    public init(path: String, fileSystem: any FileSystem, archives: [String] = []) throws {
        for archive in archives where try !fileSystem.exists(archive) {
            throw JournalError(.notFound, path: archive, message: "there is no such archive")
        }
        directory = try DataDirectory.openForReading(
            path,
            fileSystem: archives.isEmpty
                ? fileSystem : ArchivedFileSystem(fileSystem, data: path, archives: archives))
        status = try? EngineStatus.read(from: path)
        topics = try directory.eventTopics() ?? []
    }

    /// The partitions that have a journal, ascending.
    public func partitions() throws -> [Int32] { try directory.shards() }

    /// Where the frames of a partition that can be read begin; `nil`: with its journal itself. What an answer can't know
    /// because an archive was left out is named with it.
    public func knownSince(_ partition: Int32) throws -> KnownSince? {
        try KnownSince.read(directory.shardPath(partition), fileSystem)
    }

    /// Whether a file of a shard's folder is read from an archive.
    func isArchived(_ path: String) throws -> Bool {
        guard let archives = fileSystem as? ArchivedFileSystem else { return false }
        return try archives.isArchived(path)
    }

    /// Where the last frame of a journal ends that is known to be committed. It stays the same for as long as the source is in
    /// use: all parts of an answer are of one state, however the engine goes on.
    func end(of partition: Int32) throws -> UInt64 {
        if let known = ends.known.withLock({ $0[partition] }) { return known }
        let end = try ShardHead.read(self, partition: partition).head.position
        ends.known.withLock { $0[partition] = end }
        return end
    }

    /// What messages call an event topic; its number where the name is not known.
    public func topicName(_ topic: UInt8) -> String {
        Int(topic) < topics.count ? topics[Int(topic)] : "topic \(topic)"
    }

    /// Where commits are known to have succeeded up to, if the engine has said more than the journal does.
    func reportedEnd(of partition: Int32) -> UInt64 {
        status?.partitions.first { $0.partition == partition }?.confirmedPosition ?? 0
    }

    /// Bytes of confirmed frames in all journals.
    func confirmedBytes() throws -> UInt64 {
        try partitions().reduce(0) { total, partition in
            let first = try firstPosition(of: partition)
            return total + max(first, try ShardHead.read(self, partition: partition).head.position) - first
        }
    }

    /// Where the frames at hand begin.
    private func firstPosition(of partition: Int32) throws -> UInt64 {
        try JournalReader.beginnings(of: directory.shardPath(partition), fileSystem: fileSystem).first
            ?? JournalHead.start.position
    }

    /// Where a fold of the frames at hand can begin: at the journal's start, or, where an archive was left out, with the
    /// oldest snapshot that no missing frame lies behind. `nil` where there is neither.
    func beginning(of partition: Int32) throws -> (position: UInt64, snapshot: SnapshotFile.Candidate?)? {
        let first = try firstPosition(of: partition)
        if first == JournalHead.start.position { return (first, nil) }
        let snapshots = try SnapshotFile.newest(
            in: directory.shardPath(partition), fileSystem, atOrBelow: JournalHead.positionLimit)
        return snapshots.last { $0.position >= first }.map { ($0.position, $0) }
    }

    /// Bytes from the first frame of a journal to the end of its last segment.
    func journalBytes(of partition: Int32) throws -> UInt64 {
        let path = directory.shardPath(partition)
        let beginnings = try JournalReader.beginnings(of: path, fileSystem: fileSystem)
        guard let first = beginnings.first, let last = beginnings.last else { return 0 }
        // Damage is for those to tell who look for it.
        return max(last, (try? ShardHead.read(self, partition: partition).end) ?? last) - first
    }

    /// Does the same for each partition, for as many at a time as there are processors.
    ///
    /// - Returns: the outcomes in the order of the partitions; the first failure is thrown.
    func forEachPartition<Outcome: Sendable>(
        among wanted: Set<Int32>? = nil, _ body: @Sendable (Int32) throws -> Outcome
    ) throws -> [Outcome] {
        let partitions = try partitions().filter { wanted?.contains($0) ?? true }
        let outcomes = Mutex<[Int: Result<Outcome, any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: partitions.count) { index in
            let outcome = Result { try body(partitions[index]) }
            outcomes.withLock { $0[index] = outcome }
        }
        return try partitions.indices.compactMap { index in try outcomes.withLock { $0[index] }?.get() }
    }
}
