import Journey

/// From a prospect's key to its blob: 4096 small tables, chosen by the key's first 12 bits, that grow on their own.
///
/// Growing one moves some hundred entries, not all: no event waits for a rehash. The keys are uniform (a keyed hash),
/// so their bits are used as they are. Within a table an entry's place follows from its tag, the key's next 32 bits, in
/// proportion (`home`): entries are always in tag order, with gaps, so that a miss ends at the first larger tag, a
/// table is rebuilt in one pass without reading a blob, and 7/8 of the places can be used.
///
/// ```
/// entry (64 bit)   63-32 tag   31-0 blob reference; 0: empty
/// table            capacity entries that are someone's home, and some more that catch what the last ones push on
/// ```
struct KeyIndex: ~Copyable {
    static let tableBits = 12
    static let tableCount = 1 << tableBits
    static let smallestCapacity = 4
    /// How many places an entry may cost until the keys cannot be a hash's.
    static let maximumSparseness = 256

    struct Table {
        var entries: UnsafeMutablePointer<UInt64>?
        var capacity: UInt32 = 0
        var count: UInt32 = 0

        /// Places in all. A deterministic function of the capacity: a snapshot holds only that.
        @inline(__always) var places: Int { KeyIndex.places(capacity: Int(capacity)) }
    }

    let tables: UnsafeMutablePointer<Table>
    /// The part of a mapped snapshot that tables may still lie in: those are not ours to free.
    var mapped: UnsafeMutableRawBufferPointer?
    private(set) var count = 0

    init() {
        tables = .allocate(capacity: Self.tableCount)
        tables.initialize(repeating: Table(), count: Self.tableCount)
    }

    deinit {
        for index in 0..<Self.tableCount {
            if let entries = tables[index].entries, !isMapped(entries) { entries.deallocate() }
        }
        tables.deallocate()
    }

    var residentBytes: Int {
        var bytes = Self.tableCount * MemoryLayout<Table>.stride
        for number in 0..<Self.tableCount { bytes += tables[number].places * MemoryLayout<UInt64>.stride }
        return bytes
    }

    @inline(__always)
    static func places(capacity: Int) -> Int { capacity == 0 ? 0 : capacity + min(16, 4 + capacity / 8) }

    @inline(__always)
    private static func table(_ key: ProspectKey) -> Int { Int(key.high >> UInt64(64 - tableBits)) }

    @inline(__always)
    private static func tag(_ key: ProspectKey) -> UInt64 {
        key.high >> UInt64(32 - tableBits) & 0xFFFF_FFFF
    }

    @inline(__always)
    private static func home(_ tag: UInt64, capacity: UInt32) -> Int { Int((tag &* UInt64(capacity)) >> 32) }

    /// Where the key's blob lies; 0: nowhere.
    @inline(__always)
    func find(_ key: ProspectKey, in heap: borrowing BlobHeap) -> UInt32 {
        let table = tables[Self.table(key)]
        guard let entries = table.entries else { return 0 }
        let tag = Self.tag(key)
        let end = table.places
        var place = Self.home(tag, capacity: table.capacity)
        while place < end {
            let entry = entries[place]
            let reference = UInt32(truncatingIfNeeded: entry)
            if reference == 0 || entry >> 32 > tag { return 0 }
            if entry >> 32 == tag, heap.key(reference) == key { return reference }
            place += 1
        }
        return 0
    }

    /// The entry where a key's search begins.
    @inline(__always)
    func firstEntry(_ key: ProspectKey) -> UInt64 {
        let table = tables[Self.table(key)]
        guard let entries = table.entries else { return 0 }
        return entries[Self.home(Self.tag(key), capacity: table.capacity)]
    }

    /// Where the blob of the first key with the same tag lies, without a look at it; 0: nowhere.
    @inline(__always)
    func likely(_ key: ProspectKey) -> UInt32 {
        let table = tables[Self.table(key)]
        guard let entries = table.entries else { return 0 }
        let tag = Self.tag(key)
        let end = table.places
        var place = Self.home(tag, capacity: table.capacity)
        while place < end, entries[place] != 0, entries[place] >> 32 <= tag {
            if entries[place] >> 32 == tag { return UInt32(truncatingIfNeeded: entries[place]) }
            place += 1
        }
        return 0
    }

    /// Adds a key that is not there.
    mutating func insert(_ key: ProspectKey, _ reference: UInt32) {
        let index = Self.table(key)
        let tag = Self.tag(key)
        if tables[index].count >= tables[index].capacity - tables[index].capacity / 8 { grow(index) }
        while !insert(tag << 32 | UInt64(reference), into: tables[index]) { grow(index) }
        tables[index].count += 1
        count += 1
    }

    private func insert(_ entry: UInt64, into table: Table) -> Bool {
        guard let entries = table.entries else { return false }
        let end = table.places
        var place = Self.home(entry >> 32, capacity: table.capacity)
        while place < end, entries[place] != 0, entries[place] >> 32 <= entry >> 32 { place += 1 }
        var gap = place
        while gap < end, entries[gap] != 0 { gap += 1 }
        guard gap < end else { return false }
        while gap > place {
            entries[gap] = entries[gap - 1]
            gap -= 1
        }
        entries[place] = entry
        return true
    }

    /// The blob has moved.
    mutating func replace(_ key: ProspectKey, _ old: UInt32, with new: UInt32) {
        let (entries, place, _) = place(of: key, old)
        entries[place] = Self.tag(key) << 32 | UInt64(new)
    }

    mutating func remove(_ key: ProspectKey, _ reference: UInt32) {
        let (entries, found, table) = place(of: key, reference)
        let end = tables[table].places
        var place = found
        // What its predecessors had pushed on moves back towards its home.
        while place + 1 < end, entries[place + 1] != 0,
            Self.home(entries[place + 1] >> 32, capacity: tables[table].capacity) <= place
        {
            entries[place] = entries[place + 1]
            place += 1
        }
        entries[place] = 0
        tables[table].count -= 1
        count -= 1
        let (capacity, left) = (Int(tables[table].capacity), Int(tables[table].count))
        if left * 3 < capacity, capacity > Self.smallestCapacity * 2 { rebuild(table, capacity: left * 4 / 3 + 4) }
    }

    private func place(of key: ProspectKey, _ reference: UInt32) -> (UnsafeMutablePointer<UInt64>, Int, Int) {
        let index = Self.table(key)
        let wanted = Self.tag(key) << 32 | UInt64(reference)
        if let entries = tables[index].entries {
            var place = Self.home(wanted >> 32, capacity: tables[index].capacity)
            while place < tables[index].places, entries[place] != 0 {
                if entries[place] == wanted { return (entries, place, index) }
                place += 1
            }
        }
        preconditionFailure("a stored prospect is in the index")
    }

    /// By a quarter: a table is then at least 70 % full.
    private mutating func grow(_ table: Int) {
        let capacity = Int(tables[table].capacity)
        rebuild(table, capacity: max(Self.smallestCapacity, capacity + capacity / 4 + 1))
    }

    private mutating func rebuild(_ index: Int, capacity: Int) {
        let old = tables[index]
        var capacity = capacity
        while true {
            let places = Self.places(capacity: capacity)
            let entries = UnsafeMutablePointer<UInt64>.allocate(capacity: places)
            entries.initialize(repeating: 0, count: places)
            if Self.copy(old, to: entries, capacity: capacity) {
                tables[index].entries = entries
                tables[index].capacity = UInt32(capacity)
                break
            }
            // The last entries did not fit behind one another: rare, and cured by more room.
            entries.deallocate()
            capacity += capacity / 8 + 1
            precondition(
                capacity <= Self.smallestCapacity + Int(old.count + 1) * Self.maximumSparseness,
                "prospect keys are not uniform")
        }
        if let entries = old.entries, !isMapped(entries) { entries.deallocate() }
    }

    private static func copy(_ old: Table, to entries: UnsafeMutablePointer<UInt64>, capacity: Int) -> Bool {
        guard let source = old.entries else { return true }
        let end = places(capacity: capacity)
        var next = 0
        for place in 0..<old.places where source[place] != 0 {
            next = max(next, home(source[place] >> 32, capacity: UInt32(capacity)))
            if next == end { return false }
            entries[next] = source[place]
            next += 1
        }
        return true
    }

    private func isMapped(_ entries: UnsafeMutablePointer<UInt64>) -> Bool {
        guard let mapped, let start = mapped.baseAddress else { return false }
        let address = UnsafeMutableRawPointer(entries)
        return address >= start && address < start + mapped.count
    }

    /// Takes over the tables of a snapshot, which lie in `mapped` one behind the other.
    mutating func adopt(_ table: Int, entries: UnsafeMutablePointer<UInt64>?, capacity: UInt32, count: UInt32) {
        tables[table] = Table(entries: entries, capacity: capacity, count: count)
        self.count += Int(count)
    }
}
