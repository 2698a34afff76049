/// What a snapshot holds of a `ProspectStore`: four flat sections without pointers, which are used where they are
/// mapped. Writing and loading walk chunks and tables, never prospects.
///
/// ```
/// head     words of 4 bytes, little endian
///          1          layout version
///          1          number of chunks c, with chunk 0, which does not exist
///          1          number of timer blocks b
///          1          length of the index section in entries
///          88         first chunk with room of each of the 87 size classes, and of the pool
///          c x 4      chunk: next, previous, live | free << 16, fresh | size class << 16
///          4096 x 2   index table: capacity, count
///          2          timers: cursor, first free block
///          3 x 2      timers: records near, middle, far (low word first)
///          8448       first block of each timer list
/// index    the places of all tables, 8 bytes each (`KeyIndex`)
/// chunks   of each chunk that is in use: 64 KiB, or as many pages as are used if slots are left that never were
///          (`BlobHeap`, `ProspectBlob`)
/// timers   b blocks of 64 bytes (`TimerQueue`)
/// ```
enum StoreSections {
    static let layoutVersion: UInt32 = 1
    static let count = 4
    static let fixedWords = 4 + BlobSizeClass.count + 1 + KeyIndex.tableCount * 2 + 8 + TimerQueue.listCount
    static let chunkWords = 4
}

/// A snapshot whose sections are not those of a store: written by another version, or by someone else.
public struct StoreSectionsError: Error, CustomStringConvertible, Sendable {
    public enum Code: String, Sendable {
        /// The sections are not of this layout's version.
        case version
        /// A section is shorter than what the head says.
        case length
    }

    public var code: Code
    public var message: String

    public var description: String {
        "\(message); the snapshot is not used and the state is folded from the journal instead"
    }
}
