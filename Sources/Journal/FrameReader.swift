/// Reads single frames of a shard's journal by their positions. Not for use by several threads at once.
public final class FrameReader {
    private let directory: String
    private let fileSystem: any FileSystem
    private let firsts: [UInt64]
    private let sha = SHA256()
    private var segment: SegmentFile?

    public init(directory: String, fileSystem: any FileSystem) throws {
        self.directory = directory
        self.fileSystem = fileSystem
        firsts = try SegmentName.list(directory, fileSystem)
    }

    /// The frame that begins at a position; valid until the next call. Its checksum and its hash are verified, and each
    /// personal record with its digest when it is asked for.
    ///
    /// - Parameter part: what of it is read.
    /// - Throws: `.damaged` if it is not intact; `.notFound` if no frame begins there.
    public func frame(at position: UInt64, _ part: Frame.Part = .whole) throws -> Frame {
        guard let first = firsts.last(where: { $0 <= position }) else { throw missing(position) }
        if segment?.first != first {
            segment = try SegmentFile(
                directory: directory, first: first, mode: .lookUp, fileSystem: fileSystem, sha: sha)
        }
        guard let segment, (position - first) % 8 == 0 else { throw missing(position) }
        switch try segment.lookUp(at: position, part) {
        case .frame(let frame):
            guard frame.isHashRight else { throw frame.damage(0, "the frame's hash is not the one of its content") }
            return frame
        case .blank, .misplaced, .broken(_, nil): throw missing(position)
        case .broken(let reason, .some):
            throw JournalReader.damage(segment, at: position, reason, remains: try segment.remains(from: position))
        }
    }

    private func missing(_ position: UInt64) -> JournalError {
        JournalError(.notFound, path: directory, message: "no frame begins at position \(position) of this journal")
    }
}
