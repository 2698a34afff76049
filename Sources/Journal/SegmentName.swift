/// How the files of a shard are named.
///
/// ```
/// 0000000000004096.segment    frames from logical position 4096 on; the byte at offset n has position 4096 + n;
///                             after its last frame come zeros. The next segment's position is that frame's end.
/// next.prepared               zeros, synced, to become the next segment; next.preparing while they are written
/// 0000000000004096.index      see ``SegmentIndexFile``: of a segment that another one follows
/// 0000000000123456.snapshot   see ``SnapshotFile``
/// confirmed, cut, archived    see ``PositionMark``
/// lock                        held by the one writer
/// ```
package enum SegmentName {
    static let prepared = "next.prepared"
    static let preparing = "next.preparing"
    private static let suffix = ".segment"
    /// Enough for 2^48.
    static let digits = 16

    package static func of(_ position: UInt64) -> String { padded(position) + suffix }

    static func padded(_ position: UInt64) -> String {
        let text = String(position)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// The position in a name that ends in `suffix`; nil for any other name.
    static func position(in name: String, suffix: String = Self.suffix) -> UInt64? {
        guard name.hasSuffix(suffix), name.utf8.count == digits + suffix.utf8.count else { return nil }
        return UInt64(name.prefix(digits))
    }

    /// The positions of a shard's segments, ascending.
    static func list(_ directory: String, _ fileSystem: any FileSystem) throws -> [UInt64] {
        try fileSystem.list(directory).compactMap { position(in: $0) }.sorted()
    }
}
