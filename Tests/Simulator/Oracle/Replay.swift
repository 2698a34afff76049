import Configuration
import DiskTestSupport
import Engine
import Journal
import Journey
import Kafka
import RandomTestSupport

/// Decides everything once more: the same events, ticks and configurations in their order, by the same code, in batches and
/// commits of other sizes, on a disk of its own. Commands and decisions must be the same to the byte.
struct Replay {
    let evidence: Evidence
    let seed: UInt64

    /// - Parameters:
    ///   - stories: what the journals say, by partition.
    ///   - values: what was published.
    /// - Returns: in words, what came out otherwise.
    func differences(from stories: [JournalStory], _ values: [[UInt8]]) throws -> [String] {
        var again: [[UInt8]] = []
        var differences: [String] = []
        for partition in stories.indices {
            var one = try OnePartition(evidence, partition, seed: seed &+ UInt64(partition))
            for entry in stories[partition].entries { try one.decide(entry) }
            again += try one.close()
            let (told, known) = (Self.decisions(one.story), Self.decisions(stories[partition]))
            let place = zip(told, known).enumerated().first { $0.element.0 != $0.element.1 }
            if let place {
                differences.append(
                    "partition \(partition): decided again, \(place.element.0) comes out instead of \(place.element.1)")
            } else if told.count != known.count {
                differences.append(
                    "partition \(partition): decided again, there are \(told.count) decisions instead of \(known.count)"
                )
            }
        }
        let (some, others) = (values.sorted(by: Self.precedes), again.sorted(by: Self.precedes))
        if differences.isEmpty, some != others {
            let place = zip(some, others).first { $0 != $1 }
            differences.append(
                "published again, there are \(others.count) messages instead of \(some.count); the first that differs is "
                    + "\(place.map { String(decoding: $0.1, as: UTF8.self) } ?? "one more") instead of "
                    + "\(place.map { String(decoding: $0.0, as: UTF8.self) } ?? "none")")
        }
        return differences
    }

    /// What was decided, in its order; prospects are moved to other policies in the order of their keyed hashes, and the
    /// replay has a key of its own.
    private static func decisions(_ story: JournalStory) -> [[Model.Decision]] {
        var decisions: [[Model.Decision]] = []
        var wasMigration = false
        for entry in story.entries where !entry.decisions.isEmpty {
            var isMigration = false
            if case .migration = entry.cause { isMigration = true }
            if isMigration && wasMigration {
                decisions[decisions.count - 1] = (decisions[decisions.count - 1] + entry.decisions).sorted()
            } else {
                decisions.append(entry.decisions)
            }
            wasMigration = isMigration
        }
        return decisions
    }

    private static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool { a.lexicographicallyPrecedes(b) }
}

private struct OnePartition {
    private let evidence: Evidence
    private let partition: Int
    private let disk: SimulatedDisk
    private let byOffset: [Int64: Happening]
    private var random: SeededGenerator
    private var engine: OfflineEngine?
    private let batch = MessageBatch(capacity: 4096)
    private var batchSize = 1
    private var published: [[UInt8]] = []
    private static let largestBatch = 40

    init(_ evidence: Evidence, _ partition: Int, seed: UInt64) throws {
        self.evidence = evidence
        self.partition = partition
        random = SeededGenerator(seed: seed)
        disk = SimulatedDisk(World(seed: seed, start: Plan.start))
        byOffset = Dictionary(uniqueKeysWithValues: evidence.messages[partition].map { ($0.offset, $0.happening) })
    }

    var story: JournalStory {
        JournalStory(of: "/simulated/shards/\(partition)", on: disk, names: byOffset.mapValues(\.id))
    }

    mutating func decide(_ entry: JournalStory.Entry) throws {
        switch entry.cause {
        case .activation(let time, let text): try activate(text, at: time)
        // They come with their configuration.
        case .migration: break
        case .tick(let clock):
            try flush()
            _ = try engine?.tick(Instant(milliseconds: clock))
            if random.chance(30) { try commit() }
        case .message(let offset, _):
            guard let happening = byOffset[offset] else { return }
            append(happening, at: offset)
            if batch.count >= batchSize { try flush() }
        }
    }

    private mutating func activate(_ text: String, at time: Int64) throws {
        guard let plain = evidence.texts[text] else { return }
        _ = try close()
        var settings = JournalSettings(segmentBytes: 1 << 20, maximumFrameBytes: 256 << 10)
        settings.background = { $0() }
        engine = try OfflineEngine(
            configuration: try Configuration.parse(text: plain.yaml), partitions: evidence.messages.count,
            activation: Instant(milliseconds: time), fileSystem: disk, journal: settings,
            maximumDuePerTick: evidence.maximumDuePerTick, migrates: evidence.migratesTo == plain)
    }

    private func append(_ happening: Happening, at offset: Int64) {
        let key = Array((happening.key ?? happening.usualKey(identity)).utf8)
        key.withUnsafeBytes { key in
            let value = happening.value
            func append(_ value: UnsafeRawBufferPointer?) {
                _ = batch.append(
                    topicIndex: 0, partition: Int32(partition), offset: offset,
                    timestampMilliseconds: happening.publishedAt, key: key, value: value)
            }
            if let value { value.withUnsafeBytes { append($0) } } else { append(nil) }
        }
    }

    private var identity: PlainConfiguration.Identity { evidence.texts.values.first?.identity ?? .prospect }

    private mutating func flush() throws {
        if batch.count > 0 { try engine?.fold(batch) }
        batch.release()
        batchSize = Int.random(in: 1...Self.largestBatch, using: &random)
        if random.chance(30) { try commit() }
    }

    private mutating func commit() throws {
        var values: [[UInt8]] = []
        try engine?.commit { values.append($0.value.map(Array.init) ?? []) }
        published += values
    }

    /// - Returns: everything that was published.
    mutating func close() throws -> [[UInt8]] {
        try flush()
        try commit()
        try engine?.close()
        engine = nil
        return published
    }
}
