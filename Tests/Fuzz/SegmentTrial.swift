import CChecksum
import DiskTestSupport
import Journal
import Records

/// The bytes of a shard's only segment, as a disk or a backup may give them back.
///
/// Whatever the reader hands out is looked at with other means than its own.
final class SegmentTrial: FuzzTrial {
    private let disk = MemoryDisk()
    private let sha = SHA256()
    private static let shard = "/shard"
    private static let path = "/shard/" + SegmentName.of(JournalHead.start.position)

    func run(_ input: UnsafeRawBufferPointer) -> String? {
        disk.set(Self.path, to: input)
        do {
            let reader = try JournalReader(directory: Self.shard, fileSystem: disk)
            var head = JournalHead.start
            while let frame = try reader.next() {
                if let wrong = check(frame, behind: head, in: input) { return wrong }
                head = frame.head
            }
        } catch is JournalError {
        } catch {
            return "an error of another kind: \(error)"
        }
        return open(input.count)
    }

    private func check(_ frame: Frame, behind head: JournalHead, in input: UnsafeRawBufferPointer) -> String? {
        let start = Int(frame.position - JournalHead.start.position)
        let header = frame.header
        guard frame.position == head.position, start + header.frameBytes <= input.count else {
            return "a frame that is not where it says"
        }
        guard header.previousHash == head.hash else { return "a frame that does not follow the one before" }
        let bytes = UnsafeRawBufferPointer(rebasing: input[start..<start + header.frameBytes])
        var written = [UInt8](repeating: 0, count: FrameHeader.byteCount)
        written.withUnsafeMutableBytes { header.store(to: $0.baseAddress!) }
        guard bytes.starts(with: written) else { return "a header that is written otherwise" }
        guard Checksums.isRight(bytes, sha) else { return "a frame whose checksum or hash is wrong" }
        return checkPersonal(frame, bytes) ?? checkRecords(frame)
    }

    private func checkPersonal(_ frame: Frame, _ bytes: UnsafeRawBufferPointer) -> String? {
        var count = 0
        var end = frame.position + UInt64(FrameHeader.byteCount)
        var wrong: String?
        do {
            try frame.forEachPersonal { record in
                count += 1
                if record.position < end { wrong = "personal records that overlap" }
                end = record.position + UInt64(record.bytes?.count ?? 0)
            }
        } catch {
            return "a frame was handed out whose personal records are wrong: \(error)"
        }
        if count != frame.personalCount { return "\(count) personal records of \(frame.personalCount)" }
        return end <= frame.position + UInt64(bytes.count) ? wrong : "a personal record behind its frame's end"
    }

    /// Records or an error, but never a trap and never without an end.
    private func checkRecords(_ frame: Frame) -> String? {
        do {
            var records = try RecordReader(frame.body, position: frame.position)
            var count = 0
            while try records.next() != nil {
                count += 1
                if count > frame.body.count { return "more records than bytes" }
            }
        } catch {
            if error.offset < 0 || error.offset > frame.body.count { return "an error behind the body's end" }
        }
        return nil
    }

    /// A writer refuses the file, or finds its end in it.
    private func open(_ size: Int) -> String? {
        do {
            let journal = try ShardJournal.open(
                directory: Self.shard, fileSystem: disk, settings: EditsTrial.settings)
            defer { try? journal.close() }
            let end = journal.head.position
            return end <= JournalHead.start.position + UInt64(size) ? nil : "an end behind the file's"
        } catch is JournalError {
            return nil
        } catch {
            return "an error of another kind: \(error)"
        }
    }

    func repair(_ input: UnsafeMutableRawBufferPointer, choice: UInt32) {
        switch choice % 8 {
        case 0: break
        case 1, 2, 3: Checksums.repair(input, .checksums, sha)
        case 4, 5: Checksums.repair(input, .hashes, sha)
        default: Checksums.repair(input, .chain, sha)
        }
    }
}
