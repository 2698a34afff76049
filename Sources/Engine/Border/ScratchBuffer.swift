/// Memory of a fixed size that one event after the other is put together in. One thread uses it.
final class ScratchBuffer {
    private let start: UnsafeMutableRawPointer
    private let capacity: Int
    private(set) var count = 0

    /// - Parameter capacity: what the contract's bounds allow at most; more is a mistake of ours.
    init(capacity: Int) {
        self.capacity = capacity
        start = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { start.deallocate() }

    /// What was appended; valid until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    func removeAll() { count = 0 }

    @inline(__always)
    func append(_ byte: UInt8) {
        precondition(count < capacity)
        start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    @inline(__always)
    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let from = bytes.baseAddress else { return }
        precondition(count + bytes.count <= capacity)
        (start + count).copyMemory(from: from, byteCount: bytes.count)
        count += bytes.count
    }
}
