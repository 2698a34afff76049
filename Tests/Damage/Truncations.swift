import DiskTestSupport
import Journal

/// Ends each segment and the snapshot after each of their bytes, one at a time.
///
/// Frames that end before the cut have lost nothing. So it is enough to look, with a reader of the shortened file, at the
/// place of the first frame that has: no frame may be found there. A later segment, a later frame that was durable or the
/// committed position then makes that damage, and where nothing says that there was more it is a torn tail, which is cut.
/// ``Openings`` tries whether that is so.
struct Truncations {
    let journal: SampleJournal
    var stride = 1

    private static let partBytes = 1 << 14

    func run() throws -> [Tally] {
        let sizes = journal.segments.map(\.size) + [try journal.disk.bytes(journal.snapshot.path).count]
        var parts: [(file: Int, lengths: Range<Int>)] = []
        for (file, size) in sizes.enumerated() {
            for start in Swift.stride(from: 0, to: size, by: Self.partBytes) {
                parts.append((file, start..<min(start + Self.partBytes, size)))
            }
        }
        let all = parts
        let names = ["segments ended at each byte", "snapshot ended at each byte"]
        return try Workers.run(all.count, names.map(Tally.init)) {
            let disk = journal.disk.copy()
            disk.mapsInPlace = true
            return (disk, SHA256())
        } _: { context, part, tallies in
            let (file, lengths) = all[part]
            for length in Swift.stride(from: lengths.lowerBound, to: lengths.upperBound, by: stride) {
                if file < journal.segments.count {
                    try end(journal.segments[file], after: length, context.0, context.1, &tallies[0])
                } else {
                    try endSnapshot(after: length, context.0, &tallies[1])
                }
            }
            try context.0.setLength(path(file), sizes[file])
        }
    }

    private func path(_ file: Int) -> String {
        file < journal.segments.count ? journal.segments[file].path : journal.snapshot.path
    }

    private func end(
        _ segment: SampleJournal.Segment, after length: Int, _ disk: MemoryDisk, _ sha: SHA256, _ tally: inout Tally
    ) throws {
        let frames = journal.frames[segment.frames]
        let cut = frames.partitioningIndex { $0.range.upperBound > length }
        let isBehind = cut == frames.endIndex
        let position = isBehind ? frames[cut - 1].after.position : frames[cut].before.position
        try disk.setLength(segment.path, length)
        let file = try SegmentFile(
            directory: SampleJournal.shard, first: segment.first, mode: .read, fileSystem: disk, sha: sha)
        switch try file.look(at: position) {
        case .blank, .broken: if isBehind { tally.pass() } else { tally.detect() }
        case .frame, .misplaced: tally.miss("\(segment.path) ended after \(length) bytes")
        }
    }

    private func endSnapshot(after length: Int, _ disk: MemoryDisk, _ tally: inout Tally) throws {
        try disk.setLength(journal.snapshot.path, length)
        if (try? SnapshotFile.load(journal.snapshot, disk)) == nil {
            tally.detect()
        } else {
            tally.miss("the snapshot ended after \(length) bytes")
        }
    }
}

extension RandomAccessCollection {
    /// The first place whose element, like all behind it, is so; the end if none is.
    func partitioningIndex(where isSo: (Element) -> Bool) -> Index {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = index(low, offsetBy: distance(from: low, to: high) / 2)
            if isSo(self[middle]) { high = middle } else { low = index(after: middle) }
        }
        return low
    }
}
