/// The events that are still to come, the earliest first: a four-way heap, of which a node's children share a cache line.
struct Agenda: ~Copyable {
    struct Entry {
        var time: Int64
        /// Visit, story and step; also what orders entries of one time, so that the order depends on nothing else.
        var what: UInt64

        @inline(__always)
        static func < (a: Entry, b: Entry) -> Bool { a.time != b.time ? a.time < b.time : a.what < b.what }
    }

    private var entries: UnsafeMutablePointer<Entry>
    private var capacity = 1024
    private(set) var count = 0

    init() { entries = .allocate(capacity: capacity) }

    deinit { entries.deallocate() }

    var first: Entry? { count == 0 ? nil : entries[0] }

    mutating func insert(_ entry: Entry) {
        if count == capacity { grow() }
        var place = count
        count += 1
        while place > 0 {
            let parent = (place - 1) >> 2
            guard entry < entries[parent] else { break }
            entries[place] = entries[parent]
            place = parent
        }
        entries[place] = entry
    }

    mutating func removeFirst() {
        precondition(count > 0, "there is something to remove")
        count -= 1
        if count > 0 { sink(entries[count]) }
    }

    private mutating func sink(_ entry: Entry) {
        var place = 0
        while true {
            let firstChild = place << 2 + 1
            guard firstChild < count else { break }
            var least = firstChild
            for child in firstChild..<min(firstChild + 4, count) where entries[child] < entries[least] { least = child }
            guard entries[least] < entry else { break }
            entries[place] = entries[least]
            place = least
        }
        entries[place] = entry
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: entries, count: count)
        entries.deallocate()
        entries = larger
        capacity *= 2
    }
}
