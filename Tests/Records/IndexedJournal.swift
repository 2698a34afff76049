import DiskTestSupport
import Journal
import Journey
import RandomTestSupport
import Records

/// A shard's journal in memory with several small segments, and the keys that are in each of its frames.
final class IndexedJournal {
    static let directory = "shard"
    static let settings: JournalSettings = {
        var settings = JournalSettings(segmentBytes: 16384, maximumFrameBytes: 4096)
        settings.background = { $0() }
        return settings
    }()

    let disk = MemoryDisk()
    private(set) var journal: ShardJournal
    /// By the frame's position.
    private(set) var keys: [UInt64: Set<UInt64>] = [:]
    private var writer = RecordWriter()
    private var random: SeededGenerator

    init(seed: UInt64, frames: Int = 120) throws {
        random = SeededGenerator(seed: seed)
        journal = try ShardJournal.open(
            directory: Self.directory, fileSystem: disk, settings: Self.settings)
        for _ in 0..<frames { try append() }
        try journal.sync()
    }

    /// A frame of some people, of whom there are few enough that they come again.
    func append() throws {
        try journal.beginFrame()
        let position = journal.head.position
        var frameKeys: Set<UInt64> = []
        writer.begin(position: position, clock: Instant(milliseconds: 1_760_000_000_000), to: &journal.body)
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let prospect = ProspectKey(high: spread(random.next() % 200), low: 7)
            switch random.next() % 6 {
            case 0, 1:
                writer.input(
                    Input(type: .checkoutStarted, prospect: prospect, time: random.time()), to: &journal.body)
                let journey = JourneyID(high: random.next(), low: 1)
                writer.fact(
                    .opened(
                        Fact.Opening(
                            journey: journey, policy: PolicyIndex(rawValue: 0), scope: .none, product: .none,
                            at: Instant(milliseconds: 1_760_000_000_000), details: .none)), to: &journal.body)
                let address = spread(random.next() % 50)
                writer.address(address, to: &journal.body)
                frameKeys.formUnion([journey.reference.rawValue, address])
            case 2: writer.timer(prospect, to: &journal.body)
            case 3: writer.migration(prospect, to: &journal.body)
            case 4: writer.match(prospect, to: &journal.body)
            default:
                writer.destroyed(
                    prospect, before: RecordPosition(rawValue: 5000), at: random.time(), to: &journal.body)
            }
            frameKeys.insert(prospect.high)
        }
        writer.end(to: &journal.body)
        _ = Array("someone".utf8).withUnsafeBytes { journal.appendPersonal($0) }
        _ = try journal.appendFrame()
        keys[position] = frameKeys
    }

    /// Keys are hashes: their highest bits tell them apart.
    private func spread(_ number: UInt64) -> UInt64 { (number &+ 1) &* 0x9E37_79B9_7F4A_7C15 }

    func indexes() throws -> SegmentIndexes { try SegmentIndexes(directory: Self.directory, fileSystem: disk) }

    func writeIndexes() throws {
        for segment in try indexes().segments {
            guard let next = segment.next else { continue }
            let contents = try SegmentContents(of: segment.first, upTo: next, in: Self.directory, disk)
            try SegmentIndexFile.write(contents.encodedIndex(), of: segment.first, in: Self.directory, disk)
        }
    }

    /// The frames that hold a key, found without any index.
    func frames(of key: UInt64, before end: UInt64 = .max) -> [UInt64] {
        keys.filter { $0.value.contains(key) && $0.key < end }.map(\.key).sorted()
    }

    var allKeys: [UInt64] { keys.values.reduce(into: Set()) { $0.formUnion($1) }.sorted() }

    func path(_ first: UInt64) -> String { "\(Self.directory)/\(String(first).leftPadded(to: 16)).index" }
}

extension String {
    fileprivate func leftPadded(to width: Int) -> String { String(repeating: "0", count: width - count) + self }
}
