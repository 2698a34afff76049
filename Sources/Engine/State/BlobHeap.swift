import Journey

/// Memory for the blobs of a shard: chunks of 64 KiB, each cut into slots of one size class.
///
/// A chunk that becomes empty goes to a pool that every class draws from. Growing adds a chunk and moves nothing.
struct BlobHeap: ~Copyable {
    static let chunkBytes = PageArena.chunkBytes
    static let unitsPerChunk = chunkBytes / BlobSizeClass.unitBytes
    static let chunkShift = 13
    /// A reference has 19 bits for the chunk: 32 GiB of blobs in a shard.
    static let maximumChunks = 1 << (32 - chunkShift)
    static let noSlot = UInt16.max
    static let noClass = UInt8.max

    /// In memory and, without `base`, in a snapshot.
    struct Chunk {
        /// `nil` for a pooled chunk that has no memory (any more).
        var base: UnsafeMutableRawPointer?
        /// Neighbours in the list of its class's chunks that have room, or of the pool. 0: none.
        var next: UInt32 = 0
        var previous: UInt32 = 0
        /// Slots in use.
        var live: UInt16 = 0
        /// First freed slot, in units; `noSlot`: none. A freed slot's first two bytes are the next one.
        var free: UInt16 = noSlot
        /// Units handed out so far; what lies beyond is zero.
        var fresh: UInt16 = 0
        var sizeClass: UInt8 = noClass
        /// Whether its memory is a part of a mapped snapshot.
        var isMapped = false
    }

    /// Chunk 0 does not exist, so that no blob has the reference 0.
    private(set) var chunks: UnsafeMutablePointer<Chunk>
    private(set) var chunkCount = 1
    private var chunkCapacity = 64
    /// By size class: its first chunk that has room; behind them, the first of the pool. 0: none.
    let roomy: UnsafeMutablePointer<UInt32>
    static let pool = BlobSizeClass.count
    private var arena = PageArena()

    init() {
        chunks = .allocate(capacity: chunkCapacity)
        chunks.initialize(repeating: Chunk(), count: 1)
        roomy = .allocate(capacity: BlobSizeClass.count + 1)
        roomy.initialize(repeating: 0, count: BlobSizeClass.count + 1)
    }

    deinit {
        chunks.deallocate()
        roomy.deallocate()
    }

    /// The descriptors and the chunks that are in use, also those in a mapped snapshot.
    var residentBytes: Int {
        var bytes = chunkCapacity * MemoryLayout<Chunk>.stride
        for index in 1..<max(1, chunkCount) where chunks[index].sizeClass != Self.noClass {
            bytes += Self.touchedBytes(chunks[index])
        }
        return bytes
    }

    /// The bytes of a chunk that anything was ever written to, in whole pages.
    static func touchedBytes(_ chunk: Chunk) -> Int {
        let page = 4096
        return (Int(chunk.fresh) * BlobSizeClass.unitBytes + page - 1) / page * page
    }

    /// Where a blob begins and how many bytes its slot has. Traps on a reference that never was one of ours, so that
    /// no read leaves the chunk.
    @inline(__always)
    func slot(_ reference: UInt32) -> UnsafeMutableRawBufferPointer {
        let index = Int(reference >> UInt32(Self.chunkShift))
        precondition(index < chunkCount, "a blob reference points outside the table")
        let chunk = chunks[index]
        let unit = Int(reference) & (Self.unitsPerChunk - 1)
        guard let base = chunk.base, chunk.sizeClass != Self.noClass else {
            preconditionFailure("a blob reference points to an unused chunk")
        }
        let units = BlobSizeClass.units(Int(chunk.sizeClass))
        precondition(unit + units <= Int(chunk.fresh), "a blob reference points to an unused slot")
        return UnsafeMutableRawBufferPointer(
            start: base + unit * BlobSizeClass.unitBytes, count: units * BlobSizeClass.unitBytes)
    }

    @inline(__always)
    func key(_ reference: UInt32) -> ProspectKey { ProspectBlob.key(UnsafeRawPointer(address(reference))) }

    /// Where the blob of an index entry begins: there is one, so only the bounds are checked.
    @inline(__always)
    func address(_ reference: UInt32) -> UnsafeMutableRawPointer {
        let index = Int(reference >> UInt32(Self.chunkShift))
        precondition(index < chunkCount, "a blob reference points outside the table")
        let unit = Int(reference) & (Self.unitsPerChunk - 1)
        guard let base = chunks[index].base, unit + BlobSizeClass.smallestUnits <= Int(chunks[index].fresh) else {
            preconditionFailure("a blob reference points to an unused slot")
        }
        return base + unit * BlobSizeClass.unitBytes
    }

    /// Reads a word of each of the two cache lines that a blob of common size lies in.
    @inline(__always)
    func touch(_ reference: UInt32) -> UInt64 {
        let unit = Int(reference) & (Self.unitsPerChunk - 1)
        let base = address(reference) - unit * BlobSizeClass.unitBytes
        let further = min(unit + 6, Self.unitsPerChunk - 1)
        return base.load(fromByteOffset: unit * BlobSizeClass.unitBytes, as: UInt64.self)
            &+ base.load(fromByteOffset: further * BlobSizeClass.unitBytes, as: UInt64.self)
    }

    /// The slot of a reference that may be stale: `nil` unless it is where a slot begins now. The slot may be free
    /// (its queued time is then 0) or hold another blob by now.
    @inline(__always)
    func slotIfAny(_ reference: UInt32) -> UnsafeMutableRawPointer? {
        let index = Int(reference >> UInt32(Self.chunkShift))
        guard index < chunkCount else { return nil }
        let chunk = chunks[index]
        guard let base = chunk.base, chunk.sizeClass != Self.noClass else { return nil }
        let unit = UInt32(reference) & UInt32(Self.unitsPerChunk - 1)
        let units = UInt32(BlobSizeClass.units(Int(chunk.sizeClass)))
        guard unit % units == 0, unit + units <= UInt32(chunk.fresh) else { return nil }
        return base + Int(unit) * BlobSizeClass.unitBytes
    }

    mutating func allocate(sizeClass: Int) -> UInt32 {
        if roomy[sizeClass] == 0 { addChunk(sizeClass) }
        let index = roomy[sizeClass]
        let units = UInt16(truncatingIfNeeded: BlobSizeClass.units(sizeClass))
        guard let base = chunks[Int(index)].base else { preconditionFailure("a chunk with room has memory") }
        let unit: UInt16
        if chunks[Int(index)].free != Self.noSlot {
            unit = chunks[Int(index)].free
            chunks[Int(index)].free = (base + Int(unit) * BlobSizeClass.unitBytes).load(as: UInt16.self)
        } else {
            unit = chunks[Int(index)].fresh
            chunks[Int(index)].fresh = unit + units
        }
        chunks[Int(index)].live += 1
        if !hasRoom(chunks[Int(index)]) { unlink(index, from: sizeClass) }
        return index << UInt32(Self.chunkShift) | UInt32(unit)
    }

    mutating func free(_ reference: UInt32) {
        let slot = slot(reference)
        let index = reference >> UInt32(Self.chunkShift)
        let chunk = Int(index)
        let sizeClass = Int(chunks[chunk].sizeClass)
        let wasRoomy = hasRoom(chunks[chunk])
        slot.storeBytes(of: chunks[chunk].free, as: UInt16.self)
        // A stale timer record must not find its time here.
        slot.storeBytes(of: 0, toByteOffset: ProspectBlob.timerOffset, as: UInt32.self)
        chunks[chunk].free = UInt16(truncatingIfNeeded: reference) & UInt16(Self.unitsPerChunk - 1)
        chunks[chunk].live -= 1
        if !wasRoomy { link(index, to: sizeClass) }
        // A class keeps its only chunk with room: a blob that comes and goes would otherwise cost a system call.
        let isOnly = chunks[chunk].next == 0 && chunks[chunk].previous == 0
        if chunks[chunk].live == 0, !isOnly { empty(index, sizeClass) }
    }

    /// Gives an empty chunk's memory back to the system and the chunk to the pool. What lies in a mapped snapshot is
    /// left alone: its pages would come back as they were there.
    private mutating func empty(_ index: UInt32, _ sizeClass: Int) {
        unlink(index, from: sizeClass)
        let chunk = chunks[Int(index)]
        if let base = chunk.base, !chunk.isMapped { PageArena.clear(base) }
        chunks[Int(index)] = Chunk(base: chunk.isMapped ? nil : chunk.base)
        link(index, to: Self.pool)
    }

    @inline(__always)
    private func hasRoom(_ chunk: Chunk) -> Bool {
        chunk.free != Self.noSlot
            || Int(chunk.fresh) + BlobSizeClass.units(Int(chunk.sizeClass)) <= Self.unitsPerChunk
    }

    private mutating func addChunk(_ sizeClass: Int) {
        if roomy[Self.pool] == 0 { link(appendChunk(Chunk()), to: Self.pool) }
        let index = roomy[Self.pool]
        unlink(index, from: Self.pool)
        if chunks[Int(index)].base == nil { chunks[Int(index)].base = arena.allocate() }
        chunks[Int(index)].sizeClass = UInt8(sizeClass)
        link(index, to: sizeClass)
    }

    /// Adds a chunk of a snapshot as it is; its links are already in `chunk`.
    @discardableResult
    mutating func appendChunk(_ chunk: Chunk) -> UInt32 {
        precondition(chunkCount < Self.maximumChunks, "a shard holds at most 32 GiB of prospects")
        if chunkCount == chunkCapacity {
            let larger = UnsafeMutablePointer<Chunk>.allocate(capacity: chunkCapacity * 2)
            larger.moveInitialize(from: chunks, count: chunkCount)
            chunks.deallocate()
            chunks = larger
            chunkCapacity *= 2
        }
        (chunks + chunkCount).initialize(to: chunk)
        chunkCount += 1
        return UInt32(chunkCount - 1)
    }

    /// A chunk of our own, for the part of a snapshot's chunk that was used.
    mutating func copyChunk(_ part: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer {
        let base = arena.allocate()
        if let source = part.baseAddress { base.copyMemory(from: source, byteCount: part.count) }
        return base
    }

    private mutating func link(_ index: UInt32, to list: Int) {
        let head = roomy[list]
        chunks[Int(index)].next = head
        chunks[Int(index)].previous = 0
        if head != 0 { chunks[Int(head)].previous = index }
        roomy[list] = index
    }

    private mutating func unlink(_ index: UInt32, from list: Int) {
        let chunk = chunks[Int(index)]
        if chunk.previous != 0 { chunks[Int(chunk.previous)].next = chunk.next } else { roomy[list] = chunk.next }
        if chunk.next != 0 { chunks[Int(chunk.next)].previous = chunk.previous }
        chunks[Int(index)].next = 0
        chunks[Int(index)].previous = 0
    }
}
