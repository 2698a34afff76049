import DiskTestSupport
import Journal
import Journey
import RandomTestSupport
import Records

/// A small journal of two segments, written by the journal itself; the same each time.
struct WrittenJournal {
    static let shard = "/shard"

    let disk = MemoryDisk()
    let paths: [String]
    let frames: [Written]
    /// What the segments' frames take up, one after the other.
    let usedBytes: [Int]

    struct Written {
        var segment: Int
        var offset: Int
        var bytes: [UInt8]
        var head: JournalHead
        var personal: [[UInt8]]
    }

    init(_ settings: JournalSettings) throws {
        try Self.write(to: disk, settings)
        var frames: [Written] = []
        let reader = try JournalReader(directory: Self.shard, fileSystem: disk)
        let firsts = try JournalReader.beginnings(of: Self.shard, fileSystem: disk)
        while let frame = try reader.next() {
            var personal: [[UInt8]] = []
            try frame.forEachPersonal { personal.append($0.bytes.map(Array.init) ?? []) }
            frames.append(
                Written(
                    segment: firsts.lastIndex { $0 <= frame.position } ?? 0, offset: Int(frame.fileOffset),
                    bytes: Array(frame.bytes), head: frame.head, personal: personal))
        }
        paths = firsts.map { Self.shard + "/" + SegmentName.of($0) }
        usedBytes = firsts.indices.map { segment in
            frames.filter { $0.segment == segment }.map(\.bytes.count).reduce(0, +)
        }
        self.frames = frames
    }

    private static func write(to disk: MemoryDisk, _ settings: JournalSettings) throws {
        let journal = try ShardJournal.open(directory: shard, fileSystem: disk, settings: settings)
        var random = SeededGenerator(seed: 11)
        var writer = RecordWriter()
        var number = 0
        while try JournalReader.beginnings(of: shard, fileSystem: disk).count < 2 || number % 20 != 0 {
            number += 1
            try journal.beginFrame()
            for person in 0..<number % 4 {
                let text = Array("person \(number).\(person) of Example Street".utf8)
                _ = text.withUnsafeBytes { journal.appendPersonal($0) }
            }
            let start = Instant(milliseconds: 1_780_000_000_000 + Int64(number) * 1000)
            writer.begin(position: journal.head.position, clock: start, to: &journal.body)
            writer.tick(clock: start + .seconds(1), to: &journal.body)
            for _ in 0..<number % 7 {
                writer.timer(ProspectKey(high: random.next(), low: random.next()), to: &journal.body)
            }
            writer.end(to: &journal.body)
            _ = try journal.appendFrame()
            if number % 3 == 0 {
                try journal.sync()
                journal.confirm(
                    Confirmation(position: journal.head.position, hash: journal.head.hash, offset: Int64(number)))
            }
        }
        try journal.sync()
        try journal.close()
    }
}
