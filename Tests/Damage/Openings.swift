import DiskTestSupport
import Journal
import RandomTestSupport

/// Reads all of the journal, and starts with it, for a random sample of the flips and truncations that the other trials look
/// at one place only: the verdict must be the same.
struct Openings {
    let verdicts: Verdicts
    /// How many of each kind.
    let count: Int
    let seed: UInt64

    private var journal: SampleJournal { verdicts.journal }

    private enum Damage: Int, CaseIterable {
        case frame, unused, snapshot, mark, cut
        var name: String {
            switch self {
            case .frame: "whole journal: a bit of a frame"
            case .unused: "whole journal: a bit of unused space"
            case .snapshot: "whole journal: a bit of the snapshot"
            case .mark: "whole journal: a bit of the mark"
            case .cut: "whole journal: a segment ended early"
            }
        }
    }

    func run() throws -> [Tally] {
        let kinds = Damage.allCases
        return try Workers.run(count * kinds.count, kinds.map { Tally($0.name) }) {
            ()
        } _: { _, part, tallies in
            var random = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(part))
            let kind = part % kinds.count
            switch kinds[kind] {
            case .frame: try flipFrame(&random, &tallies[kind])
            case .unused: try flipUnused(&random, &tallies[kind])
            case .snapshot: try flipSnapshot(&random, &tallies[kind])
            case .mark: try flipMark(&random, &tallies[kind])
            case .cut: try cut(&random, &tallies[kind])
            }
        }
    }

    /// - Returns: what was flipped, for a message.
    private func flip(_ path: String, _ byte: Int, _ disk: MemoryDisk, _ random: inout SeededGenerator) throws -> String
    {
        let bit = Int.random(in: 0..<8, using: &random)
        try disk.bytes(path)[byte] ^= 1 << UInt8(bit)
        return "\(path), byte \(byte), bit \(bit)"
    }

    /// Read, it is refused; a start is refused, or what was damaged lies before its snapshot or is personal data, which it
    /// does not read: then its state is the right one.
    private func flipFrame(_ random: inout SeededGenerator, _ tally: inout Tally) throws {
        let frame = journal.frames.randomElement(using: &random) ?? journal.frames[0]
        let disk = journal.disk.copy()
        let what = try flip(
            journal.segments[frame.segment].path, Int.random(in: frame.range, using: &random), disk, &random)
        let read = verdicts.read(disk)
        let started = verdicts.start(disk, committed: journal.end.position)
        let isSafe = started == .refused || started == .frames(journal.frames.count)
        if read == .refused, isSafe { tally.detect() } else { tally.miss("\(what): \(read), \(started)") }
    }

    private func flipUnused(_ random: inout SeededGenerator, _ tally: inout Tally) throws {
        let segment = journal.segments.randomElement(using: &random) ?? journal.segments[0]
        let start = journal.frames[segment.frames].last?.range.upperBound ?? 0
        guard start < segment.size else { return }
        let disk = journal.disk.copy()
        // Half of them where the reader looks for a frame.
        let end = random.chance(50) ? min(segment.size, start + FrameHeader.byteCount) : segment.size
        let what = try flip(segment.path, Int.random(in: start..<end, using: &random), disk, &random)
        let all = Verdicts.Verdict.frames(journal.frames.count)
        let read = verdicts.read(disk)
        let started = verdicts.start(disk, committed: journal.end.position)
        if read == all, started == all { tally.pass() } else { tally.miss("\(what): \(read), \(started)") }
    }

    private func flipSnapshot(_ random: inout SeededGenerator, _ tally: inout Tally) throws {
        let disk = journal.disk.copy()
        let size = try disk.bytes(journal.snapshot.path).count
        let end = random.chance(25) ? 4096 : size
        let what = try flip(journal.snapshot.path, Int.random(in: 0..<end, using: &random), disk, &random)
        var isRejected = false
        let used: Bool? = try SnapshotFile.withNewest(in: SampleJournal.shard, disk, atOrBelow: .max) { _, _ in
            isRejected = true
        } _: { _ in
            true
        }
        let started = verdicts.start(disk, committed: journal.end.position)
        if isRejected, used == nil, started == .frames(journal.frames.count) {
            tally.detect()
        } else {
            tally.miss("\(what): \(started)")
        }
    }

    private func flipMark(_ random: inout SeededGenerator, _ tally: inout Tally) throws {
        let disk = journal.disk.copy()
        let size = try disk.bytes(SampleJournal.mark).count
        let what = try flip(SampleJournal.mark, Int.random(in: 0..<size, using: &random), disk, &random)
        let started = verdicts.start(disk, committed: 0)
        if started == .refused { tally.detect() } else { tally.miss("\(what): \(started)") }
    }

    /// Where it is known how much there was, a start is refused. Where it is not, it goes on behind the last whole frame.
    private func cut(_ random: inout SeededGenerator, _ tally: inout Tally) throws {
        let count = journal.segments.count
        let number = random.chance(60) ? count - 1 : Int.random(in: 0..<count, using: &random)
        let segment = journal.segments[number]
        let last = number == count - 1
        let length = Int.random(in: 0..<segment.size, using: &random)
        let whole = journal.frames[segment.frames].last { $0.range.upperBound <= length }
        let isWhole = whole?.after == journal.frames[segment.frames].last?.after
        let all = Verdicts.Verdict.frames(journal.frames.count)
        let disk = journal.disk.copy()
        try disk.setLength(segment.path, length)
        let what = "\(segment.path) ended after \(length) bytes"
        let read = verdicts.read(disk)
        let knowing = verdicts.start(disk.copy(), committed: journal.end.position)
        try disk.remove(SampleJournal.mark)
        let unknowing = verdicts.start(disk, committed: 0)
        // A cut in the last segment leaves the frames before it. A segment that ends early before another one is damage, or
        // lies before the snapshot, which a start then begins with.
        let kept = segment.frames.lowerBound + journal.frames[segment.frames].count { $0.range.upperBound <= length }
        let rest: [Verdicts.Verdict] = last ? [.frames(kept)] : [.refused, all]
        let isRight =
            isWhole
            ? read == all && knowing == all && unknowing == all
            : read == .refused && (knowing == .refused || !last && knowing == all) && rest.contains(unknowing)
        guard isRight else { return tally.miss("\(what): \(read), \(knowing), \(unknowing)") }
        if isWhole { tally.pass() } else { tally.detect() }
    }
}
