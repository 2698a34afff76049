/// Writes a blob's fields into a buffer that is known to be large enough for any blob.
struct BlobWriter {
    private(set) var position: UnsafeMutableRawPointer

    init(_ position: UnsafeMutableRawPointer) { self.position = position }

    @inline(__always)
    mutating func byte(_ value: UInt8) {
        position.storeBytes(of: value, as: UInt8.self)
        position += 1
    }

    @inline(__always)
    mutating func word(_ value: UInt64) {
        position.storeBytes(of: value.littleEndian, as: UInt64.self)
        position += 8
    }

    /// The low 48 bits. Writes, but does not use up, two bytes more.
    @inline(__always)
    mutating func sixBytes(_ value: UInt64) {
        position.storeBytes(of: value.littleEndian, as: UInt64.self)
        position += 6
    }

    @inline(__always)
    mutating func twoBytes(_ value: UInt16) {
        position.storeBytes(of: value.littleEndian, as: UInt16.self)
        position += 2
    }

    /// Seven bits a byte, least significant first.
    @inline(__always)
    mutating func variable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    /// What must be added to `base` to give `value`; small differences of either sign are short.
    @inline(__always)
    mutating func difference(_ value: Int64, from base: Int64) {
        let delta = value &- base
        variable(UInt64(bitPattern: (delta << 1) ^ (delta >> 63)))
    }
}

/// Reads a blob's fields. A blob lies in our memory or in a snapshot whose checksum was right, so bad bytes are our
/// own mistake: they trap, and no read leaves the slot.
struct BlobReader {
    private var position: UnsafeRawPointer
    private let end: UnsafeRawPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { preconditionFailure("a blob has bytes") }
        position = start
        end = start + bytes.count
    }

    @inline(__always)
    private mutating func take(_ count: Int) -> UnsafeRawPointer {
        precondition(end - position >= count, "a blob ends inside a field")
        defer { position += count }
        return position
    }

    @inline(__always)
    mutating func byte() -> UInt8 { take(1).load(as: UInt8.self) }

    @inline(__always)
    mutating func word() -> UInt64 { UInt64(littleEndian: take(8).loadUnaligned(as: UInt64.self)) }

    @inline(__always)
    mutating func sixBytes() -> UInt64 {
        let bytes = take(6)
        let low = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        let high = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self))
        return UInt64(high) << 32 | UInt64(low)
    }

    @inline(__always)
    mutating func twoBytes() -> UInt16 { UInt16(littleEndian: take(2).loadUnaligned(as: UInt16.self)) }

    @inline(__always)
    mutating func variable() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = byte()
            value |= UInt64(next & 0x7F) &<< shift
            if next < 0x80 { return value }
            shift += 7
            precondition(shift < 70, "a blob holds a number of more than ten bytes")
        }
    }

    @inline(__always)
    mutating func difference(from base: Int64) -> Int64 {
        let code = variable()
        return base &+ (Int64(bitPattern: code >> 1) ^ -Int64(bitPattern: code & 1))
    }
}
