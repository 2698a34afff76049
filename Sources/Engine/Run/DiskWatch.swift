import Journal

/// What the room on a disk asks for. Pure: the room is handed in.
struct DiskWatch: Equatable {
    enum Verdict: String, Sendable {
        case ample
        /// Well before it ends.
        case low
        /// A segment that is to be begun may not fit any more: stop while everything can still be written.
        case exhausted
    }

    /// Below these there is a warning, and a stop.
    let warnBytes: Int64
    let stopBytes: Int64

    private static let smallestStop: Int64 = 128 << 20
    private static let largestWarn: Int64 = 10 << 30

    /// - Parameters:
    ///   - warn, stop: as the configuration has them; `nil`: by the disk's size.
    ///   - segmentBytes: what each partition may write ahead at any time.
    ///   - totalBytes: the disk's size.
    init(warn: Int?, stop: Int?, partitions: Int, segmentBytes: Int, totalBytes: Int64) {
        // All partitions may begin a segment at once, and one more for everything else. On a small disk that would be most of
        // it: there a twentieth is kept free, since not all begin one at the same time.
        let wanted = Int64(segmentBytes) * Int64(partitions + 1)
        let stop = stop.map(Int64.init) ?? min(wanted, max(totalBytes / 20, Self.smallestStop))
        stopBytes = stop
        warnBytes = warn.map(Int64.init) ?? max(2 * stop, min(totalBytes / 10, Self.largestWarn))
    }

    func verdict(_ space: DiskSpace) -> Verdict {
        if space.freeBytes < stopBytes { return .exhausted }
        return space.freeBytes < warnBytes ? .low : .ample
    }
}
