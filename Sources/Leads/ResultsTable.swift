import Dispatch
import Engine
import Journal
import Journey
import Records
import Synchronization

/// Counts what became of journeys, from the journals of a data directory: beside a running engine or without.
///
/// Only frames count whose commit is known to have succeeded.
public struct ResultsTable: Sendable {
    private let directory: DataDirectory
    private let status: EngineStatus?

    /// - Parameter path: the data directory. Throws `JournalError` where there is none.
    public init(path: String, fileSystem: any FileSystem) throws {
        directory = try DataDirectory.openForReading(path, fileSystem: fileSystem)
        status = try? EngineStatus.read(from: path)
    }

    /// From when on all partitions' journals can be read, if not from their start: journeys that were opened before do not
    /// count, or not all that became of them.
    public func knownSince() throws -> Instant? {
        try directory.shards().compactMap {
            try KnownSince.read(directory.shardPath($0), directory.fileSystem)?.time
        }.max()
    }

    /// The journeys whose opening events' own times lie in the period, and all that has become of them since.
    ///
    /// Reads every journal from its beginning, as many at a time as there are processors.
    ///
    /// - Parameter progress: is told of so many more bytes that have been read; from any thread.
    /// - Returns: every policy that ever was, in the order of activation.
    public func results(
        openedIn period: Range<Instant>, progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) throws -> [PolicyResults] {
        let partitions = try directory.shards()
        let outcomes = Mutex<[Int: Result<[PolicyResults], any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: partitions.count) { index in
            let outcome = Result { try results(of: partitions[index], period, progress) }
            outcomes.withLock { $0[index] = outcome }
        }
        var all: [PolicyResults] = []
        for index in partitions.indices {
            let outcome = outcomes.withLock { $0[index] }
            for results in try outcome?.get() ?? [] {
                if let place = all.firstIndex(where: { $0.policy == results.policy }) {
                    all[place] += results
                } else {
                    all.append(results)
                }
            }
        }
        return all
    }

    /// How many bytes of journal there are to be read, about.
    public func journalBytes() throws -> Int64 {
        try directory.shards().reduce(0) { total, partition in
            let path = directory.shardPath(partition)
            let first = try JournalReader.beginnings(of: path, fileSystem: directory.fileSystem).first ?? 0
            return total + Int64(max(first, try confirmedEnd(path, partition)) - first)
        }
    }

    private static let progressBytes: UInt64 = 1 << 20

    private func results(
        of partition: Int32, _ period: Range<Instant>, _ progress: @Sendable (Int64) -> Void
    ) throws -> [PolicyResults] {
        let path = directory.shardPath(partition)
        var fold = ResultsFold(period)
        for activation in try EarlierActivations.read(directory, partition: partition) {
            try fold.activate(activation.text, at: activation.time)
        }
        let end = try confirmedEnd(path, partition)
        guard let first = try JournalReader.beginnings(of: path, fileSystem: directory.fileSystem).first else {
            return []
        }
        let reader = try JournalReader(
            directory: path, fileSystem: directory.fileSystem, from: first, verification: .checksum)
        var reported = first
        while reader.head.position < end, let frame = try reader.next() {
            try fold.apply(frame)
            guard reader.head.position - reported >= Self.progressBytes else { continue }
            progress(Int64(reader.head.position - reported))
            reported = reader.head.position
        }
        return fold.finish()
    }

    /// Up to where commits are known to have succeeded: each frame says what was known when it was written, so the last
    /// ones know best.
    private func confirmedEnd(_ path: String, _ partition: Int32) throws -> UInt64 {
        var end = status?.partitions.first { $0.partition == partition }?.confirmedPosition ?? 0
        for first in try JournalReader.beginnings(of: path, fileSystem: directory.fileSystem).reversed() {
            let reader = try JournalReader(
                directory: path, fileSystem: directory.fileSystem, from: first, verification: .checksum)
            var hasFrames = false
            while try reader.next() != nil { hasFrames = true }
            end = max(end, try reader.confirmation().position)
            if hasFrames { break }
        }
        return end
    }
}
