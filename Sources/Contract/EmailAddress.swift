/// A light check of addresses: it keeps out what no mail can go to, and what would put a second recipient or a header
/// into a mail. Whether the mailbox exists only a mail can tell.
public enum EmailAddress {
    /// RFC 5321, 4.5.3.1.1.
    private static let localCount = 64

    /// What a byte means in an address, by its value: 0 nothing, else one of `Meaning`. Made once, never freed.
    nonisolated(unsafe) private static let meanings: UnsafePointer<UInt8> = {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        table.initialize(repeating: 0, count: 256)
        for byte in 0..<0x21 { table[byte] = Meaning.forbidden }
        for byte in "\"(),:;<>[\\]\u{7F}".utf8 { table[Int(byte)] = Meaning.forbidden }
        table[Int(UInt8(ascii: "@"))] = Meaning.at
        table[Int(UInt8(ascii: "."))] = Meaning.dot
        return UnsafePointer(table)
    }()

    private enum Meaning {
        static let at: UInt8 = 1
        static let dot: UInt8 = 2
        /// Control characters, the space and `"(),:;<>[\]`.
        static let forbidden: UInt8 = 3
    }

    /// The text without white space around it.
    public static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = text.count
        while start < end, isSpace(text[start]) { start += 1 }
        while end > start, isSpace(text[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: text[start..<end])
    }

    /// Whether a trimmed text is an address: something, one `@`, and a domain with a dot in it. Letters beyond ASCII
    /// are allowed on both sides (RFC 6531); quoted local parts and comments are not.
    public static func isUsable(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count >= 5, text.count <= EventBounds.email else { return false }
        let meanings = meanings
        var at = -1
        var dot = -1
        for i in 0..<text.count {
            let meaning = meanings[Int(text[i])]
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

    /// Copies `text` to `target` with ASCII letters in lower case.
    static func lowercase(_ text: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<UInt8>) {
        for i in 0..<text.count {
            let byte = text[i]
            target[i] = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
}
