/// Every damage there is, to one journal.
public struct Trial {
    public struct Settings: Sendable {
        /// The journal's frames take so many bytes.
        public var bytes = 1 << 20
        public var segmentBytes = 256 << 10
        /// How often the whole journal is read and opened, for each kind of damage.
        public var openings = 200
        public var seed: UInt64 = 1
        /// Every so many-th bit, byte, frame and sector.
        public var stride = 1
        public init() {}
    }

    public let journal: SampleJournal
    private let settings: Settings

    public init(_ settings: Settings) throws {
        self.settings = settings
        journal = try SampleJournal(bytes: settings.bytes, segmentBytes: settings.segmentBytes, seed: settings.seed)
    }

    /// What is tried on: `1.1 MiB in 5 segments, 511 frames, a snapshot of 0.3 MiB`.
    public var description: String {
        get throws {
            let bytes = journal.segments.map(\.size).reduce(0, +)
            let snapshot = try journal.disk.bytes(journal.snapshot.path).count
            return "\(Self.mebibytes(bytes)) in \(journal.segments.count) segments, \(journal.frames.count) frames; "
                + "a snapshot of \(Self.mebibytes(snapshot))"
        }
    }

    private static func mebibytes(_ bytes: Int) -> String {
        let tenths = bytes * 10 / (1 << 20)
        return "\(tenths / 10).\(tenths % 10) MiB"
    }

    /// Every bit of segments and snapshot, one at a time.
    public func flips() throws -> [Tally] {
        try SegmentFlips(journal: journal, stride: settings.stride).run()
            + SnapshotFlips(journal: journal, stride: settings.stride).run()
    }

    /// Files that end early, segments, frames and sectors in the wrong places, and a sample of it all on the whole journal.
    public func others() throws -> [Tally] {
        let verdicts = Verdicts(journal)
        let other = try SampleJournal(bytes: settings.bytes, segmentBytes: settings.segmentBytes, seed: settings.seed)
        return try Truncations(journal: journal, stride: settings.stride).run()
            + Rearrangements(verdicts: verdicts, other: other, seed: settings.seed, stride: settings.stride).run()
            + Openings(verdicts: verdicts, count: settings.openings, seed: settings.seed).run()
    }
}
