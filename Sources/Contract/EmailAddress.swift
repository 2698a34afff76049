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

    private typealias Block = SIMD16<UInt8>
    private typealias Mask = SIMDMask<SIMD16<Int8>>

    /// Copies a text with ASCII letters in lower case. False if it has a byte that no address has.
    private static func copy(_ text: UnsafeRawPointer, _ count: Int, to target: UnsafeMutablePointer<UInt8>) -> Bool {
        let size = MemoryLayout<Block>.size
        guard count >= size else {
            // Letters fill up what is missing of a block.
            var block = Block(repeating: UInt8(ascii: "a"))
            withUnsafeMutableBytes(of: &block) { $0.baseAddress?.copyMemory(from: text, byteCount: count) }
            let lower = lowercase(block)
            withUnsafeBytes(of: lower) {
                UnsafeMutableRawPointer(target).copyMemory(from: $0.baseAddress!, byteCount: count)
            }
            return !isAny(forbidden(block))
        }
        var found = Mask(repeating: false)
        var offset = 0
        while true {
            let block = text.loadUnaligned(fromByteOffset: offset, as: Block.self)
            UnsafeMutableRawPointer(target).storeBytes(of: lowercase(block), toByteOffset: offset, as: Block.self)
            found .|= forbidden(block)
            if offset + size == count { return !isAny(found) }
            // The last block ends with the text, and may begin in the one before.
            offset = min(offset + size, count - size)
        }
    }

    @inline(__always)
    private static func lowercase(_ block: Block) -> Block {
        let isUpper = (block &- UInt8(ascii: "A")) .< 26
        return block | Block(repeating: 0).replacing(with: 0x20, where: isUpper)
    }

    /// Control characters, the space and `"(),:;<>[\]`.
    @inline(__always)
    private static func forbidden(_ block: Block) -> Mask {
        let controls: Mask = block .< 0x21
        let quotes: Mask = block .== UInt8(ascii: "\"")
        let parentheses: Mask = (block &- UInt8(ascii: "(")) .< 2
        let commas: Mask = block .== UInt8(ascii: ",")
        let colonsAndLess: Mask = (block &- UInt8(ascii: ":")) .< 3
        let greater: Mask = block .== UInt8(ascii: ">")
        let bracketsAndBackslash: Mask = (block &- UInt8(ascii: "[")) .< 3
        let delete: Mask = block .== 0x7F
        let separators: Mask = parentheses .| commas .| colonsAndLess
        return (controls .| quotes .| delete) .| separators .| (greater .| bracketsAndBackslash)
    }

    @inline(__always)
    private static func isAny(_ mask: Mask) -> Bool {
        let words = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        return words[0] | words[1] != 0
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
}

extension UnsafeRawBufferPointer {
    fileprivate func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard start < count, let base = baseAddress, let found = memchr(base + start, Int32(byte), count - start) else {
            return nil
        }
        return UnsafeRawPointer(found) - base
    }
}
