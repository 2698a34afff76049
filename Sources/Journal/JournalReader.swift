/// Reads a shard's frames in their order: any number of readers, also in other processes, also beside the writer.
///
/// A reader sees frames as soon as they are written, committed or not; compare with ``Frame/confirmed`` and
/// ``confirmation()`` to tell which are pending: those may still be cut. Not for use by several threads at once.
public final class JournalReader {
    /// How much of a frame is verified before it is handed out.
    public enum Verification: Sendable {
        /// The CRC-32C of all but personal data, and that each frame names the hash of its predecessor.
        case checksum
        /// The SHA-256 chain as well.
        case chain
        /// The digest of every personal record as well.
        case everything
    }

    /// The end of the last frame handed out; where reading began before the first.
    public private(set) var head: JournalHead
    /// Whether the predecessor's hash is known, and the next frame's has to match it.
    private var isChained: Bool
    /// Where the last frame handed out begins; nil before the first.
    private var lastPosition: UInt64?
    private let directory: String
    private let fileSystem: any FileSystem
    private let verification: Verification
    private let sha = SHA256()
    private var segment: SegmentFile?
    private var newestConfirmed = Confirmation.none

    /// Begins at a position between two frames; at the journal's start by default.
    ///
    /// - Parameter hash: what the frame before it must have as its hash; nil if that is not known.
    /// - Throws: `.notFound` if there is no journal.
    public init(
        directory: String, fileSystem: any FileSystem, from position: UInt64 = JournalHead.start.position,
        hash: FrameHash? = nil, verification: Verification = .everything
    ) throws {
        self.directory = directory
        self.fileSystem = fileSystem
        self.verification = verification
        let isStart = position == JournalHead.start.position
        head = JournalHead(position: position, hash: hash ?? .zero)
        isChained = hash != nil || isStart
        guard try SegmentName.list(directory, fileSystem).contains(where: { $0 <= position }) else {
            throw try Self.missing(position, directory, fileSystem)
        }
    }

    private static func missing(
        _ position: UInt64, _ directory: String, _ fileSystem: any FileSystem
    ) throws -> JournalError {
        guard let mark = try PositionMark.read(PositionMark.archived, in: directory, fileSystem),
            position < mark.position
        else {
            return JournalError(
                .notFound, path: directory, message: "there is no journal that holds position \(position)")
        }
        return JournalError(
            .notFound, path: directory,
            message: """
                the frames before position \(mark.position) were moved to an archive, and position \(position) is asked \
                for. A start needs them only where no snapshot can be used: copy the archived segments back into this \
                folder, or restore a snapshot from a backup
                """)
    }

    /// The positions from which a journal can be read without reading what lies before: ascending, the start first.
    public static func beginnings(of directory: String, fileSystem: any FileSystem) throws -> [UInt64] {
        try SegmentName.list(directory, fileSystem)
    }

    /// The next frame; nil at the end of what has been written so far. Ask again later for more.
    ///
    /// - Parameter known: frames are known to be there up to this position; if they are not, that is damage.
    /// - Throws: `.damaged` with file, offset and extent; `.diverged` if the writer has cut the journal below what was
    ///   read: begin again from a confirmed position.
    public func next(knownEnd known: UInt64 = 0) throws -> Frame? {
        while true {
            let segment = try currentSegment()
            if case .frame(let frame) = try segment.look(at: head.position) { return try accept(frame, segment) }
            // What is in the window may be older than what is in the file: the writer is at work.
            let later = try SegmentName.list(directory, fileSystem).filter { $0 > segment.first }
            segment.forget()
            let finding = try segment.look(at: head.position)
            if case .frame(let frame) = finding { return try accept(frame, segment) }
            if case .misplaced(let frame) = finding {
                throw frame.damage(
                    0, "an intact frame lies where another one belongs, so files were renamed or copied")
            }
            if later.first == head.position {
                self.segment = nil
                continue
            }
            if let next = later.first {
                throw try explain(
                    segment, "the segment that follows begins at position \(next), but no intact frame is here")
            }
            switch finding {
            case .frame, .blank, .misplaced: break
            case .broken(let reason, _):
                guard try segment.remains(from: head.position).durable <= head.position else {
                    throw try explain(segment, reason)
                }
            }
            guard known <= head.position else {
                throw try explain(segment, "frames up to position \(known) were durable, but no intact one is here")
            }
            guard try isFooted() else { throw diverged() }
            // The file is opened anew next time: a cut may have removed it meanwhile.
            self.segment = nil
            return nil
        }
    }

    /// The newest confirmation that the frames read so far and the mark of a clean stop tell.
    public func confirmation() throws -> Confirmation {
        let mark = try PositionMark.read(PositionMark.confirmed, in: directory, fileSystem)
        if let mark, mark.position > newestConfirmed.position { newestConfirmed = mark }
        return newestConfirmed
    }

    private func currentSegment() throws -> SegmentFile {
        if let segment { return segment }
        let firsts = try SegmentName.list(directory, fileSystem)
        do {
            // Both sides of a boundary have the same position: the later segment has the frame.
            guard let first = firsts.last(where: { $0 <= head.position }) else { throw diverged() }
            let opened = try SegmentFile(
                directory: directory, first: first, mode: .read, fileSystem: fileSystem, sha: sha)
            guard opened.limit >= head.position else { throw diverged() }
            segment = opened
            return opened
        } catch let error as JournalError where error.code == .notFound {
            throw diverged()
        }
    }

    private func accept(_ frame: Frame, _ segment: SegmentFile) throws -> Frame {
        if isChained, frame.header.previousHash != head.hash {
            throw try explain(segment, "the frame does not follow the one before it: the hash chain is broken")
        }
        if verification != .checksum, !frame.isHashRight {
            throw frame.damage(0, "the frame's hash is not the one of its content")
        }
        if case .everything = verification {
            do { try frame.forEachPersonal { _ in } } catch {
                // It may be destroyed at this moment: then another look finds it whole again, or gone.
                segment.forget()
                guard case .frame(let again) = try segment.look(at: head.position) else { throw error }
                try again.forEachPersonal { _ in }
                return accepted(again)
            }
        }
        return accepted(frame)
    }

    private func accepted(_ frame: Frame) -> Frame {
        lastPosition = frame.position
        head = frame.head
        isChained = true
        if frame.confirmed.position > newestConfirmed.position { newestConfirmed = frame.confirmed }
        return frame
    }

    /// Damage at the head, unless the writer has meanwhile cut away what was read before it.
    private func explain(_ segment: SegmentFile, _ reason: String) throws -> JournalError {
        guard try isFooted() else { return diverged() }
        return Self.damage(segment, at: head.position, reason, remains: try segment.remains(from: head.position))
    }

    /// Whether the journal still has the frame that ends where this reader stands.
    private func isFooted() throws -> Bool {
        guard head.position > JournalHead.start.position else { return true }
        let inside = lastPosition ?? head.position - 1
        do {
            guard let first = try SegmentName.list(directory, fileSystem).last(where: { $0 <= inside }) else {
                return false
            }
            let segment = try SegmentFile(
                directory: directory, first: first, mode: .read, fileSystem: fileSystem, sha: sha)
            // The frame is known, or found on the way from the segment's beginning.
            var position = lastPosition ?? first
            while case .frame(let frame) = try segment.look(at: position) {
                if frame.head.position >= head.position {
                    return frame.head.position == head.position && (!isChained || frame.head == head)
                }
                position = frame.head.position
            }
            return false
        } catch let error as JournalError where error.code == .notFound {
            return false
        }
    }

    private func diverged() -> JournalError {
        JournalError(
            .diverged, path: directory,
            message: """
                the journal no longer holds the frame that ended at position \(head.position): its writer has cut \
                what was not committed; read again from the confirmed position
                """)
    }

    /// An error that names the extent of what cannot be read.
    static func damage(
        _ segment: SegmentFile, at position: UInt64, _ reason: String, remains: SegmentFile.Remains
    ) -> JournalError {
        let extent =
            remains.firstFrame.map {
                "the next intact frame begins \($0.position - position) bytes later, at position \($0.position)"
            } ?? "no intact frame follows in this file"
        return JournalError(
            .damaged, path: segment.path, offset: position - segment.first,
            message: """
                damaged at position \(position): \(reason); \(extent). Restore the file from a backup, or check the \
                disk; without a backup `winback recover` rebuilds the journal. Nothing has been changed
                """)
    }
}
