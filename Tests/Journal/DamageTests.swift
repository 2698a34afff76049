import Foundation
import Testing

@testable import Journal

@Suite struct DamageTests {
    let scratch = Scratch()

    @Test func everyFlippedBitIsDetectedByReadingEverything() throws {
        let journal = try open(scratch)
        try journal.append("", personal: ["Ada Lovelace", "ada@example.org"])
        try journal.append("a body of some length")
        try journal.append("the last", personal: ["", "Charles"])
        try journal.sync()
        let end = journal.head.position
        let file = try disk.open("\(scratch.shard)/\(SegmentName.of(4096))", .write)
        var original = [UInt8](repeating: 0, count: Int(end - 4096))
        _ = try original.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        for index in original.indices {
            for bit in 0..<8 {
                var byte = original[index] ^ (1 << bit)
                try withUnsafeBytes(of: &byte) { try file.write($0, at: UInt64(index)) }
                #expect(
                    code { _ = try readAll(scratch, knownEnd: end) } == .damaged, "byte \(index), bit \(bit)")
            }
            try withUnsafeBytes(of: original[index]) { try file.write($0, at: UInt64(index)) }
        }
        #expect(try readAll(scratch, knownEnd: end).count == 3)
    }

    /// A journal of several full segments, closed; with its end.
    private func segments() throws -> (positions: [UInt64], end: UInt64) {
        let journal = try open(scratch)
        while try SegmentName.list(scratch.shard, disk).count < 4 {
            try journal.append(String(repeating: "x", count: 3000), personal: ["someone"])
            try journal.sync()
        }
        try journal.append("in the last one")
        try journal.append("and another")
        try journal.sync()
        let end = journal.head.position
        try journal.close()
        return (try SegmentName.list(scratch.shard, disk), end)
    }

    @Test func swappedSegmentsAreDetected() throws {
        let (positions, end) = try segments()
        for first in positions.indices {
            for second in positions.indices where second > first {
                let other = try scratch.copy()
                let a = try other.bytes(SegmentName.of(positions[first]))
                let b = try other.bytes(SegmentName.of(positions[second]))
                try other.write(b, to: SegmentName.of(positions[first]))
                try other.write(a, to: SegmentName.of(positions[second]))
                #expect(code { _ = try readAll(other) } == .damaged)
                if second == positions.count - 1 { #expect(code { _ = try open(other) } == .damaged) }
                #expect(
                    code {
                        _ = try open(other, committed: end)
                        _ = try readAll(other)
                    } == .damaged)
            }
        }
    }

    @Test func aRepeatedSegmentIsDetected() throws {
        let (positions, end) = try segments()
        try scratch.write(scratch.bytes(SegmentName.of(positions[1])), to: SegmentName.of(end))
        #expect(code { _ = try open(scratch) } == .damaged)
        #expect(code { _ = try readAll(scratch) } == .damaged)
    }

    @Test func aMissingSegmentIsDetected() throws {
        let (positions, end) = try segments()
        for position in positions {
            let other = try scratch.copy()
            try disk.remove("\(other.shard)/\(SegmentName.of(position))")
            #expect(
                code { _ = try readAll(other, knownEnd: end) } == (position == positions[0] ? .notFound : .damaged))
            // The last one's absence shows only to who knows that there was one.
            if position == positions[positions.count - 2] || position == positions[0] {
                #expect(code { _ = try open(other) } == .damaged)
            }
            #expect(
                code {
                    _ = try open(other, committed: end)
                    _ = try readAll(other)
                } == .damaged)
        }
    }

    @Test func theMessageNamesFileOffsetExtentAndWhatToDo() throws {
        let journal = try open(scratch)
        try journal.append("one")
        try journal.sync()
        try journal.append("two")
        try journal.close()
        let name = SegmentName.of(4096)
        var bytes = try scratch.bytes(name)
        bytes[20] ^= 1
        try scratch.write(bytes, to: name)
        do {
            _ = try open(scratch)
            Issue.record("the damage was not noticed")
        } catch let error as JournalError {
            let text = "\(error)"
            #expect(text.contains("\(scratch.shard)/\(name), byte 0"))
            #expect(text.contains("160 bytes later, at position 4256"))
            #expect(text.contains("Restore the file from a backup"))
        }
    }

    @Test func aBrokenChainIsDetectedBehindRightChecksums() throws {
        // Two journals of the same sizes: a frame of the one, intact in itself, in the other's place.
        let other = Scratch()
        for (place, word) in [(scratch, "mine"), (other, "ours")] {
            let journal = try open(place)
            for _ in 0..<3 { try journal.append(word) }
            try journal.sync()
            try journal.close()
        }
        let name = SegmentName.of(4096)
        var bytes = try scratch.bytes(name)
        let frame = FrameHeader.padded(FrameHeader.byteCount + 4)
        bytes.replaceSubrange(frame..<2 * frame, with: try other.bytes(name)[frame..<2 * frame])
        try scratch.write(bytes, to: name)
        #expect(code { _ = try readAll(scratch) } == .damaged)
    }

    @Test func aFrameWhoseHashIsOfOtherContentIsDetectedBehindARightChecksum() throws {
        let journal = try open(scratch)
        try journal.append("one")
        try journal.close()
        try change(FrameHeader.byteCount, to: UInt8(ascii: "x"))
        for verification in [JournalReader.Verification.chain, .everything] {
            let reader = try JournalReader(directory: scratch.shard, fileSystem: disk, verification: verification)
            #expect(code { _ = try reader.next() } == .damaged)
        }
    }

    @Test func everyFlippedBitOfAMarkIsDetected() throws {
        let journal = try open(scratch)
        try journal.append("one")
        try journal.sync()
        journal.confirm(Confirmation(position: journal.head.position, hash: journal.head.hash, offset: 7))
        try journal.markCleanStop()
        try journal.close()
        let bytes = try scratch.bytes(PositionMark.confirmed)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            try scratch.write(damaged, to: PositionMark.confirmed)
            #expect(code { _ = try open(scratch) } == .damaged, "bit \(bit)")
        }
    }

    /// Changes a byte of the only frame, whose body is of three bytes, and makes its checksum right again.
    private func change(_ offset: Int, to byte: UInt8) throws {
        let name = SegmentName.of(4096)
        var bytes = try scratch.bytes(name)
        bytes[offset] = byte
        let checksum = bytes.withUnsafeBytes { bytes in
            crc32c(UnsafeRawBufferPointer(rebasing: bytes[8..<160]))
        }
        withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(4..<8, with: $0) }
        try scratch.write(bytes, to: name)
    }

    @Test func aFrameOfANewerLayoutIsRefused() throws {
        let journal = try open(scratch)
        try journal.append("one")
        try journal.close()
        try change(40, to: 2)
        #expect(code { _ = try open(scratch) } == .newerFormat)
        #expect(code { _ = try readAll(scratch) } == .newerFormat)
    }
}
