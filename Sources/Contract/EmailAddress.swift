import Glibc

/// A light check of addresses: it keeps out what no mail can go to, and what would put a second recipient or a header
/// into a mail. Whether the mailbox exists only a mail can tell.
public enum EmailAddress {
    /// RFC 5321, 4.5.3.1.1.
    private static let localCount = 64

    /// The text without white space around it.
    public static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = text.count
        while start < end, isSpace(text[start]) { start += 1 }
        while end > start, isSpace(text[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: text[start..<end])
    }

    /// The address without white space around it and in lower case; `nil` where the text is none.
    public static func normalised(_ text: String) -> [UInt8]? {
        Array(text.utf8).withUnsafeBytes { bytes in
            let text = trimmed(bytes)
            guard text.count <= EventBounds.email else { return nil }
            var target = [UInt8](repeating: 0, count: EventBounds.email)
            let isAddress = target.withUnsafeMutableBufferPointer { target in
                target.baseAddress.map { lowercase(text, to: $0) } ?? false
            }
            return isAddress ? Array(target[..<text.count]) : nil
        }
    }

    /// Whether a trimmed text is an address: something, one `@`, and a domain with a dot in it. Letters beyond ASCII
    /// are allowed on both sides (RFC 6531); quoted local parts and comments are not.
    ///
    /// - Parameter target: room for `EventBounds.email` bytes, to which an address is copied with ASCII letters in lower case.
    public static func lowercase(_ text: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<UInt8>) -> Bool {
        guard text.count >= 5, text.count <= EventBounds.email, let start = text.baseAddress,
            copy(start, text.count, to: target)
        else { return false }
        guard let at = text.firstIndex(of: at, from: 0), at <= localCount,
            text.firstIndex(of: Self.at, from: at + 1) == nil
        else { return false }
        let domain = UnsafeRawBufferPointer(rebasing: text[(at + 1)...])
        return dots(in: UnsafeRawBufferPointer(rebasing: text[..<at])) != nil && dots(in: domain) ?? 0 > 0
    }

    private static let at = UInt8(ascii: "@")

    /// How many dots a part has; `nil` if it is empty, begins or ends with one, or has two in a row.
    private static func dots(in part: UnsafeRawBufferPointer) -> Int? {
        var (count, start) = (0, 0)
        while let dot = part.firstIndex(of: UInt8(ascii: "."), from: start) {
            if dot == start { return nil }
            count += 1
            start = dot + 1
        }
        return start < part.count ? count : nil
    }

    /// Copies an address that has been found to be one with ASCII letters in lower case.
    ///
    /// - Parameter target: room for as many bytes as the address has.
    public static func copyLowercase(_ address: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<UInt8>) {
        guard let start = address.baseAddress else { return }
        copyLowercase(start, address.count, to: target) { _ in }
    }

    /// Copies a text with ASCII letters in lower case. False if it has a byte that no address has.
    private static func copy(_ text: UnsafeRawPointer, _ count: Int, to target: UnsafeMutablePointer<UInt8>) -> Bool {
        var isSound = true
        copyLowercase(text, count, to: target) { if $0.isForbidden { isSound = false } }
        return isSound
    }

    @inline(__always)
    private static func copyLowercase(
        _ text: UnsafeRawPointer, _ count: Int, to target: UnsafeMutablePointer<UInt8>, look: (EightBytes) -> Void
    ) {
        let target = UnsafeMutableRawPointer(target)
        let size = EightBytes.count
        guard count >= size else {
            // Letters fill up what is missing.
            var bytes = EightBytes(repeating: UInt8(ascii: "a"))
            withUnsafeMutableBytes(of: &bytes) { $0.baseAddress?.copyMemory(from: text, byteCount: count) }
            look(bytes)
            withUnsafeBytes(of: bytes.lowercased) { target.copyMemory(from: $0.baseAddress!, byteCount: count) }
            return
        }
        var offset = 0
        while true {
            let bytes = EightBytes(word: text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            look(bytes)
            target.storeBytes(of: bytes.lowercased.word, toByteOffset: offset, as: UInt64.self)
            if offset + size == count { return }
            // The last word ends with the text, and may begin in the one before.
            offset = min(offset + size, count - size)
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
}

/// Eight bytes of a text, looked at together.
///
/// Source: S. E. Anderson, "Bit Twiddling Hacks" (determine if a word has a zero byte, or one less than n).
private struct EightBytes {
    static let count = 8
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits = ones << 7

    var word: UInt64

    init(word: UInt64) { self.word = word }

    @inline(__always)
    init(repeating byte: UInt8) { word = Self.ones &* UInt64(byte) }

    /// With ASCII letters in lower case.
    @inline(__always)
    var lowercased: EightBytes {
        let low = word & ~Self.highBits
        let fromA = low &+ Self.ones &* UInt64(0x80 - UInt8(ascii: "A"))
        let behindZ = low &+ Self.ones &* UInt64(0x7F - UInt8(ascii: "Z"))
        let isUpper = (fromA ^ behindZ) & ~word & Self.highBits
        return EightBytes(word: word | isUpper >> 2)
    }

    /// Whether one is a control character, the space or one of `"(),:;<>[\]`.
    @inline(__always)
    var isForbidden: Bool {
        var found = (word &- Self.ones &* 0x21) & ~word
        found |= equals(UInt8(ascii: "\""))
        found |= equals(UInt8(ascii: ")"), ignoring: 1)
        found |= equals(UInt8(ascii: ","))
        found |= equals(UInt8(ascii: ";"), ignoring: 1)
        found |= equals(UInt8(ascii: ">"), ignoring: 2)
        found |= equals(UInt8(ascii: "["))
        found |= equals(UInt8(ascii: "]"), ignoring: 1)
        found |= equals(0x7F)
        return found & Self.highBits != 0
    }

    /// A high bit if a byte is the given one, whether or not a bit that it has is missing: `(` and `)` differ in one.
    @inline(__always)
    private func equals(_ byte: UInt8, ignoring bit: UInt64 = 0) -> UInt64 {
        let difference = (word | Self.ones &* bit) ^ Self.ones &* UInt64(byte)
        return (difference &- Self.ones) & ~difference
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard start < count, let base = baseAddress, let found = memchr(base + start, Int32(byte), count - start) else {
            return nil
        }
        return UnsafeRawPointer(found) - base
    }
}
