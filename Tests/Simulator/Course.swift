import Configuration
import DiskTestSupport
import Engine
import Journal
import Kafka
import RandomTestSupport
import Telemetry

/// The lives of an engine, one after the other, and what happens between them.
final class Course: Site {
    let plan: Plan
    let world: World
    let disk: SimulatedDisk
    let cluster: SimulatedCluster
    let broker: SimulatedBroker
    let upstream: Upstream
    var report: Simulation.Report
    private(set) var earlier: Earlier?
    var isForgotten = false
    let end: Int64
    var calmFrom: Int64 { end - Self.calmDays * 24 * Self.hour }

    var settings: Simulation.Settings { plan.settings }

    private static let hour: Int64 = 3_600_000
    /// A start and the first tick take some hundred.
    private static let operationsToATick = 1_000
    /// After how many of a hundred strikes somebody makes a backup of everything.
    private static let backupPercent = 40
    private static let shortAbsenceMilliseconds: Int64 = 60_000
    /// Behind the last story everything that is due comes.
    private static let daysBehind: Int64 = 16
    private static let calmDays: Int64 = 5

    init(_ plan: Plan) {
        self.plan = plan
        report = Simulation.Report(seed: plan.seed)
        world = World(seed: plan.chance, start: Plan.start)
        disk = SimulatedDisk(world)
        cluster = SimulatedCluster(world: world)
        cluster.makeTopic("checkout-events", partitions: plan.settings.partitions)
        cluster.makeTopic("send-reminder", partitions: 3)
        cluster.makeTopic("checkout-events.dead-letters", partitions: 1)
        broker = SimulatedBroker(
            cluster: cluster, longestSilenceMilliseconds: plan.settings.longestSilenceMilliseconds)
        upstream = Upstream(
            cluster: cluster, topic: "checkout-events", identity: plan.configuration.identity,
            plan.stories.flatMap(\.happenings))
        end = Plan.start + (Int64(plan.settings.days) + Self.daysBehind) * 24 * Self.hour
        upstream.work()
        world.timePassed = upstream.work
    }

    var partitions: Range<Int32> { 0..<settings.partitions }

    func run() throws {
        var wasAwayLong = false
        while world.wall < end, report.violations.isEmpty {
            let isCalm = world.wall > calmFrom
            let mustRefuse = try isForgotten && !isConfirmed
            if !isCalm { letThingsFail(wasAwayLong) }
            try live(mustRefuse: mustRefuse)
            world.plan = FaultPlan()
            guard report.violations.isEmpty else { return }
            // Behind a long absence the engine comes to a tick: the oracle knows one absence at a time.
            if !isCalm, !settings.strikes.isEmpty, world.random.chance(settings.strikePercent) {
                wasAwayLong = true
                try strike()
            } else {
                wasAwayLong = world.random.chance(20)
                let longest = wasAwayLong ? settings.longestAbsenceHours * Self.hour : Self.shortAbsenceMilliseconds
                world.advance(Int64.random(in: 0...longest, using: &world.random))
            }
        }
    }

    private func strike() throws {
        if let strike = settings.strikes.sorted().randomElement(using: &world.random), try suffer(strike) {
            report.struck[strike, default: 0] += 1
        }
        // What the next one that needs a backup goes back to.
        if world.random.chance(Self.backupPercent) { earlier = Earlier(cluster: cluster.backup(), disk: disk.copy()) }
    }

    func note(_ violation: String) { report.violations.append(violation) }

    func publish() { upstream.work() }

    private func letThingsFail(_ wasAwayLong: Bool) {
        if let lasts = settings.powerLasts {
            let least = wasAwayLong ? Self.operationsToATick : 1
            world.powerFailsAt = world.operations + Int.random(in: least...max(least, lasts), using: &world.random)
        }
        world.plan = FaultPlan(seed: world.random.next(), perMillion: settings.faults)
    }

    // MARK: A life

    /// Until the power fails or the time has come.
    ///
    /// - Parameter mustRefuse: whether the engine can't know where to go on.
    private func live(mustRefuse: Bool) throws {
        let outcome = try start(on: disk, until: nextStop, upstream.work)
        let isDead = world.isDead
        restart(disk)
        if isForgotten, !cluster.committed.isEmpty {
            isForgotten = false
            if mustRefuse {
                report.violations.append(
                    "the engine has gone on from a journal whose end may not have been committed, and without offsets")
            }
        }
        if isDead {
            report.powerFailures += 1
        } else if case .failure(let error) = outcome {
            try mend(error, mustRefuse: mustRefuse)
        }
    }

    private func mend(_ error: any Error, mustRefuse: Bool) throws {
        switch error {
        case let error as EngineError where error.code == .offsetsForgotten && isForgotten:
            guard mustRefuse else {
                return report.violations.append("the engine had to go on by itself from a confirmed journal: \(error)")
            }
            try recover()
        case let error as JournalError where error.code == .inputOutput: break
        case is KafkaError: break
        default: report.violations.append("the engine does not start again: \(error)")
        }
    }

    /// For another configuration, or at the end.
    var nextStop: Int64 { isChanged ? end : min(end, plan.changesAt) }
    private var isChanged: Bool { world.wall >= plan.changesAt }

    func start(
        on disk: SimulatedDisk, until stop: Int64, _ publish: @escaping () -> Void
    ) throws -> Result<Void, any Error> {
        let engine = Engine(
            configuration: try configuration(), options: options, broker: broker, time: WorldTime(world: world),
            fileSystem: disk, log: .silent)
        world.timePassed = { [world] in
            publish()
            if world.wall >= stop { engine.stop.request() }
        }
        defer { world.timePassed = upstream.work }
        return Result { try engine.run() }
    }

    func restart(_ disk: SimulatedDisk) {
        disk.restart()
        world.revive()
    }

    func configuration() throws -> Configuration {
        var configuration = try Configuration.parse(
            text: ((isChanged ? plan.change : nil) ?? plan.configuration).yaml)
        configuration.snapshotBytes = settings.snapshotBytes
        return configuration
    }

    var options: EngineOptions {
        var options = EngineOptions()
        options.migrates = isChanged && plan.migrates
        options.maximumDuePerTick = plan.maximumDuePerTick
        options.hasOneThread = true
        options.journal = JournalSettings(segmentBytes: settings.segmentBytes, maximumFrameBytes: 32 << 10)
        options.journal.background = { $0() }
        options.journal.random = RandomSource { [world] buffer in
            for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: world.random.next()) }
        }
        return options
    }
}
