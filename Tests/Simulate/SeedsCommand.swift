import DiskTestSupport
import Foundation
import Simulator

/// `[--seeds N] [--from SEED]`: plays one seed after the other until a promise is broken; then the history is shrunk.
struct SeedsCommand {
    private var seeds: UInt64 = 100
    private var from: UInt64 = 1

    /// How long shrinking may take.
    private static let shrinkSeconds = 60.0
    /// One of so many seeds is played a second time, in another course of the same events.
    private static let comparedSeeds: UInt64 = 4

    init?(_ words: [String]) {
        guard words.count % 2 == 0 else { return nil }
        for place in stride(from: 0, to: words.count, by: 2) {
            guard let number = UInt64(words[place + 1]) else { return nil }
            switch words[place] {
            case "--seeds": seeds = number
            case "--from": from = number
            default: return nil
            }
        }
    }

    private struct Tally {
        var events = 0
        var reminders = 0
        var failures = 0
        var operations = 0
        var met: [Row: Int] = [:]
        var happened: [Fault: Int] = [:]
        var struck: [Strike: Int] = [:]
        var recoveries = 0

        mutating func add(_ report: Simulation.Report) {
            events += report.events
            reminders += report.reminders
            failures += report.powerFailures
            operations += report.operations
            met.merge(report.met) { $0 + $1 }
            happened.merge(report.happened) { $0 + $1 }
            struck.merge(report.struck) { $0 + $1 }
            recoveries += report.recoveries
        }
    }

    func run() throws {
        let start = Date()
        var tally = Tally()
        for number in 0..<seeds {
            let plan = Plan(seed: from + number, settings: Simulation.Settings())
            let report = try Simulation(plan).run()
            tally.add(report)
            guard report.violations.isEmpty else { return shrink(plan, report) }
            if number % Self.comparedSeeds == 0 { try compare(plan, report, &tally) }
            let seconds = Date().timeIntervalSince(start)
            Main.say(
                "seed \(plan.seed): \(report.events) events, \(report.reminders) reminders, \(report.deadLetters) dead "
                    + "letters, \(report.powerFailures) power failures, \(report.operations) operations; "
                    + "\(String(format: "%.2f", Double(number + 1) / seconds)) seeds/s")
        }
        tell(tally)
    }

    /// The same events without a fault: what is sent is the same, or a journal says why not.
    private func compare(_ plan: Plan, _ report: Simulation.Report, _ tally: inout Tally) throws {
        let calm = Differential.calm(plan)
        let other = try Simulation(calm).run()
        tally.add(other)
        guard other.violations.isEmpty else { return shrink(calm, other) }
        let differences = Differential(report, other).differences
        guard !differences.isEmpty else { return }
        Main.say("seed \(plan.seed) breaks a promise: the same events have come to other commands")
        for difference in differences.prefix(12) { Main.say("  \(difference)") }
        exit(1)
    }

    private func shrink(_ plan: Plan, _ report: Simulation.Report) {
        Main.say("seed \(plan.seed) breaks a promise:")
        for violation in report.violations { Main.say("  \(violation)") }
        Main.say("shrinking its history, for up to \(Int(Self.shrinkSeconds)) s")
        var shrinker = Shrinker(plan, report, seconds: Self.shrinkSeconds)
        shrinker.shrink()
        Main.say("seed \(plan.seed), shrunk in \(shrinker.runs) runs:")
        for line in shrinker.text { Main.say("  \(line)") }
        exit(1)
    }

    private func tell(_ tally: Tally) {
        Main.say("how often each row of the semantics was met:")
        for row in Row.allCases { Main.say("\(Self.right(tally.met[row] ?? 0))  \(row.rawValue)") }
        Main.say("what failed, and how often:")
        for (fault, count) in tally.happened.sorted(by: { $0.key < $1.key }) {
            Main.say("\(Self.right(count))  \(fault.rawValue)")
        }
        Main.say("what happened between two starts, and how often:")
        for (strike, count) in tally.struck.sorted(by: { $0.key < $1.key }) {
            Main.say("\(Self.right(count))  \(strike.rawValue)")
        }
        Main.say("\(Self.right(tally.recoveries))  times an operator had to say where to go on")
        let unmet = Row.allCases.filter { tally.met[$0] == nil }
        if !unmet.isEmpty { Main.say("\(unmet.count) rows were never met: more seeds are needed") }
        Main.say(
            "\(seeds) seeds, no promise broken: \(tally.events) events, \(tally.reminders) reminders, "
                + "\(tally.failures) power failures, \(tally.operations) operations on disk and network")
    }

    private static func right(_ number: Int) -> String {
        String(repeating: " ", count: max(0, 10 - "\(number)".count)) + "\(number)"
    }
}
