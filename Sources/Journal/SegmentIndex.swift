/// A segment's index, mapped. What is read of it is verified first; what is not read does not matter.
public final class SegmentIndex {
    public let header: SegmentIndexFile.Header
    private let path: String
    private let checksum: UInt32
    private let pageCount: Int
    private let region: any MappedRegion

    /// Maps the index of the segment that begins at `first`.
    ///
    /// - Returns: nil if there is none, or none of this version.
    /// - Throws: `.damaged` if its first page or its size are not as they were written.
    public init?(
        of first: UInt64, in directory: String, _ fileSystem: any FileSystem, version: UInt32
    ) throws {
        path = "\(directory)/\(SegmentIndexFile.name(first))"
        guard try fileSystem.exists(path) else { return nil }
        let file = try fileSystem.open(path, .read)
        defer { file.close() }
        let size = Int(try file.size())
        guard size >= SegmentIndexFile.pageBytes, size % SegmentIndexFile.pageBytes == 0 else {
            throw Self.damage(path, 0, "it is \(size) bytes long")
        }
        region = try file.map(length: size, .readOnly)
        let page = UnsafeRawBufferPointer(rebasing: region.bytes[..<SegmentIndexFile.pageBytes])
        pageCount = size / SegmentIndexFile.pageBytes - 1
        guard let (header, checksum) = SegmentIndexFile.header(page), header.first == first else {
            throw Self.damage(path, 0, "its first page is not as it was written")
        }
        let perPage = UInt64(SegmentIndexFile.entriesPerPage)
        guard header.entryCount <= UInt64(size), (header.entryCount + perPage - 1) / perPage == UInt64(pageCount) else {
            throw Self.damage(path, 0, "it has \(pageCount) pages for \(header.entryCount) entries")
        }
        guard header.version == version else { return nil }
        self.header = header
        self.checksum = checksum
    }

    /// Whether the journal has the frames that the index was made from: what follows names the last one's hash.
    ///
    /// - Parameter next: where the following segment begins.
    public func isOf(_ directory: String, next: UInt64, _ fileSystem: any FileSystem) throws -> Bool {
        guard header.end.position == next,
            let following = try SegmentFile.firstHeader(in: directory, of: next, fileSystem)
        else { return false }
        return following.previousHash == header.end.hash
    }

    /// Adds the offsets of the frames that have an entry of the key to `offsets`; ascending for each key.
    ///
    /// - Throws: `.damaged` if a page that was looked at is not as it was written.
    public func addFrames(of key: UInt64, to offsets: inout [UInt64]) throws {
        let lowest = SegmentIndexFile.entry(key: key, frameOffset: 0)
        let highest = lowest | SegmentIndexFile.offsetMask
        var page = try firstPage(of: lowest)
        while page < pageCount {
            let entries = try self.page(page)
            for place in firstPlace(of: lowest, in: entries)..<SegmentIndexFile.entriesPerPage {
                let entry = Self.entry(place, in: entries)
                // Behind the last entry is nothing but ones, which the last key's highest would not exclude.
                let number = UInt64(page * SegmentIndexFile.entriesPerPage + place)
                guard entry <= highest, number < header.entryCount else { return }
                offsets.append(SegmentIndexFile.frameOffset(entry))
            }
            page += 1
        }
    }

    /// The last page that begins below an entry, or the first one: the entry's place is there, or at the next one's beginning.
    ///
    /// Keys are hashes, so a page lies about as far in the file as its keys in all numbers: one or two pages are looked at,
    /// where halves of halves would be ten, each of them read from a disk.
    private func firstPage(of lowest: UInt64) throws -> Int {
        // Pages below `low` begin below the entry, those from `high` on do not.
        var low = 0
        var high = pageCount
        guard high > 0 else { return 0 }
        var next = Int(lowest.multipliedFullWidth(by: UInt64(pageCount)).high)
        var step = 1
        while low < high {
            if try entry(0, of: next) < lowest {
                low = next + 1
                next = high == pageCount ? min(next + step, high - 1) : (low + high) / 2
            } else {
                high = next
                next = low == 0 ? max(next - step, 0) : (low + high) / 2
            }
            step *= 2
        }
        return max(low - 1, 0)
    }

    private func firstPlace(of lowest: UInt64, in entries: UnsafeRawBufferPointer) -> Int {
        var low = 0
        var high = SegmentIndexFile.entriesPerPage
        while low < high {
            let middle = (low + high) / 2
            if Self.entry(middle, in: entries) < lowest { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func entry(_ place: Int, of page: Int) throws -> UInt64 { Self.entry(place, in: try self.page(page)) }

    private static func entry(_ place: Int, in page: UnsafeRawBufferPointer) -> UInt64 {
        UInt64(littleEndian: page.load(fromByteOffset: place * 8, as: UInt64.self))
    }

    /// A page of entries, verified.
    private func page(_ number: Int) throws -> UnsafeRawBufferPointer {
        let start = (number + 1) * SegmentIndexFile.pageBytes
        let page = UnsafeRawBufferPointer(rebasing: region.bytes[start..<start + SegmentIndexFile.pageBytes])
        let content = UnsafeRawBufferPointer(rebasing: page[..<SegmentIndexFile.checksumOffset])
        let written = page.load(fromByteOffset: SegmentIndexFile.checksumOffset, as: UInt32.self)
        guard crc32c(content, from: checksum) == UInt32(littleEndian: written),
            UInt32(littleEndian: page.load(fromByteOffset: SegmentIndexFile.checksumOffset - 4, as: UInt32.self))
                == UInt32(number)
        else { throw Self.damage(path, start, "\(page.count) bytes are not as they were written") }
        return page
    }

    private static func damage(_ path: String, _ offset: Int, _ what: String) -> JournalError {
        JournalError(
            .damaged, path: path, offset: UInt64(offset),
            message: """
                \(what): it is not used, the segment is read instead. Remove it, and the engine makes it anew; check the disk
                """)
    }
}
