import Glibc

/// One segment, opened for looking at its frames through a buffer.
package final class SegmentFile {
    let first: UInt64
    let path: String
    let size: UInt64
    let file: any File
    private let sha: SHA256
    private var window: UnsafeMutableRawBufferPointer
    /// The part of the file that the window holds.
    private var held: Range<UInt64> = 0..<0

    /// What is read at once: it stays in the processor's second-level cache while it is checked.
    static let windowBytes = 1 << 20

    package enum Finding {
        case frame(Frame)
        /// Nothing but zeros where a header would be, or no room for one.
        case blank
        /// Something that is no frame, or not a whole one; with its header if that names this position.
        case broken(String, FrameHeader?)
        /// A frame that is intact and belongs to another position: files were mixed up.
        case misplaced(Frame)
    }

    package init(directory: String, first: UInt64, mode: OpenMode, fileSystem: any FileSystem, sha: SHA256) throws {
        self.first = first
        self.sha = sha
        path = "\(directory)/\(SegmentName.of(first))"
        file = try fileSystem.open(path, mode)
        size = try file.size()
        window = .allocate(byteCount: Self.windowBytes, alignment: 64)
    }

    deinit { window.deallocate() }

    /// The header with which a segment begins, as far as 152 bytes tell; nil if it holds no frame yet.
    static func firstHeader(
        in directory: String, of first: UInt64, _ fileSystem: any FileSystem
    ) throws -> FrameHeader? {
        let file = try fileSystem.open("\(directory)/\(SegmentName.of(first))", .lookUp)
        defer { file.close() }
        return try withUnsafeTemporaryAllocation(byteCount: FrameHeader.byteCount, alignment: 8) { bytes in
            guard try file.read(into: bytes, at: 0) == bytes.count, let header = FrameHeader(at: bytes.baseAddress!),
                header.position == first
            else { return nil }
            return header
        }
    }

    /// The position behind the last byte.
    var limit: UInt64 { first + size }

    /// Forgets what was read, so that the next look sees what is in the file by then.
    func forget() { held = 0..<0 }

    /// What lies at a logical position. Header and covered part are checked by their CRC.
    package func look(at position: UInt64) throws -> Finding {
        try look(at: position, .whole) { offset, header in
            try bytes(at: offset, count: header?.frameBytes ?? FrameHeader.byteCount)
        }
    }

    /// The same where a single frame is wanted: what lies around it is not read, and of the frame only that part.
    func lookUp(at position: UInt64, _ part: Frame.Part) throws -> Finding {
        forget()
        return try look(at: position, part) { offset, header in
            guard let header else { return try fill(0..<FrameHeader.byteCount, from: offset) }
            let start = part == .whole ? FrameHeader.byteCount : header.coveredOffset
            return try fill(start..<header.frameBytes, from: offset)
        }
    }

    /// - Parameter read: reads what of a frame is needed, from its offset: its header if that is not known yet.
    private func look(
        at position: UInt64, _ part: Frame.Part, _ read: (UInt64, FrameHeader?) throws -> UnsafeRawBufferPointer
    ) throws -> Finding {
        let offset = position - first
        guard position >= first, offset + UInt64(FrameHeader.byteCount) <= size else { return .blank }
        let head = try read(offset, nil)
        guard let header = FrameHeader(at: head.baseAddress!) else {
            return head.allSatisfy { $0 == 0 } ? .blank : .broken("there is no frame header", nil)
        }
        let ours = header.position == position ? header : nil
        guard offset + UInt64(header.frameBytes) <= size else {
            return .broken("the frame is longer than its file", ours)
        }
        let frame = Frame(
            header: header, path: path, fileOffset: offset, part: part, bytes: try read(offset, header), sha: sha)
        guard frame.isChecksumRight else { return .broken("the checksum does not match", ours) }
        guard header.version <= FrameHeader.version else {
            throw JournalError(
                .newerFormat, path: path, offset: offset,
                message: "the frame has layout \(header.version), this program knows \(FrameHeader.version): update it")
        }
        return header.position == position ? .frame(frame) : .misplaced(frame)
    }

    /// `count` bytes from a file offset on, all of them inside of the file.
    private func bytes(at offset: UInt64, count: Int) throws -> UnsafeRawBufferPointer {
        if offset < held.lowerBound || offset + UInt64(count) > held.upperBound {
            forget()
            grow(to: count)
            let read = try file.read(into: window, at: offset)
            guard read >= count else { throw shortened(at: offset + UInt64(read)) }
            held = offset..<offset + UInt64(read)
        }
        return UnsafeRawBufferPointer(rebasing: window[Int(offset - held.lowerBound)...].prefix(count))
    }

    /// Reads a part of what begins at a file offset into its place in the window; what lies before it there stays.
    private func fill(_ part: Range<Int>, from offset: UInt64) throws -> UnsafeRawBufferPointer {
        grow(to: part.upperBound, keeping: min(part.lowerBound, FrameHeader.byteCount))
        let start = offset + UInt64(part.lowerBound)
        let read = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: window[part]), at: start)
        guard read == part.count else { throw shortened(at: start + UInt64(read)) }
        return UnsafeRawBufferPointer(rebasing: window[..<part.upperBound])
    }

    private func grow(to count: Int, keeping kept: Int = 0) {
        guard count > window.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: window[..<kept]))
        window.deallocate()
        window = larger
    }

    private func shortened(at offset: UInt64) -> JournalError {
        JournalError(
            .damaged, path: path, offset: offset,
            message: "the file has become shorter than \(size) bytes: restore it from a backup")
    }

    /// What follows a place at which no frame was found.
    struct Remains {
        /// Behind the last byte that is not zero, as a file offset; nil if all are.
        var end: UInt64?
        /// The first intact frame.
        var firstFrame: FrameHeader?
        /// The highest position that an intact frame says was durable when it was written.
        var durable: UInt64 = 0
    }

    /// Searches the rest of the file, however long, for frames that were written after the one that is missing.
    func remains(from position: UInt64) throws -> Remains {
        var result = Remains()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.windowBytes, alignment: 64)
        defer { buffer.deallocate() }
        var offset = position - first
        while offset < size {
            let count = try file.read(into: buffer, at: offset)
            guard count > 0 else { break }
            // The file may have been cut short at any byte: whole words are looked at.
            let padded = FrameHeader.padded(count)
            for index in count..<padded { buffer[index] = 0 }
            try Self.forEachNonZeroWord(UnsafeRawBufferPointer(rebasing: buffer[..<padded])) { start, word in
                result.end = min(offset + UInt64(start) + 8, size)
                let place = first + offset + UInt64(start)
                guard UInt32(truncatingIfNeeded: UInt64(littleEndian: word)) == FrameHeader.magic, place > position,
                    case .frame(let frame) = try look(at: place)
                else { return }
                if result.firstFrame == nil { result.firstFrame = frame.header }
                result.durable = max(result.durable, frame.header.durable)
            }
            offset += UInt64(count)
        }
        return result
    }

    /// Most of a segment's rest is zeros, so they are skipped in blocks, at the speed of `memcmp`.
    private static func forEachNonZeroWord(
        _ chunk: UnsafeRawBufferPointer, _ visit: (Int, UInt64) throws -> Void
    ) rethrows {
        let blockBytes = 4096
        for block in stride(from: 0, to: chunk.count, by: blockBytes) {
            let end = min(block + blockBytes, chunk.count)
            let base = chunk.baseAddress! + block
            // All bytes are equal to those eight later, and the first eight are zero.
            if base.load(as: UInt64.self) == 0, memcmp(base, base + 8, end - block - 8) == 0 { continue }
            for offset in stride(from: block, to: end, by: 8) {
                let word = chunk.load(fromByteOffset: offset, as: UInt64.self)
                if word != 0 { try visit(offset, word) }
            }
        }
    }
}
