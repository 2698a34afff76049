import Dispatch
import Engine
import Journal
import Journey
import Records
import Synchronization

/// Decides all journals of a data directory once more and compares: the normal answer is that nothing differs.
///
/// Only frames whose commit is known to have succeeded are looked at. Memory holds what the engine's state table holds, and,
/// where commands are asked for, some fifty bytes for each.
public struct ReplayAudit: Sendable {
    private let source: AuditSource
    private let commandSource: String

    /// What one shard's replay has come to.
    public struct Shard: Sendable {
        public var partition: Int32
        public var head: JournalHead
        /// Bytes of frames behind it, which are not known to be committed.
        public var pendingBytes: UInt64
        /// The snapshot that it began with, where the frames before were not at hand; `nil`: with the journal's first frame.
        public var since: UInt64?
        public var tally: JournalReplay.Tally
        public var differences: [JournalReplay.Difference]
        public var differenceCount: Int
        /// Of the newest tick that is known to be committed.
        public var clock: Instant
        /// In their order; empty where they were not asked for.
        public var commands: [DecidedCommand] = []
    }

    public init(_ source: AuditSource) throws {
        self.source = source
        // As the engine names itself: it keeps the group's name in its directory before it decides anything.
        commandSource = "winback/\(try source.directory.group() ?? Self.defaultGroup)"
    }

    private static let defaultGroup = "winback"
    private static let progressBytes: UInt64 = 1 << 20

    /// Bytes of journal to be read, about.
    public func journalBytes() throws -> UInt64 { try source.confirmedBytes() }

    /// Replays every partition, as many at a time as there are processors.
    ///
    /// - Parameters:
    ///   - keepsCommands: whether the answer lists the commands, for a comparison with what lies in the topic.
    ///   - progress: is told of so many more bytes that have been read; from any thread.
    public func run(
        keepsCommands: Bool, maximumDuePerTick: Int? = nil, progress: @escaping @Sendable (UInt64) -> Void = { _ in }
    ) throws -> [Shard] {
        try source.forEachPartition { partition in
            try replay(partition, keepsCommands, maximumDuePerTick, progress)
        }
    }

    private func replay(
        _ partition: Int32, _ keepsCommands: Bool, _ maximumDuePerTick: Int?, _ progress: (UInt64) -> Void
    ) throws -> Shard {
        let place = try ShardHead.read(source, partition: partition)
        let head = place.head
        let path = source.directory.shardPath(partition)
        var commands: [DecidedCommand] = []
        let digests = CommandDigests(key: source.directory.key)
        guard let beginning = try source.beginning(of: partition) else {
            throw JournalError(
                .notFound, path: path,
                message: "the first frames are in an archive, and no snapshot stands for them: name it with --archive")
        }
        let replay = try JournalReplay(
            source.directory, partition: partition, commandSource: commandSource, from: beginning.snapshot,
            maximumDuePerTick: maximumDuePerTick
        ) { command in
            guard keepsCommands else { return }
            commands.append(DecidedCommand(command, partition, digests))
        }
        let reader = try JournalReader(
            directory: path, fileSystem: source.fileSystem, from: beginning.position, verification: .chain)
        var reported = reader.head.position
        while reader.head.position < head.position, let frame = try reader.next() {
            try replay.replay(frame)
            guard reader.head.position - reported >= Self.progressBytes else { continue }
            progress(reader.head.position - reported)
            reported = reader.head.position
        }
        progress(reader.head.position - reported)
        replay.finish()
        return Shard(
            partition: partition, head: head, pendingBytes: place.pendingBytes,
            since: beginning.snapshot == nil ? nil : beginning.position, tally: replay.tally,
            differences: replay.differences,
            differenceCount: replay.differenceCount, clock: replay.clock, commands: commands)
    }
}

/// A command that a journal decided, as far as a comparison needs it.
public struct DecidedCommand: Sendable, Equatable {
    public var partition: Int32
    /// The first half of the journey's id; its command's id begins with it.
    public var journey: UInt64
    /// From 1.
    public var step: Int
    public var emitted: Instant
    /// The journalled one, or, from before there were any, the one of the bytes that are decided now.
    public var digest: CommandDigest?

    init(_ command: JournalReplay.Command, _ partition: Int32, _ digests: CommandDigests) {
        self.partition = partition
        journey = command.journey.rawValue
        step = command.step
        emitted = command.emitted
        digest = command.journalled
        if digest == nil, let key = command.key, let value = command.value { digest = digests.digest(key, value) }
    }
}
