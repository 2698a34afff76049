/// A light check of addresses: it keeps out what no mail can go to, and what would put a second recipient or a header
/// into a mail. Whether the mailbox exists only a mail can tell.
public enum EmailAddress {
    /// RFC 5321, 4.5.3.1.1.
    private static let localCount = 64

    /// By a byte's value: the byte in lower case, and above it what it means in an address: 0 nothing, else one of
    /// `Meaning`. Made once, never freed.
    nonisolated(unsafe) private static let bytes: UnsafePointer<UInt16> = {
        let table = UnsafeMutablePointer<UInt16>.allocate(capacity: 256)
        for byte in 0..<256 { table[byte] = UInt16(byte) }
        for byte in UInt8(ascii: "A")...UInt8(ascii: "Z") { table[Int(byte)] |= 0x20 }
        for byte in 0..<0x21 { table[byte] |= Meaning.forbidden << 8 }
        for byte in "\"(),:;<>[\\]\u{7F}".utf8 { table[Int(byte)] |= Meaning.forbidden << 8 }
        table[Int(UInt8(ascii: "@"))] |= Meaning.at << 8
        table[Int(UInt8(ascii: "."))] |= Meaning.dot << 8
        return UnsafePointer(table)
    }()

    private enum Meaning {
        static let at: UInt16 = 1
        static let dot: UInt16 = 2
        /// Control characters, the space and `"(),:;<>[\]`.
        static let forbidden: UInt16 = 3
    }

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
        guard text.count >= 5, text.count <= EventBounds.email else { return false }
        let bytes = bytes
        var at = -1
        var dot = -1
        for i in 0..<text.count {
            let byte = bytes[Int(text[i])]
            target[i] = UInt8(truncatingIfNeeded: byte)
            let meaning = byte >> 8
            if meaning == 0 { continue }
            switch meaning {
            case Meaning.at:
                guard at < 0, i > 0, i <= localCount, dot != i - 1 else { return false }
                at = i
                dot = -1
            case Meaning.dot:
                // No dot at the start of either part, and no two in a row.
                guard i != at + 1, dot < 0 || dot != i - 1 else { return false }
                dot = i
            default: return false
            }
        }
        return at > 0 && dot > at && dot != text.count - 1
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
}
