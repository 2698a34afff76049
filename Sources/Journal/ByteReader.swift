/// Reads what ``ByteWriter`` wrote, from memory that someone else keeps alive.
public struct ByteReader {
    @usableFromInline let start: UnsafeRawPointer
    @usableFromInline let end: UnsafeRawPointer
    @usableFromInline var next: UnsafeRawPointer

    public init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any will do, since none of its bytes is ever read.
        start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped
        end = start + bytes.count
        next = start
    }

    /// The bytes read so far.
    @inlinable public var offset: Int { next - start }
    @inlinable public var isAtEnd: Bool { next == end }

    @inlinable @inline(__always)
    mutating func take(_ count: Int) throws(MalformedBytes) -> UnsafeRawPointer {
        guard count >= 0, count <= end - next else { throw MalformedBytes(.overrun, offset: offset) }
        let from = next
        next += count
        return from
    }

    @inlinable public mutating func readByte() throws(MalformedBytes) -> UInt8 {
        try take(1).load(as: UInt8.self)
    }

    /// An integer in its full width, little-endian.
    @inlinable public mutating func readFixed<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self
    ) throws(MalformedBytes) -> Value {
        Value(littleEndian: try take(MemoryLayout<Value>.size).loadUnaligned(as: Value.self))
    }

    @inlinable @inline(__always)
    public mutating func readVarint() throws(MalformedBytes) -> UInt64 {
        // Most numbers are small, and many of the others of two bytes.
        if end - next >= 2 {
            let first = next.load(as: UInt8.self)
            if first < 0x80 {
                next += 1
                return UInt64(first)
            }
            let second = next.load(fromByteOffset: 1, as: UInt8.self)
            if second < 0x80 {
                next += 2
                return UInt64(first & 0x7f) | UInt64(second) << 7
            }
        }
        return try readLongVarint()
    }

    @inlinable @inline(never)
    mutating func readLongVarint() throws(MalformedBytes) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 70 {
            let byte = try readByte()
            // The tenth byte holds the 64th bit and nothing else.
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw MalformedBytes(.overlongNumber, offset: offset)
    }

    @inlinable @inline(__always)
    public mutating func readZigZag() throws(MalformedBytes) -> Int64 {
        let value = try readVarint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// The next `count` bytes, where they lie.
    @inlinable public mutating func readBytes(_ count: Int) throws(MalformedBytes) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: try take(count), count: count)
    }

    /// What ``ByteWriter/appendPrefixed(_:)-(UnsafeRawBufferPointer)`` wrote, where it lies.
    @inlinable public mutating func readPrefixed() throws(MalformedBytes) -> UnsafeRawBufferPointer {
        let count = try readVarint()
        guard count <= UInt64(end - next) else { throw MalformedBytes(.overrun, offset: offset) }
        return try readBytes(Int(count))
    }

    /// A text; throws if it is not UTF-8.
    @inlinable public mutating func readPrefixedText() throws(MalformedBytes) -> String {
        let bytes = try readPrefixed()
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw MalformedBytes(.invalidText, offset: offset)
        }
        return text
    }
}

/// Bytes that no ``ByteWriter`` wrote. Whoever knows the file adds where it lies and what to do.
public struct MalformedBytes: Error, CustomStringConvertible, Sendable {
    public enum Code: String, Sendable {
        /// More bytes were asked for than there are.
        case overrun
        /// A variable-length number that does not fit 64 bits.
        case overlongNumber
        /// A text that is not UTF-8.
        case invalidText
    }

    public var code: Code
    /// Bytes from the beginning of what was read.
    public var offset: Int

    public init(_ code: Code, offset: Int) {
        self.code = code
        self.offset = offset
    }

    public var description: String {
        switch code {
        case .overrun: "the bytes end too early, at byte \(offset)"
        case .overlongNumber: "a number is longer than 64 bits, before byte \(offset)"
        case .invalidText: "a text is not UTF-8, before byte \(offset)"
        }
    }
}
