import DiskTestSupport
import Journal
import RandomTestSupport

/// Puts whole segments and whole frames, each intact in itself, where they do not belong, and loses sectors.
struct Rearrangements {
    let verdicts: Verdicts
    /// Of the same events, with other salts and another key: its frames are intact and of another history.
    let other: SampleJournal
    let seed: UInt64
    /// Every so many-th frame and sector, for a shorter trial.
    var stride = 1

    private var journal: SampleJournal { verdicts.journal }

    private static let sectorBytes = 512

    private enum Kind: Int, CaseIterable {
        case segments, swapped, repeated, dropped, spliced, sectors
        var name: String {
            switch self {
            case .segments: "segments swapped, repeated, dropped, foreign"
            case .swapped: "frames swapped"
            case .repeated: "frames repeated"
            case .dropped: "frames dropped"
            case .spliced: "frames of another journal"
            case .sectors: "sectors lost or misplaced"
            }
        }
    }

    func run() throws -> [Tally] {
        let frames = (journal.frames.count + stride - 1) / stride
        let sectors = journal.segments.map { $0.size / Self.sectorBytes }
        let sectorParts = (sectors.reduce(0, +) + stride - 1) / stride
        return try Workers.run(1 + frames + sectorParts, Kind.allCases.map { Tally($0.name) }) {
            journal.disk.copy()
        } _: { disk, part, tallies in
            if part == 0 {
                try rearrangeSegments(&tallies[Kind.segments.rawValue])
            } else if part <= frames {
                try rearrange((part - 1) * stride, disk, &tallies)
            } else {
                try loseSector((part - 1 - frames) * stride, disk, &tallies[Kind.sectors.rawValue])
            }
        }
    }

    // MARK: Segments

    private func rearrangeSegments(_ tally: inout Tally) throws {
        let paths = journal.segments.map(\.path)
        for first in paths.indices {
            for second in paths.indices where second != first {
                if second > first {
                    try expectRefusal("segments \(first) and \(second) swapped", &tally) { disk in
                        let bytes = Array(try disk.bytes(paths[first]))
                        disk.set(paths[first], to: UnsafeRawBufferPointer(try disk.bytes(paths[second])))
                        disk.set(paths[second], to: bytes)
                    }
                }
                try expectRefusal("segment \(first) in the place of \(second)", &tally) { disk in
                    disk.set(paths[second], to: UnsafeRawBufferPointer(try disk.bytes(paths[first])))
                }
            }
            try expectRefusal("segment \(first) dropped", &tally) { try $0.remove(paths[first]) }
            let behind = SampleJournal.shard + "/" + SegmentName.of(journal.end.position)
            try expectRefusal("segment \(first) repeated behind the last", &tally) { disk in
                disk.set(behind, to: UnsafeRawBufferPointer(try disk.bytes(paths[first])))
            }
            try expectRefusal("segment \(first) of another journal", &tally) { disk in
                let foreign = other.segments[min(first, other.segments.count - 1)]
                disk.set(paths[first], to: UnsafeRawBufferPointer(try other.disk.bytes(foreign.path)))
            }
        }
    }

    private func expectRefusal(_ what: String, _ tally: inout Tally, _ change: (MemoryDisk) throws -> Void) throws {
        let disk = journal.disk.copy()
        try change(disk)
        judge(what, disk, from: 0, &tally)
    }

    /// Read, it must be refused; a start must be refused too, or begin with a snapshot behind it.
    private func judge(
        _ what: String, _ disk: MemoryDisk, from number: Int, starts: Bool = true, _ tally: inout Tally
    ) {
        let read = verdicts.read(disk, from: number)
        let all = Verdicts.Verdict.frames(journal.frames.count)
        let started = starts ? verdicts.start(disk.copy(), committed: journal.end.position) : .refused
        if read == .refused, started == .refused || started == all {
            tally.detect()
        } else {
            tally.miss("\(what): \(read), \(started)")
        }
    }

    // MARK: Frames

    /// Starting takes longer than reading: it is tried for one frame in so many.
    private static let startEvery = 8

    private func rearrange(_ number: Int, _ disk: MemoryDisk, _ tallies: inout [Tally]) throws {
        var random = SeededGenerator(seed: seed &+ UInt64(number))
        let segment = journal.frames[number].segment
        let own = journal.segments[segment].frames
        let before = max(0, number - 1)
        func attempt(_ kind: Kind, _ what: String, from: Int, _ frames: [[UInt8]]) throws {
            try place(frames, in: segment, disk)
            judge(what, disk, from: from, starts: number % Self.startEvery == 0, &tallies[kind.rawValue])
            try restore(segment, disk)
        }
        let frames = try own.map { try bytes($0, of: journal) }
        let local = number - own.lowerBound
        var dropped = frames
        dropped.remove(at: local)
        try attempt(.dropped, "frame \(number) dropped", from: before, dropped)
        try attempt(
            .repeated, "frame \(number) repeated", from: before, Array(frames[...local] + frames[local...]))
        let partners = [number + 1, Int.random(in: own, using: &random)]
        for partner in partners where own.contains(partner) && partner != number {
            var swapped = frames
            swapped.swapAt(local, partner - own.lowerBound)
            try attempt(
                .swapped, "frames \(number) and \(partner) swapped", from: max(0, min(number, partner) - 1), swapped)
        }
        if number < other.frames.count {
            var spliced = frames
            spliced[local] = try bytes(number, of: other)
            try attempt(.spliced, "frame \(number) of another journal", from: before, spliced)
        }
    }

    private func bytes(_ number: Int, of journal: SampleJournal) throws -> [UInt8] {
        let frame = journal.frames[number]
        return Array(try journal.disk.bytes(journal.segments[frame.segment].path)[frame.range])
    }

    /// Writes frames side by side, as far as there is room, and zeros behind them.
    private func place(_ frames: [[UInt8]], in segment: Int, _ disk: MemoryDisk) throws {
        let file = try disk.bytes(journal.segments[segment].path)
        var offset = 0
        for frame in frames where offset + frame.count <= file.count {
            for (index, byte) in frame.enumerated() { file[offset + index] = byte }
            offset += frame.count
        }
        for index in offset..<file.count { file[index] = 0 }
    }

    private func restore(_ segment: Int, _ disk: MemoryDisk) throws {
        let path = journal.segments[segment].path
        try disk.bytes(path).copyMemory(from: UnsafeRawBufferPointer(try journal.disk.bytes(path)))
    }

    // MARK: Sectors

    /// A sector that the disk never wrote, or wrote in another place.
    private func loseSector(_ number: Int, _ disk: MemoryDisk, _ tally: inout Tally) throws {
        var random = SeededGenerator(seed: seed &+ 7_000_000 &+ UInt64(number))
        var (segment, sector) = (0, number)
        while sector >= journal.segments[segment].size / Self.sectorBytes {
            sector -= journal.segments[segment].size / Self.sectorBytes
            segment += 1
        }
        let place = journal.segments[segment]
        let original = UnsafeRawBufferPointer(try journal.disk.bytes(place.path))
        let range = sector * Self.sectorBytes..<(sector + 1) * Self.sectorBytes
        let sources = [
            [UInt8](repeating: 0, count: Self.sectorBytes),
            Array(original[Self.sector(Int.random(in: 0..<place.size / Self.sectorBytes, using: &random))]),
        ]
        for source in sources where !original[range].elementsEqual(source) {
            let target = UnsafeMutableRawBufferPointer(rebasing: try disk.bytes(place.path)[range])
            target.copyBytes(from: source)
            defer { target.copyBytes(from: original[range]) }
            let first = journal.frames[place.frames].first { $0.range.upperBound > range.lowerBound }
            if first == nil || first?.range.lowerBound ?? 0 >= range.upperBound {
                // Behind the last frame.
                let read = verdicts.read(disk, from: place.frames.upperBound - 1)
                if read == .frames(journal.frames.count) {
                    tally.pass()
                } else {
                    tally.miss("unused sector \(number): \(read)")
                }
            } else {
                let from = journal.frames.firstIndex { $0.after == first?.after } ?? 0
                judge("sector \(number)", disk, from: from, starts: false, &tally)
            }
        }
    }

    private static func sector(_ number: Int) -> Range<Int> { number * sectorBytes..<(number + 1) * sectorBytes }
}
