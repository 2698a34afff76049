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
        public var powerLasts: Int? = 1_500
        /// How often in a million calls that can meet it each fault happens.
        public var faults = Self.usualFaults
        /// For how long the engine is away after a failure at most.
        public var longestAbsenceHours: Int64 = 8
        /// While nothing arrives, time goes on in steps up to this.
        public var longestSilenceMilliseconds: Int64 = 60_000
        /// Of how many messages in a hundred something goes wrong on their way.
        public var troublePercent = 10
        /// A snapshot is made for each so many bytes of journal.
        public var snapshotBytes = 64 << 10
        /// One segment of the journal.
        public var segmentBytes = 128 << 10
        public init() {}

        /// Ten thousand prospects, of whom each has its day.
        public static let year = {
            var settings = Self()
            settings.prospects = 10_000
            settings.days = 365
            settings.powerLasts = 1_000_000
            settings.longestSilenceMilliseconds = 20 * 60_000
            settings.snapshotBytes = 16 << 20
            settings.segmentBytes = 16 << 20
            settings.faults = settings.faults.mapValues { $0 / 50 }
            return settings
        }()

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
        /// How long it was in the simulated world.
        public var days = 0.0
        /// How long the oracle took, in real time.
        public var judgedSeconds = 0.0
        /// How often each row of the semantics was met.
        public var met: [Row: Int] = [:]
        /// What the journals say of the prospects whom broken promises concern.
        public var accounts: [[String]] = []
        /// What was published, and what the journals say of each journey: to be compared with another run's.
        var published: [Evidence.Published] = []
        var words: [String: [String]] = [:]
    }

    let plan: Plan
    private var settings: Settings { plan.settings }

    public init(seed: UInt64, settings: Settings = Settings()) { self.init(Plan(seed: seed, settings: settings)) }

    public init(_ plan: Plan) { self.plan = plan }

    private static let hour: Int64 = 3_600_000
    /// A start and the first tick take some hundred.
    private static let operationsToATick = 1_000

    public func run() throws -> Report {
        let world = World(seed: plan.chance, start: Plan.start)
        let disk = SimulatedDisk(world)
        let cluster = SimulatedCluster(world: world)
        cluster.makeTopic("checkout-events", partitions: settings.partitions)
        cluster.makeTopic("send-reminder", partitions: 3)
        cluster.makeTopic("checkout-events.dead-letters", partitions: 1)
        let upstream = Upstream(
            cluster: cluster, topic: "checkout-events", identity: plan.configuration.identity,
            plan.stories.flatMap(\.happenings))
        upstream.work()
        let length = Int64(settings.days) * 24 * Self.hour
        var report = Report(seed: plan.seed)
        // Behind the last story everything that is due comes, and nothing fails any more.
        let end = Plan.start + length + 16 * 24 * Self.hour
        var wasAwayLong = false
        while world.wall < end {
            let isCalm = world.wall > Plan.start + length + 11 * 24 * Self.hour
            if let lasts = settings.powerLasts, !isCalm {
                // Behind a long absence the engine comes to a tick: the oracle knows one absence at a time.
                let least = wasAwayLong ? Self.operationsToATick : 1
                world.powerFailsAt =
                    world.operations + Int.random(in: least...max(least, lasts), using: &world.random)
            }
            world.plan = isCalm ? FaultPlan() : FaultPlan(seed: world.random.next(), perMillion: settings.faults)
            let broker = SimulatedBroker(
                cluster: cluster, longestSilenceMilliseconds: settings.longestSilenceMilliseconds)
            guard try live(world, disk, broker, upstream, until: end, &report) else { break }
            wasAwayLong = world.random.chance(20)
            let longest = wasAwayLong ? settings.longestAbsenceHours * Self.hour : 60_000
            world.advance(Int64.random(in: 0...longest, using: &world.random))
        }
        world.rest()
        report.operations = world.operations
        report.happened = world.happened
        report.days = Double(world.wall - Plan.start) / Double(24 * Self.hour)
        let played = Date()
        try judge(cluster, upstream, disk, end, &report)
        report.judgedSeconds = Date().timeIntervalSince(played)
        return report
    }

    /// The engine, until the power fails or the time has come.
    ///
    /// - Returns: whether it can be started again.
    private func live(
        _ world: World, _ disk: SimulatedDisk, _ broker: SimulatedBroker, _ upstream: Upstream, until end: Int64,
        _ report: inout Report
    ) throws -> Bool {
        let isChanged = world.wall >= plan.changesAt
        var configuration = try Configuration.parse(
            text: ((isChanged ? plan.change : nil) ?? plan.configuration).yaml)
        configuration.snapshotBytes = settings.snapshotBytes
        let stopsAt = isChanged ? end : min(end, plan.changesAt)
        var options = EngineOptions()
        options.migrates = isChanged && plan.migrates
        options.hasOneThread = true
        options.journal = JournalSettings(segmentBytes: settings.segmentBytes, maximumFrameBytes: 32 << 10)
        options.journal.background = { $0() }
        options.journal.random = RandomSource { buffer in
            for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: world.random.next()) }
        }
        let engine = Engine(
            configuration: configuration, options: options, broker: broker, time: WorldTime(world: world),
            fileSystem: disk, log: .silent)
        world.timePassed = {
            upstream.work()
            if world.wall >= stopsAt { engine.stop.request() }
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
}
