/// How a shard's journal is kept.
public struct JournalSettings: Sendable {
    /// The size of a segment file. A multiple of 4096, at least twice ``maximumFrameBytes``, at most 1 GiB.
    public var segmentBytes = 64 << 20
    /// The room that a frame finds when it is begun without another wish. It may grow beyond, up to the segment's end.
    public var maximumFrameBytes = 8 << 20
    /// Where the salts of personal records come from.
    public var random = RandomSource.system
    /// Runs work beside the writer: by default on a thread of Dispatch's. A simulator runs it at once.
    public var background: @Sendable (@escaping @Sendable () -> Void) -> Void = SegmentPreparer.onDispatch

    public init() {}

    public init(segmentBytes: Int, maximumFrameBytes: Int) {
        self.segmentBytes = segmentBytes
        self.maximumFrameBytes = maximumFrameBytes
    }

    static let pageBytes = 4096
    static let segmentBytesLimit = 1 << 30

    /// A first segment is small, so that a new data directory with many shards starts at once.
    var firstSegmentBytes: Int { min(segmentBytes, 2 * maximumFrameBytes) }

    func validate(_ path: String) throws {
        guard segmentBytes % Self.pageBytes == 0, segmentBytes <= Self.segmentBytesLimit,
            maximumFrameBytes % Self.pageBytes == 0, maximumFrameBytes >= Self.pageBytes,
            segmentBytes >= 2 * maximumFrameBytes
        else {
            throw JournalError(
                .invalidSetting, path: path,
                message: """
                    segments of \(segmentBytes) bytes for frames of \(maximumFrameBytes) make no sense: both have to \
                    be multiples of \(Self.pageBytes), a segment two frames at least and \
                    \(Self.segmentBytesLimit) bytes at most
                    """)
        }
    }
}
