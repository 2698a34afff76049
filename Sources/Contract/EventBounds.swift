/// How much of an event is kept, in bytes of UTF-8. With these a command always fits into a message, escapes included.
public enum EventBounds {
    public static let id = 512
    public static let source = 512
    public static let subject = 256
    public static let tenant = 256
    public static let prospectID = 256
    public static let email = 320
    public static let product = 256
    public static let traceparent = 128
    /// The message's key, which a command gets, too.
    public static let key = 1024
    /// Each further field, and all of them together.
    public static let field = 2048
    public static let fieldsTogether = 16 * 1024
    public static let fieldCount = 48
    /// Places in which a shape may look for one field.
    public static let placeCount = 4
    /// A larger value is refused, unless its type is one that only needs type, identity and time.
    public static let value = 256 * 1024
    /// CloudEvents headers of one message.
    public static let headerCount = 64

    /// From 2000-01-01 to 2100-01-01, in milliseconds since 1970: catches seconds that were written as milliseconds.
    public static let time: Range<Int64> = 946_684_800_000..<4_102_444_800_000
}
