import Configuration
import Foundation
import Journal
import Journey
import Kafka
import Leads

@testable import Engine

/// The engine's shards on a temporary data directory, and the leads table that others read beside them.
final class LeadsHarness {
    static let start = Instant(milliseconds: 1_800_000_000_000)

    let directory: String
    private let configuration: Configuration
    private var engine: OfflineEngine
    private let batch = MessageBatch(capacity: 10)
    private var offset: Int64 = 0

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
            steps:
              - {after: 1h, template: spot-saved}
              - {after: 24h, from: previous, template: act-now}
        """

    init() throws {
        directory =
            FileManager.default.temporaryDirectory.appendingPathComponent("winback-leads-\(UUID().uuidString)").path
        var configuration = try Configuration.parse(text: Self.policies)
        configuration.data = directory
        self.configuration = configuration
        engine = try Self.open(configuration)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private static func open(_ configuration: Configuration) throws -> OfflineEngine {
        try OfflineEngine(
            configuration: configuration, partitions: 1, activation: start, fileSystem: POSIXFileSystem(),
            journal: JournalSettings(segmentBytes: 1 << 20, maximumFrameBytes: 256 << 10))
    }

    func reopen() throws {
        try engine.close()
        engine = try Self.open(configuration)
    }

    /// Folds one event and commits it.
    func event(
        _ type: String, _ person: String = "ann", product: String = "gold", tenant: String = "academy",
        email: String? = nil, consent: Bool? = nil, at time: Instant = LeadsHarness.start
    ) throws {
        var data: [String: Any] = [
            "tenant": tenant, "prospect": ["id": person, "email": email ?? "\(person)@example.com"],
            "product": ["id": product],
        ]
        if let consent { data["consent"] = consent }
        let event: [String: Any] = [
            "specversion": "1.0", "id": "e-\(offset)", "source": "/checkout", "type": type,
            "time": ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)),
            "data": data,
        ]
        batch.release()
        try JSONSerialization.data(withJSONObject: event).withUnsafeBytes { value in
            batch.append(
                partition: 0, offset: offset, timestampMilliseconds: time.milliseconds,
                key: UnsafeRawBufferPointer(start: nil, count: 0), value: value)
            try engine.fold(batch)
        }
        offset += 1
        try engine.commit()
    }

    func tick(_ clock: Instant) throws {
        _ = try engine.tick(clock)
        try engine.commit()
    }

    /// What these policies would change, while this one has the data directory open.
    func plan(_ policies: String, at now: Instant) throws -> MigrationPlan {
        try MigrationPlan(
            path: directory, proposed: PolicyText(try Configuration.parse(text: policies)), now: now,
            fileSystem: POSIXFileSystem())
    }

    func makeSnapshot() throws { try engine.makeSnapshots() }

    func files(endingIn suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(directory)/shards/0").filter { $0.hasSuffix(suffix) }
    }

    /// Leaves a status as an engine does that knows its commits up to `position` to have succeeded.
    func publishStatus(confirmedPosition position: UInt64) throws {
        try EngineStatus(
            version: "", librdkafka: "", processID: 1, instance: "", group: "", startedAt: 0, writtenAt: 0,
            phase: "running", stoppedTicks: nil,
            partitions: [
                EngineStatus.Partition(
                    partition: 0, topics: [], clock: nil, heldBackBy: nil, lastCommitAt: nil, journalPosition: position,
                    confirmedPosition: position, prospects: 0, waiting: 0, overdue: 0, events: 0, opened: 0,
                    reminders: 0, skipped: 0, converted: 0, deadLetters: 0, unusableAddresses: 0)
            ]
        ).write(to: directory)
    }

    func people() throws -> [[AddressedLead]] {
        try LeadsTable(path: directory, fileSystem: POSIXFileSystem()).people(LeadFilter())
    }

    /// What another process counts, of what is known to be committed.
    func results(_ period: Range<Instant>) throws -> [PolicyResults] {
        try ResultsTable(path: directory, fileSystem: POSIXFileSystem()).results(openedIn: period)
    }

    /// What another process sees, while this one has the data directory open.
    func leads(_ change: (inout LeadFilter) -> Void = { _ in }) throws -> [Lead] {
        var filter = LeadFilter()
        change(&filter)
        return try LeadsTable(path: directory, fileSystem: POSIXFileSystem()).leads(filter)
    }
}
