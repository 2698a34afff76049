/// When prospects' next actions are due: a wheel of lists of small records, each a second and a blob's reference.
///
/// A blob has one valid record: the one whose second equals the blob's own queued time. So nothing is ever searched
/// for: an action that moves to a later time leaves its record, and is queued again when that one comes up; one that
/// moves to an earlier time gets a second record, and the first is dropped when it comes up and no longer matches. The
/// same check makes a slot that another blob has taken over harmless: either the times differ, and the record is
/// dropped, or they are equal, and the record is as good as that blob's own.
///
/// Seconds count from 2000-01-01; a record comes up at the start of its second, so never late: who takes it looks at
/// the exact time. Three levels, so that a timer in 90 days costs what one in an hour does:
///
/// ```
/// level    lists  each                  holds
/// near      4096  1 s                   less than 4096 s ahead of the cursor
/// middle    4096  4096 s (68 min)       less than 4096 of these ahead (194 days)
/// far        256  4096 x 4096 s         the rest, until 2136
///
/// block (64 bytes, a cache line)   0  4  next block, 0: none
///                                  4  4  records in it
///                                  8 56  7 records: second << 32 | blob reference
/// ```
struct TimerQueue: ~Copyable {
    static let ringBits: UInt32 = 12
    static let ring: UInt32 = 1 << ringBits
    static let farLists: UInt32 = 256
    static let listCount = Int(ring * 2 + farLists)
    static let blockBytes = 64
    static let recordsPerBlock: UInt32 = 7
    static let blockShift: UInt32 = 10
    static let blocksPerChunk = PageArena.chunkBytes / blockBytes
    /// The last second that can be queued (2136); what is due later is queued for then.
    static let lastSecond = UInt32.max - 1

    /// First block of each list: near, middle, far. 0: empty.
    let heads: UnsafeMutablePointer<UInt32>
    /// Every second before it has been handed out completely.
    var cursor: UInt32
    /// Records in each level, also those that no longer match.
    var nearCount = 0
    var middleCount = 0
    var farCount = 0
    /// The block that is swept next, and its list; 0: the next list's first.
    var sweepBlock: UInt32 = 0
    var sweepList = 0
    /// Blocks are numbered from 1.
    var blockCount: UInt32 = 0
    var freeBlock: UInt32 = 0
    var chunks: ContiguousArray<UnsafeMutableRawPointer> = []
    var arena = PageArena()
    /// What reading ahead has read, in sum. Means nothing.
    private var touched: UInt32 = 0
    private let mapping: AnyObject?

    /// `start`: a second before which nothing is due. It only saves work.
    init(start: UInt32 = 0, mapping: AnyObject? = nil) {
        heads = .allocate(capacity: Self.listCount)
        heads.initialize(repeating: 0, count: Self.listCount)
        cursor = start
        self.mapping = mapping
    }

    deinit { heads.deallocate() }

    /// Records that are queued, also those that no longer match.
    var count: Int { nearCount + middleCount + farCount }

    var residentBytes: Int {
        Self.listCount * MemoryLayout<UInt32>.stride + Int(blockCount + 1) * Self.blockBytes
    }

    @inline(__always)
    mutating func push(_ second: UInt32, _ reference: UInt32) {
        let record = UInt64(second) << 32 | UInt64(reference)
        let at = max(second, cursor)
        if at - cursor < Self.ring {
            nearCount += 1
            push(record, to: Int(at & (Self.ring - 1)))
        } else if (at >> Self.ringBits) - (cursor >> Self.ringBits) < Self.ring {
            middleCount += 1
            push(record, to: Int(Self.ring + (at >> Self.ringBits) & (Self.ring - 1)))
        } else {
            farCount += 1
            push(record, to: Int(Self.ring * 2 + at >> (Self.ringBits * 2)))
        }
    }

    @inline(__always)
    private mutating func push(_ record: UInt64, to list: Int) {
        var block = heads[list]
        var count: UInt32 = Self.recordsPerBlock
        if block != 0 { count = address(block).load(fromByteOffset: 4, as: UInt32.self) }
        if count == Self.recordsPerBlock {
            let next = block
            block = allocateBlock()
            address(block).storeBytes(of: next, as: UInt32.self)
            heads[list] = block
            count = 0
        }
        let bytes = address(block)
        bytes.storeBytes(of: record, toByteOffset: 8 + Int(count) * 8, as: UInt64.self)
        bytes.storeBytes(of: count + 1, toByteOffset: 4, as: UInt32.self)
    }

    /// Hands out the blobs that are queued up to `second`, in order of their seconds, and takes their queued time away:
    /// whoever takes one queues it again. Stops after a whole second when `limit` or more have been handed out.
    ///
    /// Returns the first second that has not been handed out.
    mutating func pop(
        upTo second: UInt32, limit: Int, from heap: borrowing BlobHeap,
        into due: inout ContiguousArray<BlobReference>
    ) -> UInt32 {
        let enough = due.count + limit
        guard cursor <= second else { return cursor }
        while true {
            drain(Int(cursor & (Self.ring - 1)), from: heap, into: &due)
            if cursor == second || due.count >= enough { return cursor + 1 }
            advance(upTo: second)
        }
    }

    private mutating func drain(
        _ list: Int, from heap: borrowing BlobHeap, into due: inout ContiguousArray<BlobReference>
    ) {
        var block = takeList(list)
        while block != 0 {
            let bytes = address(block)
            let count = Int(recordCount(block))
            touch(block, count, heap)
            for index in 0..<count {
                let record = bytes.load(fromByteOffset: 8 + index * 8, as: UInt64.self)
                let reference = UInt32(truncatingIfNeeded: record)
                guard let blob = heap.slotIfAny(reference) else { continue }
                if ProspectBlob.queued(UnsafeRawPointer(blob)) == UInt32(truncatingIfNeeded: record >> 32) {
                    ProspectBlob.setQueued(0, blob)
                    due.append(BlobReference(rawValue: reference))
                }
            }
            nearCount -= count
            block = release(block)
        }
    }

    /// Reads what `drain` will of a block's blobs and of the block behind it, so that their misses overlap.
    @inline(__always)
    private mutating func touch(_ block: UInt32, _ count: Int, _ heap: borrowing BlobHeap) {
        let bytes = address(block)
        let next = bytes.load(as: UInt32.self)
        if next != 0 { touched &+= recordCount(next) }
        for index in 0..<count {
            let reference = bytes.load(fromByteOffset: 8 + index * 8, as: UInt32.self)
            if let blob = heap.slotIfAny(reference) { touched &+= ProspectBlob.queued(UnsafeRawPointer(blob)) }
        }
    }

    /// Empties a list and gives its first block.
    private mutating func takeList(_ list: Int) -> UInt32 {
        if list == sweepList { sweepBlock = 0 }
        defer { heads[list] = 0 }
        return heads[list]
    }

    /// To the next second that may have a record, or to `second`.
    private mutating func advance(upTo second: UInt32) {
        if nearCount > 0 {
            cursor += 1
        } else {
            let bits = middleCount > 0 || farCount == 0 ? Self.ringBits : Self.ringBits * 2
            // Nothing is left at all, or nothing before the next list of the level above comes down.
            let next = count == 0 ? UInt64(second) : (UInt64(cursor >> bits) + 1) << UInt64(bits)
            cursor = UInt32(min(next, UInt64(second)))
        }
        guard cursor & (Self.ring - 1) == 0 else { return }
        let slot = cursor >> Self.ringBits
        if slot & (Self.ring - 1) == 0 { farCount -= moveDown(Int(Self.ring * 2 + slot >> Self.ringBits)) }
        middleCount -= moveDown(Int(Self.ring + slot & (Self.ring - 1)))
    }

    /// Queues a list's records again, which now belong to a lower level, and says how many there were.
    private mutating func moveDown(_ list: Int) -> Int {
        var block = takeList(list)
        var moved = 0
        while block != 0 {
            let bytes = address(block)
            let count = Int(recordCount(block))
            for index in 0..<count {
                let record = bytes.load(fromByteOffset: 8 + index * 8, as: UInt64.self)
                push(UInt32(truncatingIfNeeded: record >> 32), UInt32(truncatingIfNeeded: record))
            }
            moved += count
            block = release(block)
        }
        return moved
    }

    mutating func forget(_ records: Int, from list: Int) {
        if list < Int(Self.ring) {
            nearCount -= records
        } else if list < Int(Self.ring * 2) {
            middleCount -= records
        } else {
            farCount -= records
        }
    }

    @inline(__always)
    func recordCount(_ block: UInt32) -> UInt32 {
        min(address(block).load(fromByteOffset: 4, as: UInt32.self), Self.recordsPerBlock)
    }

    @inline(__always)
    func address(_ block: UInt32) -> UnsafeMutableRawPointer {
        precondition(block - 1 < blockCount, "a timer list points outside its blocks")
        return chunks[Int((block - 1) >> Self.blockShift)]
            + Int((block - 1) & UInt32(Self.blocksPerChunk - 1)) * Self.blockBytes
    }

    private mutating func allocateBlock() -> UInt32 {
        if freeBlock != 0 {
            let block = freeBlock
            freeBlock = address(block).load(as: UInt32.self)
            address(block).storeBytes(of: 0, as: UInt64.self)
            return block
        }
        if Int(blockCount) == chunks.count * Self.blocksPerChunk { chunks.append(arena.allocate()) }
        precondition(blockCount < UInt32.max, "a shard holds at most 2^32 timer blocks")
        blockCount += 1
        return blockCount
    }

    /// Gives a block back and says which one followed it.
    mutating func release(_ block: UInt32) -> UInt32 {
        let bytes = address(block)
        let next = bytes.load(as: UInt32.self)
        bytes.storeBytes(of: freeBlock, as: UInt32.self)
        bytes.storeBytes(of: 0, toByteOffset: 4, as: UInt32.self)
        freeBlock = block
        return next
    }
}
