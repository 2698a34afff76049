import Configuration
import DiskTestSupport
import Engine
import Foundation
import Journal
import Kafka
import RandomTestSupport
import Telemetry

/// One run of the real engine on a simulated disk, network and clock, from one seed.
public struct Simulation {
    public struct Settings: Sendable {
        public var prospects = 60
        public var days = 12
        public var partitions: Int32 = 2
        /// Of how many operations the power outlasts at most; `nil` if it never fails.
        public var powerLasts: Int? = 4_000
        /// How often in a million calls that can meet it each fault happens.
        public var faults = Self.usualFaults
        /// For how long the engine is away after a failure at most.
        public var longestAbsenceHours: Int64 = 8
        /// While nothing arrives, time goes on in steps up to this.
        public var longestSilenceMilliseconds: Int64 = 20_000
        public init() {}

        private static let usualFaults: [Fault: Int] = [
            .timeOut: 1000, .disconnected: 500, .retriable: 500, .lostAnswer: 10_000, .late: 10_000, .abortable: 1000,
            .fenced: 200, .fatal: 200, .revoked: 500, .lost: 500, .inputOutput: 100, .lostPages: 1000, .full: 100,
            .shortWrite: 200, .killBefore: 50, .killAfter: 50,
        ]
    }

    /// What came of it.
    public struct Report: Sendable {
        public var seed: UInt64
        /// Broken promises, in words.
        public var violations: [String] = []
        public var events = 0
        public var reminders = 0
        public var deadLetters = 0
        public var powerFailures = 0
        public var operations = 0
        /// How often each fault happened.
        public var happened: [Fault: Int] = [:]
        /// The reminders and dead letters, in the order of their topics: the same for the same seed.
        public var digest = ""
    }

    private let seed: UInt64
    private let settings: Settings

    public init(seed: UInt64, settings: Settings = Settings()) {
        self.seed = seed
        self.settings = settings
    }

    private static let start: Int64 = 1_780_000_000_000
    private static let hour: Int64 = 3_600_000
    /// A start and the first tick take some hundred.
    private static let operationsToATick = 1_000

    static let configuration = """
        kafka: {bootstrap.servers: "simulated:9092"}
        instance: one
        data: /simulated
        snapshots: {every: 64KiB}
        templates: [lead-reminder, offer-reminder, spot-saved, act-now]
        policies:
          - name: unconverted-lead
            opensOn: [sales-lead.created]
            convertsOn: [policy.issued]
            scope: product
            anchor: opened
            steps: [{after: 3d, template: lead-reminder}]
            command: &about {fields: {product: {from: /data/product/id, fallback: "-"}, subject: {from: /subject, fallback: "-"}}}
          - name: unconverted-offer
            opensOn: [offer.created]
            convertsOn: [policy.issued]
            scope: subject
            supersedes: [unconverted-lead]
            anchor: opened
            steps: [{after: 12h, template: offer-reminder}]
            command: *about
          - name: abandoned-checkout
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            reentry: {window: 7d}
            steps:
              - {after: 1h, template: spot-saved}
              - {after: 24h, from: previous, template: act-now}
            command: *about
        """

    public func run() throws -> Report {
        let world = World(seed: seed, start: Self.start)
        let disk = SimulatedDisk(world)
        let cluster = SimulatedCluster(world: world)
        let configuration = try Configuration.parse(text: Self.configuration)
        cluster.makeTopic("checkout-events", partitions: settings.partitions)
        cluster.makeTopic("send-reminder", partitions: 3)
        cluster.makeTopic("checkout-events.dead-letters", partitions: 1)
        let begin = Self.start + Self.hour
        let length = Int64(settings.days) * 24 * Self.hour
        let stories = (0..<settings.prospects).map { Story.make($0, from: begin, length: length, &world.random) }
        let upstream = Upstream(cluster: cluster, topic: "checkout-events", stories.flatMap(\.happenings))
        var report = Report(seed: seed)
        // Behind the last story everything that is due comes, and nothing fails any more.
        let end = begin + length + 16 * 24 * Self.hour
        var wasAwayLong = false
        while world.wall < end {
            let isCalm = world.wall > begin + length + 11 * 24 * Self.hour
            if let lasts = settings.powerLasts, !isCalm {
                // Behind a long absence the engine comes to a tick: the oracle knows one absence at a time.
                let least = wasAwayLong ? Self.operationsToATick : 1
                world.powerFailsAt =
                    world.operations + Int.random(in: least...max(least, lasts), using: &world.random)
            }
            world.plan = isCalm ? FaultPlan() : FaultPlan(seed: world.random.next(), perMillion: settings.faults)
            let broker = SimulatedBroker(
                cluster: cluster, longestSilenceMilliseconds: settings.longestSilenceMilliseconds)
            guard live(configuration, world, disk, broker, upstream, until: end, &report) else { break }
            wasAwayLong = world.random.chance(20)
            let longest = wasAwayLong ? settings.longestAbsenceHours * Self.hour : 60_000
            world.advance(Int64.random(in: 0...longest, using: &world.random))
        }
        report.operations = world.operations
        report.happened = world.happened
        judge(cluster, upstream, stories, &report)
        return report
    }

    /// The engine, until the power fails or the time has come.
    ///
    /// - Returns: whether it can be started again.
    private func live(
        _ configuration: Configuration, _ world: World, _ disk: SimulatedDisk, _ broker: SimulatedBroker,
        _ upstream: Upstream, until end: Int64, _ report: inout Report
    ) -> Bool {
        var options = EngineOptions()
        options.hasOneThread = true
        options.journal = JournalSettings(segmentBytes: 128 << 10, maximumFrameBytes: 32 << 10)
        options.journal.background = { $0() }
        options.journal.random = RandomSource { buffer in
            for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: world.random.next()) }
        }
        let engine = Engine(
            configuration: configuration, options: options, broker: broker, time: WorldTime(world: world),
            fileSystem: disk, log: .silent)
        world.timePassed = {
            upstream.work()
            if world.wall >= end { engine.stop.request() }
        }
        let outcome = Result { try engine.run() }
        if world.isDead {
            report.powerFailures += 1
        } else if case .failure(let error) = outcome, (error as? JournalError)?.code != .inputOutput,
            !(error is KafkaError)
        {
            report.violations.append("the engine does not start again: \(error)")
            return false
        }
        disk.restart()
        world.revive()
        world.timePassed = upstream.work
        return true
    }

    private func judge(
        _ cluster: SimulatedCluster, _ upstream: Upstream, _ stories: [Story], _ report: inout Report
    ) {
        let sent = cluster.read("send-reminder")
        let letters = cluster.read("checkout-events.dead-letters")
        let events = upstream.visible()
        let reminders = sent.compactMap { Oracle.Reminder($0.record.value ?? []) }
        if reminders.count != sent.count { report.violations.append("a reminder can't be read") }
        report.events = events.count
        report.reminders = sent.count
        report.deadLetters = letters.count
        report.digest = (sent + letters).map { String(decoding: $0.record.value ?? [], as: UTF8.self) }
            .joined(separator: "\n")
        guard report.violations.isEmpty else { return }
        let oracle = Oracle(
            stories: stories, events: events, reminders: reminders,
            longestAbsence: (settings.longestAbsenceHours + 1) * Self.hour)
        report.violations += oracle.violations()
        let malformed = events.count { $0.happening.malformed != nil }
        if letters.count != malformed {
            report.violations.append("\(malformed) malformed messages, and \(letters.count) dead letters")
        }
    }
}

extension Oracle.Reminder {
    init?(_ value: [UInt8]) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(value)) as? [String: Any],
            let id = object["id"] as? String, let data = object["data"] as? [String: Any],
            let journey = data["journey"] as? String,
            let policy = (data["policy"] as? [String: Any])?["name"] as? String,
            let prospect = (data["prospect"] as? [String: Any])?["id"] as? String,
            let step = (data["step"] as? [String: Any])?["number"] as? Int,
            let opened = (data["openedBy"] as? [String: Any])?["time"].flatMap(Self.time),
            let due = Self.time(data["dueAt"]), let emitted = Self.time(data["emittedAt"])
        else { return nil }
        let fields = data["fields"] as? [String: String] ?? [:]
        func field(_ name: String) -> String? { fields[name] == "-" ? nil : fields[name] }
        self.init(
            id: id, journey: journey, policy: policy, prospect: prospect, step: step, openedAt: opened, dueAt: due,
            emittedAt: emitted, product: field("product"), subject: field("subject"))
    }

    private static func time(_ value: Any?) -> Int64? {
        guard let text = value as? String,
            let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        else { return nil }
        return Int64((date.timeIntervalSince1970 * 1000).rounded())
    }
}
