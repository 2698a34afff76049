import Synchronization

/// The segment that is written to.
///
/// Safe to share: while one thread writes, others may be at syncing it.
final class CurrentSegment: Sendable {
    /// The positions of its first byte, and of the byte behind its last.
    let first: UInt64
    let limit: UInt64
    private let file: any File
    private let failure = Mutex<(any Error)?>(nil)

    init(directory: String, first: UInt64, fileSystem: any FileSystem) throws {
        self.first = first
        file = try fileSystem.open("\(directory)/\(SegmentName.of(first))", .write)
        limit = first + (try file.size())
    }

    /// Writes what belongs at a position.
    func write(_ bytes: UnsafeRawBufferPointer, at position: UInt64) throws {
        try file.write(bytes, at: position - first)
    }

    /// Makes what was written durable. One thread at a time: the kernel tells of a page that it could not write once,
    /// whoever asks, so a failure is everybody's, and no sync follows it.
    func sync() throws {
        try failure.withLock { failure in
            if let failure { throw failure }
            do { try file.sync() } catch {
                failure = error
                throw error
            }
        }
    }

    func close() { file.close() }
}
