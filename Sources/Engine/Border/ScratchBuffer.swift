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

    /// The two low bytes of a number, the lowest first.
    @inline(__always)
    func append(twoBytes value: Int) {
        precondition(count + 2 <= capacity)
        start.storeBytes(of: UInt16(truncatingIfNeeded: value).littleEndian, toByteOffset: count, as: UInt16.self)
        count += 2
    }

    @inline(__always)
    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let from = bytes.baseAddress else { return }
        let size = bytes.count
        precondition(count + size <= capacity)
        let to = start + count
        // Most items are short: two loads that may overlap cost less than a call.
        switch size {
        case 33...: to.copyMemory(from: from, byteCount: size)
        case 16...: Self.copyEnds(SIMD16<UInt8>.self, from, to, size)
        case 8...: Self.copyEnds(UInt64.self, from, to, size)
        case 4...: Self.copyEnds(UInt32.self, from, to, size)
        default:
            for index in 0..<size { to.storeBytes(of: bytes[index], toByteOffset: index, as: UInt8.self) }
        }
        count += size
    }

    /// Copies as many bytes as a word has, up to twice as many.
    @inline(__always)
    private static func copyEnds<Word: BitwiseCopyable>(
        _: Word.Type, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ size: Int
    ) {
        let last = size - MemoryLayout<Word>.size
        let (first, second) = (
            from.loadUnaligned(as: Word.self), from.loadUnaligned(fromByteOffset: last, as: Word.self)
        )
        to.storeBytes(of: first, as: Word.self)
        to.storeBytes(of: second, toByteOffset: last, as: Word.self)
    }
}
