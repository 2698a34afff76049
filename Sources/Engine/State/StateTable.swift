import Journey

/// All prospects of a shard, each as one packed blob of variable length (`ProspectBlob`), found by its key or by its
/// place. Nothing is allocated per event, and nothing grows all at once.
struct StateTable: ~Copyable {
    var heap: BlobHeap
    var index: KeyIndex
    private let scratch: UnsafeMutableRawPointer
    /// A mapped snapshot that chunks and index tables may lie in.
    private let mapping: AnyObject?

    /// What a blob may waste before it moves to a smaller slot; moving costs a new timer record.
    static let toleratedWasteBytes = 24

    init() {
        self.init(heap: BlobHeap(), index: KeyIndex(), mapping: nil)
    }

    init(heap: consuming BlobHeap, index: consuming KeyIndex, mapping: AnyObject?) {
        self.heap = heap
        self.index = index
        self.mapping = mapping
        // A writer may touch, without using it up, a word behind the last byte.
        scratch = .allocate(byteCount: ProspectBlob.maximumBytes + 8, alignment: 8)
    }

    deinit { scratch.deallocate() }

    var count: Int { index.count }
    var residentBytes: Int { heap.residentBytes + index.residentBytes + ProspectBlob.maximumBytes }

    /// Reads what is known about a prospect. `nil`: nothing; `state` is then reset.
    @inline(__always)
    func load(_ key: ProspectKey, into state: inout ProspectState) -> BlobReference? {
        let reference = index.find(key, in: heap)
        if reference == 0 {
            state.reset()
            return nil
        }
        decode(reference, into: &state)
        return BlobReference(rawValue: reference)
    }

    /// Brings what `load` will read for these keys into the processor's cache, for all of them at once.
    ///
    /// The reads of different keys do not depend on one another, so that their misses overlap; the sum keeps the
    /// compiler from dropping them. Returns it.
    func touch(_ keys: UnsafeBufferPointer<ProspectKey>) -> UInt64 {
        var sum: UInt64 = 0
        for index in keys.indices { sum &+= self.index.firstEntry(keys[index]) }
        for index in keys.indices {
            let reference = self.index.likely(keys[index])
            if reference != 0 { sum &+= heap.touch(reference) }
        }
        return sum
    }

    /// The same of a blob whose place is known.
    @inline(__always)
    func touch(_ reference: BlobReference) -> UInt64 { heap.touch(reference.rawValue) }

    /// Reads the prospect of a reference that is known to be good.
    @inline(__always)
    func load(at reference: BlobReference, into state: inout ProspectState) -> ProspectKey {
        decode(reference.rawValue, into: &state)
        return heap.key(reference.rawValue)
    }

    private func decode(_ reference: UInt32, into state: inout ProspectState) {
        let slot = UnsafeRawBufferPointer(heap.slot(reference))
        ProspectBlob.decode(UnsafeRawBufferPointer(rebasing: slot[ProspectBlob.headerOffset...]), into: &state)
    }

    /// Keeps a prospect's state; `reference` is what loading it gave. A state of which nothing is left is removed, and
    /// `nil` returned. The blob keeps its queued time, also when it moves.
    mutating func store(
        _ key: ProspectKey, _ state: ProspectState, at reference: BlobReference?
    ) -> BlobReference? {
        if state.isEmpty {
            if let reference {
                index.remove(key, reference.rawValue)
                heap.free(reference.rawValue)
            }
            return nil
        }
        let body = ProspectBlob.encode(state, to: scratch)
        let bytes = ProspectBlob.headerOffset + body
        if let reference {
            let slot = heap.slot(reference.rawValue)
            if bytes <= slot.count, slot.count - bytes <= max(Self.toleratedWasteBytes, slot.count / 4) {
                Self.copy(scratch, body, to: slot)
                return reference
            }
        }
        let new = heap.allocate(sizeClass: BlobSizeClass.index(bytes: bytes))
        let slot = heap.slot(new)
        guard let start = slot.baseAddress else { preconditionFailure("a slot has bytes") }
        ProspectBlob.setKey(key, start)
        Self.copy(scratch, body, to: slot)
        if let reference {
            ProspectBlob.setQueued(queuedTimer(at: reference), start)
            index.replace(key, reference.rawValue, with: new)
            heap.free(reference.rawValue)
        } else {
            ProspectBlob.setQueued(0, start)
            index.insert(key, new)
        }
        return BlobReference(rawValue: new)
    }

    @inline(__always)
    private static func copy(_ body: UnsafeRawPointer, _ count: Int, to slot: UnsafeMutableRawBufferPointer) {
        guard let start = slot.baseAddress else { preconditionFailure("a slot has bytes") }
        (start + ProspectBlob.headerOffset).copyMemory(from: body, byteCount: count)
    }

    /// The second for which the timer queue holds a record of this blob; 0: none.
    @inline(__always)
    func queuedTimer(at reference: BlobReference) -> UInt32 {
        ProspectBlob.queued(UnsafeRawPointer(heap.address(reference.rawValue)))
    }

    @inline(__always)
    func setQueuedTimer(at reference: BlobReference, _ second: UInt32) {
        ProspectBlob.setQueued(second, heap.address(reference.rawValue))
    }

    /// Every prospect, in no order that means anything. The state is only good during the call.
    func visitAll(_ body: (ProspectKey, ProspectState) throws -> Void) rethrows {
        var state = ProspectState()
        for table in 0..<KeyIndex.tableCount {
            guard let entries = index.tables[table].entries else { continue }
            for place in 0..<index.tables[table].places where entries[place] != 0 {
                let reference = BlobReference(rawValue: UInt32(truncatingIfNeeded: entries[place]))
                let key = load(at: reference, into: &state)
                try body(key, state)
            }
        }
    }
}
