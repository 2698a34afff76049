/// The fixed part at the beginning of a frame, and the only place that knows how a frame is laid out.
///
/// Numbers are little-endian. A frame starts at a multiple of 8, and its last byte is the last one of its padding.
///
/// ```
///    0  u32   magic "WBF1"
///    4  u32   CRC-32C of bytes 8..<152 and of the covered part
///    8  [32]  hash of the previous frame                          ─┐
///   40  u16   version of the frame's layout (1)                    │
///   42  u16   bytes of this header (152)                           │
///   44  u32   bytes of the personal section                        │ hash = SHA-256 of these
///   48  u32   number of personal records                           │ and of the covered part
///   52  u32   bytes of the body                                    │
///   56  u64   position of this frame in the journal                │
///   64  u64   durable: the journal was synced up to here           │
///   72  u64   confirmed position                                   │
///   80  i64   confirmed input offset                               │
///   88  [32]  confirmed hash                                      ─┘
///  120  [32]  hash of this frame
///  152  ...   personal section: see ``PersonalRecord``
///       ...   covered part: [32] digest and u32 length for each personal record
///       ...                 the body
///       ...                 zeros up to a multiple of 8
/// ```
///
/// The personal section is covered through its digests only: its bytes can be destroyed in place, and checksum and
/// chain still verify.
public struct FrameHeader: Sendable {
    public var previousHash = FrameHash.zero
    public var version = FrameHeader.version
    public var personalBytes = 0
    public var personalCount = 0
    public var bodyBytes = 0
    public var position: UInt64 = 0
    public var durable: UInt64 = 0
    public var confirmed = Confirmation.none
    public var hash = FrameHash.zero
    var checksum: UInt32 = 0

    package static let byteCount = 152
    static let version: UInt16 = 1
    static let magic: UInt32 = 0x3146_4257
    static let digestEntryBytes = FrameHash.byteCount + 4
    /// The part of the header that the hash covers, and the longer one that the CRC covers.
    static let hashedRange = 8..<120
    static let checksummedRange = 8..<152

    /// Where the covered part begins, from the frame's start.
    var coveredOffset: Int { Self.byteCount + personalBytes }
    var bodyOffset: Int { coveredOffset + personalCount * Self.digestEntryBytes }
    /// The whole frame with its padding.
    public var frameBytes: Int { Self.padded(bodyOffset + bodyBytes) }
    public var end: UInt64 { position + UInt64(frameBytes) }
    public var head: JournalHead { JournalHead(position: end, hash: hash) }

    static func padded(_ count: Int) -> Int { (count + 7) & ~7 }

    /// Writes everything at `base`.
    package func store(to base: UnsafeMutableRawPointer) {
        base.storeBytes(of: Self.magic.littleEndian, as: UInt32.self)
        base.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self)
        previousHash.store(to: base + 8)
        base.storeBytes(of: version.littleEndian, toByteOffset: 40, as: UInt16.self)
        base.storeBytes(of: UInt16(Self.byteCount).littleEndian, toByteOffset: 42, as: UInt16.self)
        base.storeBytes(of: UInt32(personalBytes).littleEndian, toByteOffset: 44, as: UInt32.self)
        base.storeBytes(of: UInt32(personalCount).littleEndian, toByteOffset: 48, as: UInt32.self)
        base.storeBytes(of: UInt32(bodyBytes).littleEndian, toByteOffset: 52, as: UInt32.self)
        base.storeBytes(of: position.littleEndian, toByteOffset: 56, as: UInt64.self)
        base.storeBytes(of: durable.littleEndian, toByteOffset: 64, as: UInt64.self)
        base.storeBytes(of: confirmed.position.littleEndian, toByteOffset: 72, as: UInt64.self)
        base.storeBytes(of: confirmed.offset.littleEndian, toByteOffset: 80, as: Int64.self)
        confirmed.hash.store(to: base + 88)
        hash.store(to: base + 120)
    }

    /// Reads the header at `base`; nil if no frame begins there.
    init?(at base: UnsafeRawPointer) {
        func load<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: Value.Type) -> Value {
            Value(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: type))
        }
        guard load(0, UInt32.self) == Self.magic, load(42, UInt16.self) == Self.byteCount else { return nil }
        checksum = load(4, UInt32.self)
        previousHash = FrameHash(at: base + 8)
        version = load(40, UInt16.self)
        personalBytes = Int(load(44, UInt32.self))
        personalCount = Int(load(48, UInt32.self))
        bodyBytes = Int(load(52, UInt32.self))
        position = load(56, UInt64.self)
        durable = load(64, UInt64.self)
        confirmed = Confirmation(
            position: load(72, UInt64.self), hash: FrameHash(at: base + 88), offset: load(80, Int64.self))
        hash = FrameHash(at: base + 120)
        // Damaged numbers must not overflow what is computed from them.
        guard position < JournalHead.positionLimit, personalCount <= personalBytes else { return nil }
    }

    init() {}
}
