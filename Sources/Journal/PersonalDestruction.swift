/// Destroys personal records of a journal in place: salt and data become zeros, and nothing else changes.
///
/// What checksum and chain cover is left alone, so the journal verifies as before. A crash in the middle leaves some records
/// destroyed, some not and one torn: whoever asked for it asks again, and then all of it is written again without looking at
/// what is there, because pages that a failed sync has left look clean.
public struct PersonalDestruction {
    /// A record and the frame that holds it, as logical positions.
    public struct Place: Hashable, Sendable, Comparable {
        public var frame: UInt64
        public var record: UInt64

        public init(frame: UInt64, record: UInt64) {
            self.frame = frame
            self.record = record
        }

        public static func < (a: Place, b: Place) -> Bool { (a.frame, a.record) < (b.frame, b.record) }
    }

    private let directory: String
    private let fileSystem: any FileSystem

    /// - Parameter directory: a shard's folder. Its writer may be at work, as long as the frames are confirmed: those that
    ///   may still be cut are not to be touched.
    public init(directory: String, fileSystem: any FileSystem) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    /// Destroys records of one segment, durably when it returns.
    ///
    /// - Parameter first: the segment's first position.
    /// - Throws: `.damaged` if a frame or a record is not where it should be; what lies before has been overwritten.
    public func destroy(_ places: [Place], inSegment first: UInt64) throws {
        if places.isEmpty { return }
        let segment = try open(first)
        defer { segment.file.close() }
        var index = 0
        let places = places.sorted()
        while index < places.count {
            let frame = places[index].frame
            // Taken out at once: a look at something else takes the frame's memory.
            let ranges = try personalRanges(of: frame, segment)
            while index < places.count, places[index].frame == frame {
                guard let range = ranges[places[index].record] else {
                    throw missing(segment, at: places[index].record, "no personal record begins")
                }
                try SegmentPreparer.overwrite(segment.file, range)
                index += 1
            }
        }
        try segment.file.sync()
    }

    /// Overwrites what lies behind a segment's last frame: the remains of an append that a crash interrupted, which nothing
    /// tells whose they are. Only where nobody writes any more.
    public func clear(behind position: UInt64, inSegment first: UInt64) throws {
        let segment = try open(first)
        defer { segment.file.close() }
        guard let end = try segment.remains(from: position).end else { return }
        let start = position - first
        try SegmentPreparer.overwrite(segment.file, start..<max(start, end))
        try segment.file.sync()
    }

    private func open(_ first: UInt64) throws -> SegmentFile {
        try SegmentFile(directory: directory, first: first, mode: .write, fileSystem: fileSystem, sha: SHA256())
    }

    /// In the file, by the logical position of each record.
    private func personalRanges(of position: UInt64, _ segment: SegmentFile) throws -> [UInt64: Range<UInt64>] {
        guard case .frame(let frame) = try segment.look(at: position) else {
            throw missing(segment, at: position, "no intact frame begins")
        }
        var ranges: [UInt64: Range<UInt64>] = [:]
        try frame.forEachPersonalRange { record, range in
            ranges[record] =
                frame.fileOffset + UInt64(range.lowerBound)..<frame.fileOffset + UInt64(range.upperBound)
        }
        return ranges
    }

    private func missing(_ segment: SegmentFile, at position: UInt64, _ what: String) -> JournalError {
        JournalError(
            .damaged, path: segment.path, offset: position - segment.first,
            message: """
                \(what) at position \(position), where personal data was to be destroyed: restore the file from a backup, \
                or check the disk
                """)
    }
}
