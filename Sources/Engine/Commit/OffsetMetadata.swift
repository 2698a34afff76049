import Journal

/// What a committed offset carries: the journal position that it stands for, and the hash of the frame that ends there.
///
/// ASCII, at most 100 bytes (Kafka allows 4096): `winback/1 <position> <64 hex digits>`.
struct OffsetMetadata: Equatable {
    static let version = "winback/1"

    var head: JournalHead

    var text: String { "\(Self.version) \(head.position) \(head.hash)" }

    init(head: JournalHead) { self.head = head }

    /// `nil` where the text is not Winback's: someone else committed the offset.
    init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.version, let position = UInt64(parts[1]),
            let hash = FrameHash(hex: String(parts[2]))
        else { return nil }
        head = JournalHead(position: position, hash: hash)
    }
}
