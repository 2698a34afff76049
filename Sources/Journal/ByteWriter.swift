/// A raw buffer that grows. Appending allocates only when it has to grow, and emptying it keeps its memory.
public struct ByteWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    /// The number of bytes written.
    public internal(set) var count: Int {
        @inlinable get { written }
        set { written = newValue }
    }
    @usableFromInline var written = 0

    public init(capacity: Int = 4096) {
        self.capacity = max(capacity, 64)
        base = .allocate(byteCount: self.capacity, alignment: 64)
    }

    deinit { base.deallocate() }

    /// What was written; valid until the next change.
    @inlinable public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: written) }

    /// Makes room for `count` more bytes.
    @inlinable @inline(__always) public mutating func reserve(_ count: Int) {
        if written + count > capacity { grow(by: count) }
    }

    @usableFromInline @inline(never) mutating func grow(by count: Int) {
        let larger = max(capacity * 2, written + count)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 64)
        moved.copyMemory(from: base, byteCount: written)
        base.deallocate()
        base = moved
        capacity = larger
    }

    /// Forgets everything after the first `count` bytes; all of it by default.
    public mutating func truncate(to count: Int = 0) {
        precondition(count <= written, "a writer cannot be truncated to more than it holds")
        written = count
    }

    @inlinable public mutating func append(_ byte: UInt8) {
        reserve(1)
        base.storeBytes(of: byte, toByteOffset: written, as: UInt8.self)
        written += 1
    }

    /// Appends an integer in its full width, little-endian.
    @inlinable public mutating func appendFixed<Value: FixedWidthInteger>(_ value: Value) {
        let size = MemoryLayout<Value>.size
        reserve(size)
        var ordered = value.littleEndian
        withUnsafeBytes(of: &ordered) {
            (base + written).copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: size)
        }
        written += size
    }

    /// Appends an unsigned number, seven bits a byte, lowest first (LEB128): one byte below 128, ten at most.
    @inlinable public mutating func appendVarint(_ value: UInt64) {
        reserve(10)
        var rest = value
        while rest >= 0x80 {
            base.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: written, as: UInt8.self)
            written += 1
            rest >>= 7
        }
        base.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: written, as: UInt8.self)
        written += 1
    }

    /// Appends a signed number so that small ones of either sign are short.
    @inlinable public mutating func appendZigZag(_ value: Int64) {
        appendVarint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    @inlinable public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let from = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + written).copyMemory(from: from, byteCount: bytes.count)
        written += bytes.count
    }

    /// Appends the number of bytes as a varint, then the bytes.
    @inlinable public mutating func appendPrefixed(_ bytes: UnsafeRawBufferPointer) {
        appendVarint(UInt64(bytes.count))
        append(bytes)
    }

    /// Appends the number of UTF-8 bytes as a varint, then the bytes.
    @inlinable public mutating func appendPrefixed(_ text: String) {
        var text = text
        text.withUTF8 { appendPrefixed(UnsafeRawBufferPointer($0)) }
    }

    /// Appends `count` zero bytes.
    public mutating func appendZeros(_ count: Int) {
        reserve(count)
        (base + written).initializeMemory(as: UInt8.self, repeating: 0, count: count)
        written += count
    }

    /// Overwrites an integer that was appended before.
    @inlinable public mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
        precondition(
            offset >= 0 && offset + MemoryLayout<Value>.size <= written, "a store lies outside of what is written")
        var ordered = value.littleEndian
        withUnsafeBytes(of: &ordered) {
            (base + offset).copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: MemoryLayout<Value>.size)
        }
    }

    /// The memory of what was written, for values that are not integers.
    var mutableBytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: base, count: written) }
}
