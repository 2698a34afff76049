import CLinux
import Journal
import Journey
import Records

/// One shard's journal as an audit reads it: from its first frame to the last one whose commit is known, and further where
/// pending ones are asked for.
public struct JournalWalk {
    public let partition: Int32
    /// Where the last committed frame ends.
    public let end: UInt64
    private let path: String
    private let first: UInt64?
    private let source: AuditSource

    /// A frame and whether its commit is not known to have succeeded.
    struct Step {
        var frame: Frame
        var isPending: Bool
    }

    /// Is told of so many more bytes of journal that have been read.
    public typealias Progress = (Int64) -> Void

    public init(_ source: AuditSource, partition: Int32) throws {
        self.source = source
        self.partition = partition
        path = source.directory.shardPath(partition)
        first = try JournalReader.beginnings(of: path, fileSystem: source.fileSystem).first
        end = try source.end(of: partition)
    }

    /// About how many bytes a whole reading takes.
    public var bytes: Int64 { first.map { Int64(end - min(end, $0)) } ?? 0 }

    /// The personal records of the shard.
    func records() throws -> PersonalRecords { try PersonalRecords(directory: path, fileSystem: source.fileSystem) }

    /// Hands out the frames in their order.
    ///
    /// - Parameters:
    ///   - prospects: `nil`: all frames are wanted. Otherwise those that hold anything of these people, those that say which
    ///     policies are in use, and the last committed one, whose clock is the newest; others may come with them.
    ///   - pending: whether frames come, too, whose commit is not known to have succeeded.
    func frames(
        of prospects: Set<ProspectKey>? = nil, pending: Bool, progress: Progress = { _ in },
        _ visit: (Step) throws -> Void
    ) throws {
        let marks = prospects.map { $0.map(\.mark) }
        let keys = prospects.map { Set($0.map(\.high)).union([SegmentKey.settings]) }
        try walk(pending: pending, keys, .covered, progress) { step in
            let isWanted =
                marks.map { marks in
                    step.frame.head.position >= end || step.frame.holdsSettings
                        || marks.contains { step.frame.body.holds($0) }
                } ?? true
            if isWanted { try visit(step) }
            return .goOn
        }
    }

    /// Whether whoever reads wants to see more.
    enum Continuation {
        case goOn
        case stop
    }

    /// Hands out the frames that hold any of these bytes, in their personal records or beside them, or that `isWanted` wants.
    ///
    /// - Parameters:
    ///   - keys: what finds all of them in an index; `nil` where none does, so that all frames are read.
    ///   - part: what is wanted at least of a frame that an index finds.
    func frames(
        holding marks: [[UInt8]], keys: Set<UInt64>?, _ part: Frame.Part, pending: Bool, progress: Progress,
        or isWanted: (Frame) -> Bool, _ visit: (Step) throws -> Continuation
    ) throws {
        try walk(pending: pending, keys, part, progress) { step in
            guard marks.contains(where: { step.frame.content.holds($0) }) || isWanted(step.frame) else { return .goOn }
            return try visit(step)
        }
    }

    /// A progress bar needs no more.
    private static let progressBytes: UInt64 = 1 << 20

    /// - Parameter keys: finished segments are read only where their indexes find these; `nil`: all of them are read.
    private func walk(
        pending: Bool, _ keys: Set<UInt64>?, _ part: Frame.Part, _ progress: Progress,
        _ visit: (Step) throws -> Continuation
    ) throws {
        guard var first else { return }
        if let keys {
            switch try visitFinished(keys, part, visit) {
            case .all(let last):
                progress(Int64(last - first))
                first = last
            case .enough: return
            case .none: break
            }
        }
        let reader = try JournalReader(
            directory: path, fileSystem: source.fileSystem, from: first, verification: .checksum)
        var reported = first
        while pending || reader.head.position < end, let frame = try reader.next(knownEnd: end) {
            let wanted = try visit(Step(frame: frame, isPending: frame.head.position > end))
            if wanted == .stop { break }
            guard reader.head.position - reported >= Self.progressBytes else { continue }
            progress(Int64(reader.head.position - reported))
            reported = reader.head.position
        }
        progress(Int64(reader.head.position - reported))
    }

    /// What was visited of the finished segments.
    private enum Finished {
        /// All that they hold under the keys; the last segment, which begins here, is still to be read.
        case all(upTo: UInt64)
        /// As much as was wanted.
        case enough
        /// Nothing, because frames that are not known to be committed reach back into a finished segment.
        case none
    }

    private func visitFinished(
        _ keys: Set<UInt64>, _ part: Frame.Part, _ visit: (Step) throws -> Continuation
    ) throws -> Finished {
        let indexes = try SegmentIndexes(directory: path, fileSystem: source.fileSystem)
        guard let last = indexes.segments.last?.first, last <= end else { return .none }
        let reader = try FrameReader(directory: path, fileSystem: source.fileSystem)
        for position in try indexes.frames(of: keys, confirmedUpTo: last) {
            let wanted = try visit(Step(frame: try reader.frame(at: position, part), isPending: false))
            if wanted == .stop { return .enough }
        }
        return .all(upTo: last)
    }
}

extension ProspectKey {
    /// Its bytes as records hold them.
    var mark: [UInt8] { [high, low].littleEndianBytes }
}

extension JourneyID {
    /// Its bytes as the fact of its opening holds them.
    var mark: [UInt8] { [high, low].littleEndianBytes }
}

extension [UInt64] {
    fileprivate var littleEndianBytes: [UInt8] {
        map(\.littleEndian).withUnsafeBytes { bytes in bytes.map { $0 } }
    }
}

extension UnsafeRawBufferPointer {
    func holds(_ mark: [UInt8]) -> Bool {
        guard let baseAddress else { return false }
        return mark.withUnsafeBytes { memmem(baseAddress, numericCast(count), $0.baseAddress!, numericCast($0.count)) }
            != nil
    }
}
