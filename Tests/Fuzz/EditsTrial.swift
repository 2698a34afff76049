import DiskTestSupport
import Glibc
import Journal
import RandomTestSupport

/// Changes to a journal that was written: bytes, numbers, frames, sectors and whole segments.
///
/// ```
///   0  u8   0...1: nothing is repaired, 2: CRCs of changed frames are made right, 3: their hashes, too
///   1  ...  changes of seven bytes: what, u16 where, u16 where else, u16 how much
/// ```
/// After that nothing may be read but a beginning of the frames that were written. A frame that was forged, hash included, is
/// one that its successor does not follow.
final class EditsTrial: FuzzTrial {
    static let settings: JournalSettings = {
        var settings = JournalSettings(segmentBytes: 16384, maximumFrameBytes: 8192)
        settings.background = { $0() }
        settings.random = RandomSource { buffer in
            var random = SeededGenerator(seed: 12)
            for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: random.next()) }
        }
        return settings
    }()

    private let written: WrittenJournal
    private let sha = SHA256()
    private static let editBytes = 7
    private static let editLimit = 64

    init() throws { written = try WrittenJournal(Self.settings) }

    func run(_ input: UnsafeRawBufferPointer) -> String? {
        guard let first = input.first else { return nil }
        let disk = written.disk.copy()
        do {
            for index in 0..<min((input.count - 1) / Self.editBytes, Self.editLimit) {
                try edit(disk, input, at: 1 + index * Self.editBytes)
            }
            let level = first & 3
            if level >= 2 { try repair(disk, level == 2 ? .checksums : .hashes) }
            return read(disk) ?? open(disk, isRepaired: level >= 2)
        } catch {
            return "an edit failed: \(error)"
        }
    }

    // MARK: Changes

    private func edit(_ disk: MemoryDisk, _ input: UnsafeRawBufferPointer, at offset: Int) throws {
        func number(_ place: Int) -> Int {
            Int(UInt16(littleEndian: input.loadUnaligned(fromByteOffset: offset + place, as: UInt16.self)))
        }
        let (place, other, amount) = (number(1), number(3), number(5))
        let segment = place % written.paths.count
        let path = written.paths[segment]
        guard try disk.exists(path) else { return }
        let bytes = try disk.bytes(path)
        guard bytes.count > 8 else { return }
        // Most of a segment may be unused; changes go where frames are.
        let at = other % min(max(written.usedBytes[segment], 1), bytes.count)
        switch input[offset] % 9 {
        case 0: bytes[at] ^= UInt8(truncatingIfNeeded: max(1, amount & 0xff))
        case 1:
            let aligned = min(at & ~3, bytes.count - 4)
            bytes.storeBytes(of: UInt32(amount).littleEndian, toByteOffset: aligned, as: UInt32.self)
        case 2:
            for index in at..<min(bytes.count, at + amount % 1024) { bytes[index] = 0 }
        case 3: try move(place, other, disk)
        case 4: try disk.setLength(path, at)
        case 5:
            let (sector, source) = (at / 512 * 512, amount % max(1, bytes.count / 512) * 512)
            for index in 0..<min(512, bytes.count - max(sector, source)) {
                bytes[sector + index] = bytes[source + index]
            }
        case 6: disk.set(written.paths[other % written.paths.count], to: Array(bytes))
        case 7: try disk.remove(path)
        default: disk.set(WrittenJournal.shard + "/" + SegmentName.of(UInt64(amount) * 8), to: Array(bytes))
        }
    }

    /// A frame as it was written into the place of another one.
    private func move(_ from: Int, _ to: Int, _ disk: MemoryDisk) throws {
        let source = written.frames[from % written.frames.count]
        let target = written.frames[to % written.frames.count]
        guard try disk.exists(written.paths[target.segment]) else { return }
        let bytes = try disk.bytes(written.paths[target.segment])
        for (index, byte) in source.bytes.enumerated() where target.offset + index < bytes.count {
            bytes[target.offset + index] = byte
        }
    }

    private func repair(_ disk: MemoryDisk, _ repair: Checksums.Repair) throws {
        for frame in written.frames where try disk.exists(written.paths[frame.segment]) {
            let bytes = try disk.bytes(written.paths[frame.segment])
            guard frame.offset + frame.bytes.count <= bytes.count else { continue }
            let place = UnsafeMutableRawBufferPointer(rebasing: bytes[frame.offset...])
            if Self.agree(UnsafeRawBufferPointer(place), frame.bytes, frame.bytes.indices) { continue }
            Checksums.repairFrame(place, repair, sha, position: 0, .zero)
        }
    }

    // MARK: What comes of it

    private func read(_ disk: MemoryDisk) -> String? {
        do {
            let reader = try JournalReader(directory: WrittenJournal.shard, fileSystem: disk)
            var number = 0
            while let frame = try reader.next() {
                guard number < written.frames.count else { return "a frame behind the last" }
                let original = written.frames[number]
                // Forged as a whole, with a hash of its own: right in itself, and the last one to be read.
                if frame.head.hash != original.head.hash {
                    return try reader.next() == nil ? nil : "a frame that follows a forged one"
                }
                if let wrong = compare(frame, original) { return "frame \(number): \(wrong)" }
                number += 1
            }
            return nil
        } catch is JournalError {
            return nil
        } catch {
            return "an error of another kind: \(error)"
        }
    }

    /// Whether both have the same bytes there. libFuzzer is told of every comparison that Swift's own code makes: byte by byte,
    /// these took a quarter of a trial (`scripts/fuzz --target edits`) and told it nothing of the journal.
    private static func agree(_ read: UnsafeRawBufferPointer, _ written: [UInt8], _ range: Range<Int>) -> Bool {
        guard range.upperBound <= read.count, !range.isEmpty else { return range.isEmpty }
        return written.withUnsafeBytes {
            memcmp(read.baseAddress! + range.lowerBound, $0.baseAddress! + range.lowerBound, range.count) == 0
        }
    }

    /// Personal records are as they were, or all zeros, as if destroyed.
    private func compare(_ frame: Frame, _ original: WrittenJournal.Written) -> String? {
        let covered = FrameHeader.byteCount + frame.header.personalBytes
        guard frame.bytes.count == original.bytes.count, frame.head == original.head,
            Self.agree(frame.bytes, original.bytes, 0..<FrameHeader.byteCount),
            Self.agree(frame.bytes, original.bytes, covered..<original.bytes.count)
        else { return "was read with another content" }
        var personal: [[UInt8]?] = []
        do { try frame.forEachPersonal { personal.append($0.bytes.map(Array.init)) } } catch { return "\(error)" }
        let isRight =
            personal.count == original.personal.count
            && zip(personal, original.personal).allSatisfy { $0 == nil || $0 == $1 }
        return isRight ? nil : "was read with another person"
    }

    /// A start ends where a frame ended that was written, or is refused. It does not look at hashes, only at checksums and at
    /// how the hashes follow each other: for what is forged the fold behind it does.
    private func open(_ disk: MemoryDisk, isRepaired: Bool) -> String? {
        do {
            let journal = try ShardJournal.open(
                directory: WrittenJournal.shard, fileSystem: disk, settings: Self.settings)
            defer { try? journal.close() }
            let head = journal.head
            if isRepaired || head == .start || written.frames.contains(where: { $0.head == head }) { return nil }
            return "a start at \(head.position), where no frame ended"
        } catch is JournalError {
            return nil
        } catch {
            return "an error of another kind: \(error)"
        }
    }
}
