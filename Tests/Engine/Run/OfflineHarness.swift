import Configuration
import Foundation
import Journal
import Journey
import Kafka
import Records

@testable import Engine

/// Drives the real shards, journal and border on a temporary data directory, with the test as broker and clock.
final class OfflineHarness {
    static let start = Instant(milliseconds: 1_800_000_000_000)

    let directory: String
    private(set) var configuration: Configuration
    private(set) var engine: OfflineEngine
    private let batch = MessageBatch(capacity: 1000)
    private let journal: JournalSettings
    private var offsets: [Int32: Int64] = [:]
    /// Whether what is folded waits in `batch`.
    private var isGathering = false
    /// Every reminder that was published, as JSON objects, in order.
    private(set) var reminders: [[String: Any]] = []
    private(set) var reminderBytes: [Data] = []
    private(set) var deadLetters = 0
    /// Every lead event, in order: its key, and the bytes of its value.
    private(set) var leadEvents: [(key: String, bytes: Data)] = []

    static let memberships = """
        kafka: {bootstrap.servers: "localhost:9092"}
        templates: [spot-saved, act-now]
        policies:
          - name: abandoned-checkout
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            reentry: {window: 7d}
            retention: 90d
            steps:
              - {after: 1h, template: spot-saved}
              - {after: 24h, from: previous, template: act-now}
            command:
              campaign: winback
              tags: [abandoned-cart]
              fields:
                membership_name: {from: /data/product/name, fallback: your membership}
                first_name: {from: /data/prospect/firstName, fallback: there}
                brand: {value: Example Academy}
        """

    init(
        _ yaml: String = OfflineHarness.memberships, directory: String? = nil, activation: Instant = start,
        maximumDuePerTick: Int = 100_000, readsAhead: Bool = false,
        journal: JournalSettings = JournalSettings(segmentBytes: 1 << 20, maximumFrameBytes: 256 << 10)
    ) throws {
        self.journal = journal
        self.directory =
            directory
            ?? FileManager.default.temporaryDirectory.appendingPathComponent("winback-\(UUID().uuidString)").path
        var configuration = try Configuration.parse(text: yaml)
        configuration.data = self.directory
        self.configuration = configuration
        engine = try OfflineEngine(
            configuration: configuration, partitions: 1, activation: activation, fileSystem: POSIXFileSystem(),
            journal: journal, maximumDuePerTick: maximumDuePerTick, readsAhead: readsAhead)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Closes the engine and opens another one on the same data directory, as after a crash behind a commit; with another
    /// configuration where one is given.
    func reopen(_ yaml: String? = nil, migrating: Bool = false, committing: Bool = true) throws {
        try engine.close()
        if let yaml {
            configuration = try Configuration.parse(text: yaml)
            configuration.data = directory
        }
        engine = try OfflineEngine(
            configuration: configuration, partitions: 1, activation: Self.start, fileSystem: POSIXFileSystem(),
            journal: journal, migrates: migrating)
        if committing { try commit() }
    }

    /// Folds all events that `make` gives as one batch, and commits it, with a tick behind them where one is given.
    func together(before clock: Instant? = nil, _ make: () throws -> Void) throws {
        batch.release()
        isGathering = true
        defer { isGathering = false }
        try make()
        try engine.fold(batch)
        if let clock { _ = try engine.tick(clock) }
        try commit()
    }

    /// Folds one event whose value is `json`.
    func fold(_ json: String, key: String? = nil, at time: Instant = OfflineHarness.start) throws {
        if !isGathering { batch.release() }
        let offset = offsets[0, default: 0]
        offsets[0] = offset + 1
        Array(json.utf8).withUnsafeBytes { value in
            Array((key ?? "").utf8).withUnsafeBytes { key in
                precondition(
                    batch.append(
                        partition: 0, offset: offset, timestampMilliseconds: time.milliseconds, key: key, value: value))
            }
        }
        guard !isGathering else { return }
        try engine.fold(batch)
        try commit()
    }

    /// An event of the default shape.
    func event(
        _ type: String, at time: Instant, prospect: String = "p-1", id: String? = nil, key: String? = nil,
        data: [String: Any] = [:]
    ) throws {
        var person: [String: Any] = prospect.isEmpty ? [:] : ["id": prospect]
        person.merge(data["prospect"] as? [String: Any] ?? [:]) { $1 }
        var body = data
        body["tenant"] = data["tenant"] ?? "academy"
        body["prospect"] = person
        var event: [String: Any] = [
            "specversion": "1.0", "id": id ?? "e-\(offsets[0, default: 0])", "source": "/checkout", "type": type,
            "time": ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)),
            "data": body,
        ]
        // An opening is about its own subject.
        if let subject = body["subject"] as? String, !subject.isEmpty { event["subject"] = subject }
        let json = try JSONSerialization.data(withJSONObject: event, options: [.sortedKeys])
        try fold(String(decoding: json, as: UTF8.self), key: key, at: time)
    }

    func start(
        _ prospect: String = "p-1", at time: Instant = OfflineHarness.start, email: String? = nil, consent: Bool? = nil
    ) throws {
        var data: [String: Any] = [
            "prospect": ["email": email ?? "\(prospect)@example.com", "firstName": "Ann"],
            "product": ["id": "gold", "name": "Gold"],
        ]
        if let consent { data["consent"] = consent }
        try event("checkout.started", at: time, prospect: prospect, data: data)
    }

    /// Returns how many due actions were decided.
    @discardableResult
    func tick(_ clock: Instant) throws -> Int {
        let decided = try engine.tick(clock)
        try commit()
        return decided
    }

    /// What is folded meanwhile waits for the next commit.
    func withoutCommit(_ make: () throws -> Void) throws {
        batch.release()
        isGathering = true
        defer { isGathering = false }
        try make()
        try engine.fold(batch)
    }

    func commit() throws {
        try engine.commit { published in
            let data = Data(published.value ?? UnsafeRawBufferPointer(start: nil, count: 0))
            switch published.destination {
            case .deadLetters:
                deadLetters += 1
                return
            case .leads:
                leadEvents.append((published.key.map { String(decoding: $0, as: UTF8.self) } ?? "", data))
                return
            case .reminders: break
            }
            reminderBytes.append(data)
            if let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] { reminders.append(object) }
        }
    }

    /// How many personal records the journal holds.
    func personalRecords() throws -> Int {
        let reader = try JournalReader(directory: "\(directory)/shards/0", fileSystem: POSIXFileSystem())
        var count = 0
        while let frame = try reader.next() { count += frame.personalCount }
        return count
    }

    /// What the journal says, but for what its secret key has made.
    func records() throws -> [String] {
        let reader = try JournalReader(directory: "\(directory)/shards/0", fileSystem: POSIXFileSystem())
        var texts: [String] = []
        while let frame = try reader.next() {
            var records = try RecordReader(frame.body, position: frame.position)
            while let record = try records.next() {
                switch record {
                case .input(let input):
                    texts.append(
                        "\(input.type) \(input.time) \(input.offset) \(input.details.fields) \(input.details.record)")
                case .fact(let fact): texts.append(Mirror(reflecting: fact).children.first?.label ?? "fact")
                case .refused, .tombstone, .unknownType, .tick, .timer, .migration, .match, .activation, .intervention,
                    .found, .command, .address, .destroyed:
                    texts.append("other")
                }
            }
        }
        return texts
    }

    func data(_ index: Int) -> [String: Any] { reminders[index]["data"] as? [String: Any] ?? [:] }
    func templates() -> [String] { reminders.indices.map { data($0)["template"] as? String ?? "?" } }
}
