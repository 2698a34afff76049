import Journal
import Journey

/// What a segment holds: read once from its frames, kept in its index, and made anew wherever there is none.
public struct SegmentContents {
    /// Of the summary's layout and of what has which keys: an index of another version is not used.
    public static let version: UInt32 = 1

    /// Where the segment begins, and the end of the last frame that was read.
    public private(set) var first: UInt64
    public private(set) var end: JournalHead
    public private(set) var summary = SegmentSummary()
    private var previousHash = FrameHash.zero
    private var entries: [UInt64] = []

    /// Nothing yet; whoever reads the segment's frames adds them, and ends with `finish`.
    ///
    /// - Parameter first: where the segment begins.
    public init(first: UInt64) {
        self.first = first
        end = JournalHead(position: first, hash: .zero)
    }

    /// Reads a segment; its checksums and the chain through it are verified.
    ///
    /// - Parameter limit: where the segment that follows begins, or up to where frames are known to be confirmed.
    /// - Throws: `JournalError` where frames up to there are damaged or missing.
    public init(
        of first: UInt64, upTo limit: UInt64, in directory: String, _ fileSystem: any FileSystem
    ) throws {
        self.init(first: first)
        let reader = try JournalReader(
            directory: directory, fileSystem: fileSystem, from: first, verification: .chain)
        while reader.head.position < limit, let frame = try reader.next(knownEnd: limit) { try add(frame) }
        finish()
    }

    /// Adds the frame that follows.
    ///
    /// - Throws: `RecordError` on bytes that no writer of ours wrote.
    public mutating func add(_ frame: Frame) throws {
        if frame.position == first { previousHash = frame.header.previousHash }
        end = frame.head
        var reader = try RecordReader(frame.body, position: frame.position)
        summary.add(frame, clock: reader.clock)
        let offset = frame.position - first
        for key in frame.indexKeys { entries.append(SegmentIndexFile.entry(key: key, frameOffset: offset)) }
        var last: UInt64?
        while let record = try reader.next() {
            summary.add(record)
            // A person's records mostly follow each other.
            guard let key = record.indexKey, key != last else { continue }
            last = key
            entries.append(SegmentIndexFile.entry(key: key, frameOffset: offset))
        }
    }

    /// To be called once, behind the last frame.
    public mutating func finish() {
        entries.sort()
        var count = 0
        for entry in entries where count == 0 || entry != entries[count - 1] {
            entries[count] = entry
            count += 1
        }
        entries.removeLast(entries.count - count)
    }

    /// The file that stands for the segment; to be made once another segment follows.
    public func encodedIndex() -> [UInt8] {
        SegmentIndexFile.encode(
            SegmentIndexFile.Header(
                version: Self.version, first: first, previousHash: previousHash, end: end,
                entryCount: UInt64(entries.count), summary: summary.encoded()), entries: entries)
    }
}

/// Keys of frames that matter whoever is asked for. No keyed hash is one of them but once in 2^63.
public enum SegmentKey {
    /// A frame that begins with a configuration or with what an operator did: decisions behind it depend on it.
    public static let settings: UInt64 = 0
    /// A frame that may hold addresses without keyed hashes of them beside: whoever looks for one has to read it.
    public static let addresses: UInt64 = 1
}

extension Frame {
    fileprivate var indexKeys: [UInt64] {
        (holdsSettings ? [SegmentKey.settings] : []) + (mayLackAddresses ? [SegmentKey.addresses] : [])
    }

    /// Whether the frame is found by one of these keys, besides by its records.
    func isFound(by keys: Set<UInt64>) -> Bool { indexKeys.contains(where: keys.contains) }
}

extension Record {
    /// By what the frame that holds the record is found: a prospect, a journey where it was opened, or an address.
    var indexKey: UInt64? {
        switch self {
        case .input(let input): input.prospect.high
        case .timer(let prospect), .migration(let prospect), .match(let prospect), .destroyed(let prospect, _, _):
            prospect.high
        case .fact(.opened(let opening)): opening.journey.reference.rawValue
        case .found(let reminder): reminder.journey.rawValue
        case .address(let hash): hash
        case .fact, .refused, .tombstone, .unknownType, .tick, .activation, .intervention, .command: nil
        }
    }
}
