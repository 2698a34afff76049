import Foundation
import KafkaTestSupport
import RandomTestSupport

/// Disturbs a Winback that works, cycle after cycle, on a real broker, and has an oracle judge what comes of it.
public final class Chaos {
    /// How long it may take until all partitions' clocks have passed the end of a disturbance.
    static let patienceSeconds = 240.0

    let stage: ChaosStage
    private let settings: ChaosSettings
    var random: SeededGenerator
    private var deck: [Disturbance] = []
    private var report = ChaosReport()
    private var lastLook = Date.distantPast
    /// How often the broker's log is looked at.
    private static let lookSeconds = 5.0

    public init(_ settings: ChaosSettings) throws {
        self.settings = settings
        random = SeededGenerator(seed: settings.seed)
        stage = try ChaosStage(settings)
    }

    /// Ends what this process has started; from any thread, before the process ends.
    public func abandon() { stage.abandon(keeping: false) }

    /// Runs to the end, or to the first cycle in which a promise was broken.
    public func run() -> ChaosReport {
        let start = Date()
        do {
            _ = try settle()
            for cycle in 1...settings.cycles {
                guard settings.minutes.map({ Date().timeIntervalSince(start) < $0 * 60 }) ?? true else { break }
                try play(cycle, start)
                guard report.verdict.isClean else { break }
            }
            stage.engine.kill()
            report.end(with: try stage.verdict("verify"))
        } catch {
            report.failures.append("\(error)")
        }
        if !report.isClean { report.folder = stage.folder }
        stage.close(keeping: !report.isClean)
        return report
    }

    private func play(_ cycle: Int, _ start: Date) throws {
        if deck.isEmpty { deck = Disturbance.deck(of: settings.disturbances, using: &random) }
        let disturbance = deck.removeLast()
        try stage.oracle.ask("begin_cycle")
        let began = Date()
        do {
            try perform(disturbance)
            let verdict = try settle()
            let seconds = Date().timeIntervalSince(began)
            report.add(disturbance, seconds: seconds, verdict)
            settings.say(line(cycle, disturbance, seconds, verdict, Date().timeIntervalSince(start)))
        } catch {
            throw TimedOut(description: "cycle \(cycle), \(disturbance.rawValue): \(error)")
        }
    }

    private func line(
        _ cycle: Int, _ disturbance: Disturbance, _ seconds: Double, _ verdict: Verdict, _ elapsed: Double
    ) -> String {
        let found = Verdict.Violation.allCases.map { "\(verdict.violations[$0] ?? 0) \($0.rawValue)" }
        return "cycle \(cycle) of \(settings.cycles), \(Int(elapsed)) s: \(disturbance.rawValue); "
            + String(format: "%.1f s, gap %.1f s; ", seconds, verdict.gapSeconds)
            + "\(verdict.counts["reminders"] ?? 0) reminders; " + found.joined(separator: ", ")
    }

    /// Until every partition's clock has passed this moment, and the oracle has judged all that was before it.
    private func settle() throws -> Verdict {
        let moment = Int(Date().timeIntervalSince1970 * 1000)
        let verdict = try eventually(
            "every partition's clock passes \(moment)", within: Self.patienceSeconds, every: 0.05
        ) {
            let verdict = try stage.verdict()
            guard verdict.isClean else { return verdict }
            try repairBroker()
            try startMisled()
            guard stage.engine.isRunning else {
                throw TimedOut(description: "Winback ended by itself:\n\(stage.engine.log.suffix(2000))")
            }
            return verdict.clock >= moment ? verdict : nil
        }
        return verdict.isClean ? try stage.verdict("find_missed", ["moment": moment]) : verdict
    }

    /// A broker that comes back may have lost its groups by a fault of its own; whoever runs it starts it again.
    private func repairBroker() throws {
        let now = Date()
        guard now.timeIntervalSince(lastLook) >= Self.lookSeconds else { return }
        lastLook = now
        guard stage.broker.hasLostGroups else { return }
        try stage.broker.kill()
        try stage.broker.restart()
        report.brokerRepairs += 1
        settings.say("the broker gave up its groups when it came back, and was started again")
    }

    /// A broker that goes back to an earlier state of a group tells Winback of a member that it takes for its successor, or
    /// of offsets from before the last commit, and Winback ends: it can't know better. Whoever runs both finds no other
    /// Winback and no restored backup, and starts them again.
    private func startMisled() throws {
        guard !stage.engine.isRunning, stage.broker.hasLoadedGroupsTwice else { return }
        let log = stage.engine.log
        guard log.contains("has taken over as") || log.contains("The committed offset of group") else { return }
        try stage.broker.kill()
        try stage.broker.restart()
        try stage.restart()
        report.misleadings += 1
        settings.say("the broker went back to an earlier state of its group; it and Winback were started again")
    }

    private func perform(_ disturbance: Disturbance) throws {
        switch disturbance {
        case .killAtRandom: try killAtRandom()
        case .killAfterFsync:
            // Nothing is said of a transaction before its frames are durable.
            try kill(
                at: [[KafkaProxy.API.addPartitionsToTransaction, KafkaProxy.API.addOffsetsToTransaction]], .request)
        case .killBeforeEnd:
            try kill(at: [[KafkaProxy.API.transactionOffsetCommit], [KafkaProxy.API.endTransaction]], .request)
        case .killBeforeAnswer: try kill(at: [[KafkaProxy.API.endTransaction]], .response)
        case .zombie: try wakeZombie()
        case .brokerKill: try killBroker()
        case .slowNetwork: try slowNetwork()
        case .hangingNetwork: try hangNetwork()
        case .cutNetwork: try cutNetwork()
        case .halfClosedNetwork: try halfCloseNetwork()
        case .fullDisk: try fillDisk()
        case .failingWrites: try failWrites()
        case .secondInstance: try startSecondInstance()
        }
    }

    /// Waits some seconds, whatever the seed says.
    func wait(_ seconds: ClosedRange<Double>) {
        Thread.sleep(forTimeInterval: Double.random(in: seconds, using: &random))
    }

    func require(_ condition: Bool, _ words: @autoclosure () -> String) throws {
        if !condition { throw TimedOut(description: words()) }
    }
}
