/// The sections of a snapshot, checked to be as long as the head says.
struct StoreLayout {
    let chunkCount: Int
    let blockCount: Int
    let chunks: UnsafeMutableRawBufferPointer
    let index: UnsafeMutableRawBufferPointer
    let blocks: UnsafeMutableRawBufferPointer
    private let words: UnsafeRawBufferPointer

    init(_ sections: [UnsafeMutableRawBufferPointer]) throws(StoreSectionsError) {
        guard sections.count == StoreSections.count, sections[0].count >= StoreSections.fixedWords * 4 else {
            throw StoreSectionsError(code: .version, message: "the snapshot has other sections than a prospect store")
        }
        words = UnsafeRawBufferPointer(sections[0])
        let version = words.loadUnaligned(as: UInt32.self)
        guard version == StoreSections.layoutVersion else {
            throw StoreSectionsError(
                code: .version,
                message: "the snapshot has layout version \(version), not \(StoreSections.layoutVersion)")
        }
        chunkCount = Int(words.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        blockCount = Int(words.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        let places = Int(words.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        index = sections[1]
        chunks = sections[2]
        blocks = sections[3]
        let headWords = StoreSections.fixedWords + chunkCount * StoreSections.chunkWords
        guard (1...BlobHeap.maximumChunks).contains(chunkCount), sections[0].count >= headWords * 4 else {
            throw Self.short("head", sections[0].count, headWords * 4)
        }
        guard index.count >= places * 8 else { throw Self.short("index", index.count, places * 8) }
        let blockBytes = blockCount * TimerQueue.blockBytes
        guard blocks.count >= blockBytes else { throw Self.short("timers", blocks.count, blockBytes) }
        var (placeSum, chunkBytes) = (0, 0)
        for number in 0..<KeyIndex.tableCount { placeSum += KeyIndex.places(capacity: Int(table(number).capacity)) }
        guard placeSum == places else { throw Self.short("index", places * 8, placeSum * 8) }
        for number in 0..<chunkCount {
            let chunk = chunk(number)
            guard chunk.isSound else {
                throw StoreSectionsError(code: .version, message: "the snapshot's chunk \(number) has no such size")
            }
            chunkBytes += BlobHeap.writtenBytes(chunk)
        }
        guard chunks.count >= chunkBytes else { throw Self.short("chunks", chunks.count, chunkBytes) }
    }

    private static func short(_ section: String, _ found: Int, _ needed: Int) -> StoreSectionsError {
        StoreSectionsError(
            code: .length, message: "the snapshot's section '\(section)' has \(found) bytes instead of \(needed)")
    }

    private func word(_ index: Int) -> UInt32 { words.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self) }

    func roomy(_ list: Int) -> UInt32 { word(4 + list) }

    func chunk(_ number: Int) -> BlobHeap.Chunk {
        let at = 4 + BlobSizeClass.count + 1 + number * StoreSections.chunkWords
        return BlobHeap.Chunk(
            base: nil, next: word(at), previous: word(at + 1),
            live: UInt16(truncatingIfNeeded: word(at + 2)), free: UInt16(truncatingIfNeeded: word(at + 2) >> 16),
            fresh: UInt16(truncatingIfNeeded: word(at + 3)),
            sizeClass: UInt8(truncatingIfNeeded: word(at + 3) >> 16))
    }

    private var tablesAt: Int { 4 + BlobSizeClass.count + 1 + chunkCount * StoreSections.chunkWords }

    func table(_ number: Int) -> (capacity: UInt32, count: UInt32) {
        (word(tablesAt + number * 2), word(tablesAt + number * 2 + 1))
    }

    func timer(_ index: Int) -> UInt32 { word(tablesAt + KeyIndex.tableCount * 2 + index) }
}

extension BlobHeap.Chunk {
    /// Whether a snapshot's descriptor can be one.
    fileprivate var isSound: Bool {
        guard sizeClass != BlobHeap.noClass else { return true }
        guard sizeClass < BlobSizeClass.count, Int(fresh) <= BlobHeap.unitsPerChunk else { return false }
        return free == BlobHeap.noSlot || free < fresh
    }
}
