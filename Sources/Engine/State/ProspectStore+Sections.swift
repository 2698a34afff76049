extension ProspectStore {
    /// Gives the sections that a snapshot holds of this store, each as the buffers it is made of, in order.
    public func withSections<Result>(
        _ body: ([[UnsafeRawBufferPointer]]) throws -> Result
    ) rethrows -> Result {
        var head: ContiguousArray<UInt32> = []
        let chunkCount = table.heap.chunkCount
        head.reserveCapacity(StoreSections.fixedWords + chunkCount * StoreSections.chunkWords)
        head.append(StoreSections.layoutVersion)
        head.append(UInt32(chunkCount))
        head.append(timers.blockCount)
        head.append(0)
        var chunks: [UnsafeRawBufferPointer] = []
        for list in 0...BlobSizeClass.count { head.append(table.heap.roomy[list]) }
        for index in 0..<chunkCount {
            let chunk = table.heap.chunks[index]
            head.append(chunk.next)
            head.append(chunk.previous)
            head.append(UInt32(chunk.live) | UInt32(chunk.free) << 16)
            head.append(UInt32(chunk.fresh) | UInt32(chunk.sizeClass) << 16)
            if let base = chunk.base, chunk.sizeClass != BlobHeap.noClass {
                chunks.append(UnsafeRawBufferPointer(start: base, count: BlobHeap.writtenBytes(chunk)))
            }
        }
        var index: [UnsafeRawBufferPointer] = []
        var places = 0
        for number in 0..<KeyIndex.tableCount {
            let part = table.index.tables[number]
            head.append(part.capacity)
            head.append(part.count)
            places += part.places
            if let entries = part.entries {
                index.append(UnsafeRawBufferPointer(start: entries, count: part.places * MemoryLayout<UInt64>.stride))
            }
        }
        precondition(places <= Int(UInt32.max), "a shard's index has fewer than 2^32 places")
        head[3] = UInt32(places)
        timers.appendHead(to: &head)
        return try head.withUnsafeBytes { try body([[$0], index, chunks, timers.blockBuffers]) }
    }

    /// The store that a snapshot's sections hold, used where they lie.
    ///
    /// - Parameters:
    ///   - sections: writable memory that changes nothing outside of it (a private mapping), aligned to 8 bytes. Their
    ///     container has found their checksum right.
    ///   - keepAlive: holds the memory for as long as the store lives.
    /// - Throws: `StoreSectionsError` if they are not what this version writes.
    public init(mapping sections: [UnsafeMutableRawBufferPointer], keepAlive: AnyObject) throws(StoreSectionsError) {
        let layout = try StoreLayout(sections)
        self.init(
            table: StateTable(
                heap: BlobHeap(layout), index: KeyIndex(layout, mapped: sections[1]), mapping: keepAlive),
            timers: TimerQueue(layout, mapping: keepAlive))
    }
}

extension BlobHeap {
    /// The bytes of a chunk that a snapshot holds: all of it, unless slots are left that were never used.
    static func writtenBytes(_ chunk: Chunk) -> Int {
        if chunk.sizeClass == noClass { return 0 }
        let isFull = Int(chunk.fresh) + BlobSizeClass.units(Int(chunk.sizeClass)) > unitsPerChunk
        return isFull ? chunkBytes : touchedBytes(chunk)
    }

    /// A chunk that is not full is copied, so that the rest of it can be used: one of each size class at most.
    init(_ layout: StoreLayout) {
        self.init()
        for list in 0...BlobSizeClass.count { roomy[list] = layout.roomy(list) }
        var offset = 0
        for number in 1..<max(1, layout.chunkCount) {
            var chunk = layout.chunk(number)
            let bytes = Self.writtenBytes(chunk)
            if chunk.sizeClass != Self.noClass {
                let part = UnsafeMutableRawBufferPointer(rebasing: layout.chunks[offset..<offset + bytes])
                chunk.isMapped = bytes == Self.chunkBytes
                chunk.base = chunk.isMapped ? part.baseAddress : copyChunk(UnsafeRawBufferPointer(part))
                offset += bytes
            }
            appendChunk(chunk)
        }
    }
}

extension KeyIndex {
    init(_ layout: StoreLayout, mapped: UnsafeMutableRawBufferPointer) {
        self.init()
        self.mapped = mapped
        var offset = 0
        for number in 0..<Self.tableCount {
            let (capacity, count) = layout.table(number)
            if capacity == 0 { continue }
            let entries = (mapped.baseAddress.map { $0 + offset })?.assumingMemoryBound(to: UInt64.self)
            adopt(number, entries: entries, capacity: capacity, count: count)
            offset += Self.places(capacity: Int(capacity)) * MemoryLayout<UInt64>.stride
        }
    }
}

extension TimerQueue {
    func appendHead(to head: inout ContiguousArray<UInt32>) {
        head.append(cursor)
        head.append(freeBlock)
        for count in [nearCount, middleCount, farCount] {
            head.append(UInt32(truncatingIfNeeded: count))
            head.append(UInt32(truncatingIfNeeded: count >> 32))
        }
        for list in 0..<Self.listCount { head.append(heads[list]) }
    }

    var blockBuffers: [UnsafeRawBufferPointer] {
        var buffers: [UnsafeRawBufferPointer] = []
        var left = Int(blockCount)
        for chunk in chunks {
            let blocks = min(left, Self.blocksPerChunk)
            buffers.append(UnsafeRawBufferPointer(start: chunk, count: blocks * Self.blockBytes))
            left -= blocks
        }
        return buffers
    }

    /// The last chunk is copied, so that the rest of it can be used.
    init(_ layout: StoreLayout, mapping: AnyObject) {
        self.init(start: layout.timer(0), mapping: mapping)
        freeBlock = layout.timer(1)
        func count(_ index: Int) -> Int { Int(layout.timer(index)) | Int(layout.timer(index + 1)) << 32 }
        nearCount = count(2)
        middleCount = count(4)
        farCount = count(6)
        for list in 0..<Self.listCount { heads[list] = layout.timer(8 + list) }
        blockCount = UInt32(layout.blockCount)
        var offset = 0
        while offset < layout.blockCount * Self.blockBytes {
            let bytes = min(PageArena.chunkBytes, layout.blockCount * Self.blockBytes - offset)
            let part = UnsafeMutableRawBufferPointer(rebasing: layout.blocks[offset..<offset + bytes])
            guard let start = part.baseAddress else { break }
            if bytes == PageArena.chunkBytes {
                chunks.append(start)
            } else {
                let copy = arena.allocate()
                copy.copyMemory(from: start, byteCount: bytes)
                chunks.append(copy)
            }
            offset += bytes
        }
    }
}
