/// A light check of addresses: it keeps out what no mail can go to, and what would put a second recipient or a header
/// into a mail. Whether the mailbox exists only a mail can tell.
public enum EmailAddress {
    /// RFC 5321, 4.5.3.1.1.
    private static let localCount = 64

    /// Control characters, the space and `"(),:;<>[\]`, a bit for each: those below 64, then the rest of ASCII.
    private static var forbiddenLow: UInt64 { 0x5C00_1305_FFFF_FFFF }
    private static var forbiddenHigh: UInt64 { 0x8000_0000_3800_0000 }

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
        var at = -1
        var dot = -1
        for i in 0..<text.count {
            let byte = text[i]
            if byte == UInt8(ascii: "@") {
                guard at < 0, i > 0, i <= localCount, dot != i - 1 else { return false }
                at = i
                dot = -1
            } else if byte == UInt8(ascii: ".") {
                // No dot at the start of either part, and no two in a row.
                guard i != at + 1, dot < 0 || dot != i - 1 else { return false }
                dot = i
            } else if byte < 128, (byte < 64 ? forbiddenLow : forbiddenHigh) & (1 << UInt64(byte & 63)) != 0 {
                return false
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
