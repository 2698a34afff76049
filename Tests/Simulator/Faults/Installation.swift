import Configuration
import DiskTestSupport
import Engine
import Journal
import Journey
import Kafka
import Telemetry

/// A machine with an engine on it, and an operator who starts it again whenever it ends, and sees to its clock.
final class Installation: Site {
    let world: World
    let cluster: SimulatedCluster
    private(set) var disk: SimulatedDisk
    private let configuration: Configuration
    private let settings: JournalSettings
    private let broker: SimulatedBroker
    private let publishes: () -> Void
    /// What should not have happened, in words.
    private(set) var violations: [String] = []
    private(set) var starts = 0
    /// The copy that another process has gone on with.
    private var successor: SimulatedDisk?
    private var clockIsWrongSince: Int64?
    /// Why each process ended.
    private(set) var endings: [String] = []
    /// What happens before the start that follows the first death.
    var strike: Strike?
    private(set) var struck: [Strike: Int] = [:]
    private(set) var earlier: Earlier?
    var isForgotten = false
    private(set) var nextStop: Int64 = 0
    let calmFrom = Int64.min
    let partitions: Range<Int32> = 0..<2

    /// More starts than any fault asks for.
    private static let startLimit = 60
    /// A strike that comes later than so long before the end would have no start behind it.
    private static let strikeMilliseconds: Int64 = 4 * 3_600_000
    private static let restartMilliseconds: Int64 = 5_000
    /// How long a wrong clock stays unnoticed.
    private static let clockMilliseconds: Int64 = 600_000
    /// How long another process works while this one is thought dead.
    private static let successorMilliseconds: Int64 = 3_600_000

    init(
        world: World, cluster: SimulatedCluster, configuration: Configuration, settings: JournalSettings,
        longestSilenceMilliseconds: Int64, publish: @escaping () -> Void
    ) {
        self.world = world
        self.cluster = cluster
        self.configuration = configuration
        publishes = publish
        disk = SimulatedDisk(world)
        broker = SimulatedBroker(cluster: cluster, longestSilenceMilliseconds: longestSilenceMilliseconds)
        var settings = settings
        settings.background = { $0() }
        settings.random = RandomSource { buffer in
            for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: world.random.next()) }
        }
        self.settings = settings
    }

    /// Keeps an engine running until the time has come.
    func run(until end: Int64) {
        nextStop = end
        repeat {
            starts += 1
            guard starts <= Self.startLimit else { return violations.append("the engine was started \(starts) times") }
            guard live(until: end) else { return }
            if world.wall < end { world.advance(Self.restartMilliseconds) }
        } while world.wall < end
    }

    /// One process, until the time has come or it ends by itself.
    ///
    /// - Returns: whether it can be started again.
    private func live(until end: Int64) -> Bool {
        let mustRefuse = isForgotten && (try? isConfirmed) == false
        world.wokeUp = { [self] fault in if fault == .successor { workAsSuccessor() } else { cluster.expire() } }
        let outcome = start(on: disk, until: end, publish)
        let isDead = world.isDead
        let canGoOn = judge(outcome, mustRefuse: mustRefuse)
        restart(disk)
        cluster.forgetClients()
        if isForgotten, !cluster.committed.isEmpty {
            isForgotten = false
            if mustRefuse { note("the engine has gone on without offsets from a journal that is not confirmed") }
        }
        if isClockNoticed {
            world.clockError = 0
            clockIsWrongSince = nil
        }
        guard canGoOn else { return false }
        if isForgotten {
            recover()
        } else if isDead, let strike, world.wall + Self.strikeMilliseconds < end {
            meet(strike)
        }
        return true
    }

    private func meet(_ strike: Strike) {
        self.strike = nil
        let plan = world.plan
        defer { world.plan = plan }
        world.plan = FaultPlan()
        do { if try suffer(strike) { struck[strike, default: 0] += 1 } } catch { note("\(strike.rawValue): \(error)") }
        cluster.forgetClients()
    }

    private func recover() {
        let plan = world.plan
        defer { world.plan = plan }
        world.plan = FaultPlan()
        cluster.expire()
        do { try resume() } catch { note("a recovery does not succeed: \(error)") }
        isForgotten = false
    }

    func makeBackup() { earlier = Earlier(cluster: cluster.backup(), disk: disk.copy()) }

    func note(_ violation: String) { violations.append(violation) }

    func publish() { publishes() }

    func start(
        on disk: SimulatedDisk, until stop: Int64, _ publish: @escaping () -> Void
    ) -> Result<Void, any Error> {
        let engine = makeEngine(on: disk)
        world.timePassed = { [self] in
            publish()
            if world.wall >= stop || isClockNoticed { engine.stop.request() }
        }
        defer { world.timePassed = publishes }
        return Result { try engine.run() }
    }

    func restart(_ disk: SimulatedDisk) {
        disk.restart()
        world.revive()
    }

    func makeRecovery() throws -> Recovery {
        try Recovery(
            configuration: configuration, broker: broker, options: options, time: WorldTime(world: world),
            fileSystem: disk, log: .silent)
    }

    private func makeEngine(on disk: SimulatedDisk) -> Engine {
        Engine(
            configuration: configuration, options: options, broker: broker, time: WorldTime(world: world),
            fileSystem: disk, log: .silent)
    }

    private var options: EngineOptions {
        var options = EngineOptions()
        options.hasOneThread = true
        options.journal = settings
        return options
    }

    private var isClockNoticed: Bool {
        guard world.clockError != 0 else { return false }
        let since = clockIsWrongSince ?? world.wall
        clockIsWrongSince = since
        return world.wall - since >= Self.clockMilliseconds
    }

    private func judge(_ outcome: Result<Void, any Error>, mustRefuse: Bool) -> Bool {
        if let death = world.death {
            endings.append(death.rawValue)
            if !cluster.isTakenBack { goOnAsSuccessor() }
            return true
        }
        guard case .failure(let error) = outcome else {
            endings.append("stopped")
            if !cluster.isTakenBack { goOnAsSuccessor() }
            return true
        }
        endings.append("\(error)")
        switch error {
        case let error as EngineError
        where [.fenced, .journalBehind, .journalDiverged, .offsetsRestored].contains(error.code) && successor != nil:
            goOnAsSuccessor()
            return true
        case let error as EngineError where error.code == .offsetsForgotten && isForgotten && mustRefuse: return true
        case let error as JournalError where error.code == .inputOutput: return true
        case is KafkaError: return true
        default:
            violations.append("the engine does not start again: \(error)")
            return false
        }
    }

    private func goOnAsSuccessor() {
        guard let successor else { return }
        disk = successor
        self.successor = nil
        cluster.takenOver(from: [])
    }

    /// The process was stopped; on another machine another one is started with a copy of its data directory, and works.
    private func workAsSuccessor() {
        guard successor == nil else { return world.advance(World.sleepMilliseconds) }
        let wasActive = cluster.active
        let (timePassed, wokeUp, plan) = (world.timePassed, world.wokeUp, world.plan)
        defer { (world.timePassed, world.wokeUp, world.plan) = (timePassed, wokeUp, plan) }
        world.plan = FaultPlan()
        cluster.expire()
        let copy = disk.copy()
        // Its clock is not quite the same.
        world.clockError = Int64.random(in: -120_000...120_000, using: &world.random)
        let end = world.wall + Self.successorMilliseconds
        let engine = makeEngine(on: copy)
        world.timePassed = { [self] in
            publish()
            if world.wall >= end { engine.stop.request() }
        }
        do { try engine.run() } catch { violations.append("the successor does not start: \(error)") }
        world.clockError = 0
        copy.restart()
        successor = copy
        cluster.takenOver(from: wasActive)
    }
}
