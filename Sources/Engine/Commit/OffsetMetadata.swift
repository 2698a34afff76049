import Journal

/// What a committed offset carries: the journal position that it stands for, the hash of the frame that ends there, and whether
/// erasures that lie before it are finished.
///
/// ASCII, at most 128 bytes (Kafka allows 4096): `winback/1 <position> <64 hex digits>`, and, while the data of somebody who was
/// erased is still to be destroyed, ` erasing=<offset of the oldest such erasure in this partition of this topic>`.
public struct OffsetMetadata: Equatable, Sendable {
    static let version = "winback/1"
    private static let erasingPrefix = "erasing="

    var head: JournalHead
    /// The offset of the oldest erasure whose data is still to be destroyed; `nil` if there is none.
    public var erasing: Int64?

    var text: String {
        "\(Self.version) \(head.position) \(head.hash)" + (erasing.map { " \(Self.erasingPrefix)\($0)" } ?? "")
    }

    init(head: JournalHead, erasing: Int64? = nil) {
        self.head = head
        self.erasing = erasing
    }

    /// `nil` where the text is not Winback's: someone else committed the offset.
    public init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3 || parts.count == 4, parts[0] == Self.version, let position = UInt64(parts[1]),
            let hash = FrameHash(hex: String(parts[2]))
        else { return nil }
        head = JournalHead(position: position, hash: hash)
        guard parts.count == 4 else { return }
        guard parts[3].hasPrefix(Self.erasingPrefix), let offset = Int64(parts[3].dropFirst(Self.erasingPrefix.count))
        else { return nil }
        erasing = offset
    }
}
