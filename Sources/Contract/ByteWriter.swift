#if canImport(Glibc)
    import Glibc
#endif

/// A buffer that grows and is used again and again, with what JSON needs.
struct ByteWriter: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    /// Valid until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    mutating func removeAll() { count = 0 }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
    }

    mutating func append(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        memcpy(base + count, text.utf8Start, text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        memcpy(base + count, start, bytes.count)
        count += bytes.count
    }

    mutating func append(decimal value: Int64) {
        reserve(20)
        var digits = 1
        var rest = value.magnitude
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        if value < 0 {
            base[count] = UInt8(ascii: "-")
            count += 1
        }
        rest = value.magnitude
        for i in stride(from: digits - 1, through: 0, by: -1) {
            base[count + i] = UInt8(truncatingIfNeeded: rest % 10) &+ 0x30
            rest /= 10
        }
        count += digits
    }

    /// 16 digits.
    mutating func append(hex value: UInt64) {
        reserve(16)
        for i in 0..<16 { base[count + i] = hexDigit(UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * i)) & 15) }
        count += 16
    }

    mutating func append(hexByte byte: UInt8) {
        reserve(2)
        base[count] = hexDigit(byte >> 4)
        base[count + 1] = hexDigit(byte & 15)
        count += 2
    }

    /// `2026-07-01T09:30:00.000Z`.
    mutating func append(time milliseconds: Int64) {
        reserve(Timestamp.formattedCount)
        Timestamp.write(milliseconds, to: base + count)
        count += Timestamp.formattedCount
    }

    /// A JSON string with its quotes. Escaped is only what must be (RFC 8259, section 7), so that one content has one
    /// form.
    mutating func append(jsonString text: UnsafeRawBufferPointer) {
        // Each byte becomes six at most.
        reserve(text.count * 6 + 2)
        base[count] = UInt8(ascii: "\"")
        count += 1
        var start = 0
        while start < text.count {
            let plain = plainCount(text, from: start)
            memcpy(base + count, text.baseAddress! + start, plain)
            count += plain
            start += plain
            guard start < text.count else { break }
            appendEscape(text[start])
            start += 1
        }
        base[count] = UInt8(ascii: "\"")
        count += 1
    }

    private func plainCount(_ text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var at = start
        // Eight bytes at once: a byte below 0x20, a quote or a backslash sets its highest bit in one of three tests.
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops = ones << 7
        while at + 8 <= text.count {
            let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            let control = (word &- ones &* 0x20) & ~word
            let hits = (control | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)) & tops
            guard hits == 0 else { return at + hits.trailingZeroBitCount / 8 - start }
            at += 8
        }
        while at < text.count, text[at] >= 0x20, text[at] != 0x22, text[at] != 0x5C { at += 1 }
        return at - start
    }

    /// There is room for it.
    private mutating func appendEscape(_ byte: UInt8) {
        base[count] = UInt8(ascii: "\\")
        count += 1
        switch byte {
        case 0x22, 0x5C: base[count] = byte
        case 0x08: base[count] = UInt8(ascii: "b")
        case 0x09: base[count] = UInt8(ascii: "t")
        case 0x0A: base[count] = UInt8(ascii: "n")
        case 0x0C: base[count] = UInt8(ascii: "f")
        case 0x0D: base[count] = UInt8(ascii: "r")
        default:
            base[count] = UInt8(ascii: "u")
            base[count + 1] = 0x30
            base[count + 2] = 0x30
            base[count + 3] = hexDigit(byte >> 4)
            base[count + 4] = hexDigit(byte & 15)
            count += 4
        }
        count += 1
    }
}

@inline(__always)
private func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? nibble + 0x30 : nibble + 0x57 }
