import Journal

/// Flips bits of the segments, one at a time.
///
/// What one flip can reach is looked at, not the whole journal:
/// - A bit of a frame: `JournalReader` comes to that frame with a position and a hash from the frames before, which are
///   whole. It hands the frame out if `SegmentFile` finds one there (magic, length, CRC-32C), if that one names the hash
///   of its predecessor, if its own hash is right, and if every personal record matches its digest. Else it throws,
///   because it knows that a frame belongs there: a later segment, a later frame that was durable, or the committed
///   position says so; and a start either meets that frame and throws, or has a snapshot of what lies before it. So the
///   frame's own verdict is that of reading the whole journal.
/// - A bit behind the last frame of a segment: the reader looks for a frame at that one position. As long as it finds none
///   it goes on with the next segment, or ends. Nothing else there is ever read; a start overwrites it with zeros.
///
/// ``Openings`` tries whether that is so.
struct SegmentFlips {
    let journal: SampleJournal
    /// Every so many-th bit, for a shorter trial.
    var stride = 1

    func run() throws -> [Tally] {
        let names = [
            "bits of frame headers", "bits of personal records", "bits of digests and bodies", "bits of unused space",
        ]
        let frames = journal.frames.count
        return try Workers.run(frames + journal.segments.count, names.map(Tally.init)) {
            let (disk, sha) = (journal.disk.copy(), SHA256())
            return try journal.segments.map { try SegmentProbe(disk, $0, sha: sha) }
        } _: { probes, part, tallies in
            if part < frames {
                flip(journal.frames[part], probes, &tallies)
            } else {
                let segment = part - frames
                flipBehind(segment, probes[segment], &tallies[3])
            }
        }
    }

    private func flip(_ frame: SampleJournal.FramePlace, _ probes: [SegmentProbe], _ tallies: inout [Tally]) {
        let probe = probes[frame.segment]
        let personal = frame.range.lowerBound + FrameHeader.byteCount
        let covered = personal + frame.personalBytes
        let parts = [frame.range.lowerBound..<personal, personal..<covered, covered..<frame.range.upperBound]
        for (index, part) in parts.enumerated() {
            var record = 0
            for bit in Swift.stride(from: part.lowerBound * 8, to: part.upperBound * 8, by: stride) {
                while record + 1 < frame.records.count, frame.records[record + 1] <= bit / 8 { record += 1 }
                probe.flip(bit / 8, bit % 8)
                let distance = index == 1 ? frame.records[record] - frame.range.lowerBound : nil
                if probe.refuses(frame, record: distance.map { frame.before.position + UInt64($0) }) {
                    tallies[index].detect()
                } else {
                    tallies[index].miss("segment \(frame.segment), byte \(bit / 8), bit \(bit % 8)")
                }
                probe.flip(bit / 8, bit % 8)
            }
        }
        if probe.refuses(frame) {
            tallies[0].miss("the frame at \(frame.before.position) is refused as it was written")
        }
    }

    private func flipBehind(_ number: Int, _ probe: SegmentProbe, _ tally: inout Tally) {
        let segment = journal.segments[number]
        let start = journal.frames[segment.frames].last?.range.upperBound ?? 0
        for bit in Swift.stride(from: start * 8, to: segment.size * 8, by: stride) {
            probe.flip(bit / 8, bit % 8)
            if probe.isEmpty(at: segment.first + UInt64(start)) {
                tally.pass()
            } else {
                tally.miss("segment \(number), byte \(bit / 8), bit \(bit % 8)")
            }
            probe.flip(bit / 8, bit % 8)
        }
    }
}
