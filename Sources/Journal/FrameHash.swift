/// The SHA-256 that a frame ends with: of its predecessor's hash and its own content.
public struct FrameHash: Hashable, Sendable, CustomStringConvertible {
    /// The 32 bytes in their order in memory, not numbers.
    let words: (UInt64, UInt64, UInt64, UInt64)

    static let byteCount = 32

    /// What stands for the predecessor of the first frame.
    public static let zero = FrameHash(words: (0, 0, 0, 0))

    init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// The 32 bytes at `pointer`, which need not be aligned.
    public init(at pointer: UnsafeRawPointer) {
        words = (
            pointer.loadUnaligned(as: UInt64.self), pointer.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            pointer.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
            pointer.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
        )
    }

    /// From 64 hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        let digits = Array(hex.utf8)
        guard digits.count == 2 * Self.byteCount else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.value(of: digits[index]), let low = Self.value(of: digits[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        self = bytes.withUnsafeBytes { FrameHash(at: $0.baseAddress!) }
    }

    /// The first 16 bytes, as big-endian numbers.
    public var prefix: (high: UInt64, low: UInt64) { (UInt64(bigEndian: words.0), UInt64(bigEndian: words.1)) }

    /// Writes the 32 bytes to `pointer`.
    public func store(to pointer: UnsafeMutableRawPointer) {
        withUnsafeBytes(of: words) { pointer.copyMemory(from: $0.baseAddress!, byteCount: Self.byteCount) }
    }

    /// 64 lower-case hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        let text = withUnsafeBytes(of: words) { bytes in
            bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        }
        return String(decoding: text, as: UTF8.self)
    }

    public static func == (a: FrameHash, b: FrameHash) -> Bool { a.words == b.words }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
