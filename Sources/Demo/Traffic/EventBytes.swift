import Glibc

/// A buffer that one event after the other is written into.
struct EventBytes: ~Copyable {
    /// More than any event takes: its texts come from tables of ours.
    static let capacity = 4096

    private let start: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    init() { start = .allocate(capacity: Self.capacity) }

    deinit { start.deallocate() }

    subscript(range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(range.upperBound <= count, "only what was written can be read")
        return UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count)
    }

    mutating func removeAll() { count = 0 }

    @inline(__always)
    private mutating func take(_ size: Int) -> UnsafeMutablePointer<UInt8> {
        precondition(count + size <= Self.capacity, "an event fits the buffer")
        defer { count += size }
        return start + count
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        memcpy(take(text.utf8CodeUnitCount), text.utf8Start, text.utf8CodeUnitCount)
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let from = bytes.baseAddress else { return }
        memcpy(take(bytes.count), from, bytes.count)
    }

    /// 16 lower-case digits.
    @inline(__always)
    mutating func append(hex value: UInt64) {
        let to = take(16)
        for index in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 15
            // '0' is 48; 'a' is 39 beyond what would follow '9'.
            to[index] = digit &+ 48 &+ (digit > 9 ? 39 : 0)
        }
    }

    /// With leading zeros up to `width`, which is at most 20.
    @inline(__always)
    mutating func append(_ number: UInt64, width: Int) {
        var left = number
        var digits = width
        var limit = Self.powersOfTen(width)
        while number >= limit, digits < 20 {
            digits += 1
            let (next, overflow) = limit.multipliedReportingOverflow(by: 10)
            limit = overflow ? .max : next
        }
        let to = take(digits)
        var place = digits
        while place > 0 {
            place -= 1
            let (quotient, remainder) = left.quotientAndRemainder(dividingBy: 10)
            to[place] = 48 &+ UInt8(truncatingIfNeeded: remainder)
            left = quotient
        }
    }

    private static func powersOfTen(_ exponent: Int) -> UInt64 {
        var power: UInt64 = 1
        for _ in 0..<exponent { power &*= 10 }
        return power
    }
}
