import Configuration
import Foundation
import Journal
import Journey
import Kafka

@testable import Audit
@testable import Engine

/// The engine's shards on a temporary data directory, with the test as broker and clock, and an auditor who reads beside them.
final class AuditHarness {
    static let start = Instant(milliseconds: 1_800_000_000_000)
    static let policies = """
        kafka: {bootstrap.servers: "localhost:9092"}
        templates: [lead-reminder, offer-reminder, spot-saved, act-now]
        policies:
          - name: unconverted-lead
            opensOn: [sales-lead.created]
            convertsOn: [policy.issued]
            scope: product
            anchor: opened
            steps: [{after: 3d, template: lead-reminder}]
          - name: unconverted-offer
            opensOn: [offer.created]
            convertsOn: [policy.issued]
            scope: product
            supersedes: [unconverted-lead]
            anchor: opened
            steps: [{after: 12h, template: offer-reminder}]
          - name: abandoned-checkout
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            reentry: {window: 7d}
            steps:
              - {after: 1h, template: spot-saved}
              - {after: 24h, from: previous, template: act-now}
            command:
              fields: {first_name: {from: /data/prospect/firstName, fallback: there}}
        """

    /// What was published.
    struct Published {
        var destination: OfflineEngine.Destination
        var key: [UInt8]
        var value: [UInt8]
    }

    let directory: String
    private(set) var configuration: Configuration
    private(set) var engine: OfflineEngine
    private let partitions: Int
    private let journal: JournalSettings
    private let maximumDuePerTick: Int?
    private let batch = MessageBatch(capacity: 1000)
    private var offsets: [Int32: Int64] = [:]
    private(set) var published: [Published] = []
    private var isStopped = false
    private var isCollecting = false

    init(
        _ yaml: String = AuditHarness.policies, partitions: Int = 1, segmentBytes: Int = 1 << 20,
        maximumDuePerTick: Int? = nil
    ) throws {
        directory =
            FileManager.default.temporaryDirectory.appendingPathComponent("winback-audit-\(UUID().uuidString)").path
        self.partitions = partitions
        journal = JournalSettings(segmentBytes: segmentBytes, maximumFrameBytes: min(256 << 10, segmentBytes / 4))
        var configuration = try Configuration.parse(text: yaml)
        configuration.data = directory
        self.configuration = configuration
        self.maximumDuePerTick = maximumDuePerTick
        engine = try Self.open(configuration, partitions, journal, maximumDuePerTick)
    }

    deinit {
        if !isStopped { try? engine.close() }
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static func open(
        _ configuration: Configuration, _ partitions: Int, _ journal: JournalSettings, _ maximumDuePerTick: Int?,
        migrates: Bool = false
    ) throws -> OfflineEngine {
        try OfflineEngine(
            configuration: configuration, partitions: partitions, activation: start, fileSystem: POSIXFileSystem(),
            journal: journal, maximumDuePerTick: maximumDuePerTick, migrates: migrates)
    }

    /// Closes the engine and opens another one on the same data directory, with other policies where they are given.
    func reopen(_ yaml: String? = nil, migrates: Bool = false) throws {
        if !isStopped { try engine.close() }
        isStopped = false
        if let yaml {
            configuration = try Configuration.parse(text: yaml)
            configuration.data = directory
        }
        engine = try Self.open(configuration, partitions, journal, maximumDuePerTick, migrates: migrates)
        try commit()
    }

    /// Opens an engine on the data directory after the one before was closed.
    func reopenAfterClose() throws {
        engine = try Self.open(configuration, partitions, journal, maximumDuePerTick)
        try commit()
    }

    /// Stops as an engine does whose last commit has succeeded: every frame is known to be committed.
    func stop() throws {
        if isStopped { return }
        isStopped = true
        try engine.close()
        let fileSystem = POSIXFileSystem()
        for partition in 0..<partitions {
            let shard = try ShardJournal.open(
                directory: "\(directory)/shards/\(partition)", fileSystem: fileSystem, settings: journal)
            try shard.sync()
            shard.confirm(Confirmation(position: shard.head.position, hash: shard.head.hash, offset: 0))
            try shard.markCleanStop()
            try shard.close()
        }
        try DataDirectory.openForReading(directory, fileSystem: fileSystem).setEventTopics(["checkout-events"])
    }

    /// Folds one event of the default shape and commits it.
    func event(
        _ type: String, _ person: String = "ann", product: String? = "gold", tenant: String = "academy",
        email: String? = nil, firstName: String? = nil, consent: Bool? = nil, subject: String? = nil,
        partition: Int32 = 0, at time: Instant = AuditHarness.start, commits: Bool = true
    ) throws {
        var prospect = ["id": person, "email": email ?? "\(person)@example.com"]
        if email == "" { prospect["email"] = nil }
        if let firstName { prospect["firstName"] = firstName }
        var data: [String: Any] = ["tenant": tenant, "prospect": prospect]
        if let product { data["product"] = ["id": product] }
        if let consent { data["consent"] = consent }
        var event: [String: Any] = [
            "specversion": "1.0", "id": "e-\(partition)-\(offsets[partition, default: 0])", "source": "/checkout",
            "type": type,
            "time": ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)),
        ]
        if let subject, ["sales-lead.created", "offer.created", "checkout.started"].contains(type) {
            event["subject"] = subject
        } else if let subject {
            data["subject"] = subject
        }
        event["data"] = data
        let value = try JSONSerialization.data(withJSONObject: event, options: [.sortedKeys])
        try message(
            Array(value), key: partitions > 1 ? person : "", partition: partition, at: time, commits: commits)
    }

    /// Folds a message as it is, `nil` for a tombstone, and commits it, unless it is to share the next one's frame.
    func message(
        _ value: [UInt8]?, key: String = "", partition: Int32 = 0, at time: Instant = start, commits: Bool = true
    ) throws {
        batch.release()
        let offset = offsets[partition, default: 0]
        offsets[partition] = offset + 1
        Array(key.utf8).withUnsafeBytes { key in
            func append(_ value: UnsafeRawBufferPointer?) {
                batch.append(
                    partition: partition, offset: offset, timestampMilliseconds: time.milliseconds, key: key,
                    value: value)
            }
            if let value { value.withUnsafeBytes { append($0) } } else { append(nil) }
        }
        try engine.fold(batch)
        if commits && !isCollecting { try commit() }
    }

    /// Commits what happens as one frame.
    func inOneFrame(_ happens: () throws -> Void) throws {
        isCollecting = true
        defer { isCollecting = false }
        try happens()
        try commit()
    }

    func tick(_ clock: Instant) throws {
        while try engine.tick(clock) > 0 { try commit() }
        try commit()
    }

    func commit() throws {
        try engine.commit {
            published.append(
                Published(
                    destination: $0.destination, key: $0.key.map(Array.init) ?? [],
                    value: $0.value.map(Array.init) ?? []))
        }
    }

    /// The reminders that were published, in their order.
    var reminders: [Published] { published.filter { $0.destination == .reminders } }

    func source() throws -> AuditSource { try AuditSource(path: directory, fileSystem: POSIXFileSystem()) }
}
