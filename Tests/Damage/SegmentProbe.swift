import DiskTestSupport
import Journal

/// Looks at single frames with the journal's own reading of a segment, whose buffer it changes in between.
///
/// A segment is read into its reader's buffer once, as a whole. A bit that is flipped there is a bit that the disk gave
/// wrongly, without the cost of reading a MiB for it.
final class SegmentProbe {
    private let segment: SegmentFile
    /// The segment's bytes in the reader's buffer.
    let window: UnsafeMutableRawBufferPointer

    init(_ disk: MemoryDisk, _ place: SampleJournal.Segment, sha: SHA256) throws {
        segment = try SegmentFile(
            directory: SampleJournal.shard, first: place.first, mode: .read, fileSystem: disk, sha: sha)
        var window: UnsafeMutableRawBufferPointer?
        disk.wasRead = { buffer, offset in if offset == 0 { window = buffer } }
        defer { disk.wasRead = nil }
        _ = try segment.look(at: place.first)
        guard let window, window.count == place.size else {
            throw JournalError(.failed, path: place.path, message: "the reader did not read the segment as a whole")
        }
        self.window = window
    }

    func flip(_ offset: Int, _ bit: Int) { window[offset] ^= 1 << UInt8(bit) }

    /// Whether reading refuses the frame that was written here: the checks of ``JournalReader`` in another order, those first
    /// that what was damaged fails.
    ///
    /// - Parameter record: the position of the personal record that was damaged; `nil` if none was.
    func refuses(_ frame: SampleJournal.FramePlace, record: UInt64? = nil) -> Bool {
        do {
            guard case .frame(let found) = try segment.look(at: frame.before.position),
                found.header.previousHash == frame.before.hash, found.head.position == frame.after.position
            else { return true }
            if let record { _ = try found.personal(at: record) }
            try found.forEachPersonal { _ in }
            return !found.isHashRight
        } catch {
            return true
        }
    }

    /// Whether no frame, right or misplaced, is found at a position behind the last one.
    func isEmpty(at position: UInt64) -> Bool {
        switch Result(catching: { try segment.look(at: position) }) {
        case .success(.blank), .success(.broken): true
        case .success(.frame), .success(.misplaced), .failure: false
        }
    }
}
