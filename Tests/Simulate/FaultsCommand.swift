import DiskTestSupport
import Foundation
import Simulator

/// `--faults [--part K/N]` walks through all faults of a fixed history; `--fault POINT` plays one again and tells how it went.
struct FaultsCommand {
    private var part = 0
    private var parts = 1
    private var only: FaultPoint?

    /// Of how many of the history's first commits pairs are walked.
    private static let pairedCommits = 0..<6

    init?(_ words: [String]) {
        switch words.count {
        case 1 where words[0] == "--faults": return
        case 2 where words[0] == "--fault":
            guard let point = FaultPoint(words[1]) else { return nil }
            only = point
        case 3 where words[0] == "--faults" && words[1] == "--part":
            let numbers = words[2].split(separator: "/").compactMap { Int($0) }
            guard numbers.count == 2, numbers[0] >= 1, numbers[0] <= numbers[1] else { return nil }
            (part, parts) = (numbers[0] - 1, numbers[1])
        default: return nil
        }
    }

    func run() throws {
        let walk = try FaultWalk()
        let census = walk.play(keepsSteps: true)
        if let only {
            Main.say(census.steps.first { $0.number == only.call }?.description ?? "there is no such call")
            return tell(only, walk.play(only))
        }
        guard census.violations.isEmpty else { return tell(nil, census) }
        let steps = census.steps
        var tally = Tally()
        for (index, point) in walk.singles(steps).enumerated() where index % parts == part {
            tally.add(point, walk.play(point), steps)
        }
        let singles = tally.count
        Main.say("\(steps.count) calls, each with every fault that it can meet: \(singles) points")
        for (index, point) in walk.strikes(steps).enumerated() where index % parts == part {
            tally.add(point, walk.play(point), steps)
        }
        let struck = tally.count - singles
        Main.say("each call with a kill, and every strike before the next start: \(struck) points")
        for (index, first) in walk.firsts(steps, commits: Self.pairedCommits).enumerated() where index % parts == part {
            for point in walk.pairs(first) { tally.add(point, walk.play(point), steps) }
        }
        tally.end(singles + struck)
    }

    private func tell(_ point: FaultPoint?, _ outcome: FaultWalk.Outcome) {
        Main.say("\(point?.description ?? "no fault"): processes ended with \(outcome.endings)")
        for violation in outcome.violations { Main.say("  \(violation)") }
        if !outcome.violations.isEmpty { exit(1) }
    }

    private struct Tally {
        private let start = Date()
        private(set) var count = 0
        private var happened: [Fault: Int] = [:]
        private var struck: [Strike: Int] = [:]
        private static let progressPoints = 1_000

        private var rate: String { String(format: "%.0f", Double(count) / Date().timeIntervalSince(start)) }

        mutating func add(_ point: FaultPoint, _ outcome: FaultWalk.Outcome, _ steps: [FaultWalk.Step]) {
            count += 1
            happened.merge(outcome.happened) { $0 + $1 }
            struck.merge(outcome.struck) { $0 + $1 }
            if count % Self.progressPoints == 0 { Main.say("\(count) points, \(rate) points/s; now at \(point)") }
            guard !outcome.violations.isEmpty else { return }
            let step = steps.first { $0.number == point.call }
            let place = step?.description ?? "call \(point.call)"
            Main.say("\(point) breaks a promise: \(point.fault.rawValue) at \(place)")
            if let strike = point.strike { Main.say("  and \(strike.rawValue) before the next start") }
            if let second = point.second { Main.say("  and \(second.fault.rawValue) \(second.callsLater) calls later") }
            for violation in outcome.violations { Main.say("  \(violation)") }
            Main.say("processes ended with \(outcome.endings)")
            Main.say("repeat it: scripts/simulate --fault \(point)")
            exit(1)
        }

        func end(_ unpaired: Int) {
            for (fault, times) in happened.sorted(by: { $0.key < $1.key }) { Main.say("  \(fault.rawValue): \(times)") }
            for (strike, times) in struck.sorted(by: { $0.key < $1.key }) { Main.say("  \(strike.rawValue): \(times)") }
            Main.say(
                "\(count) fault points, \(count - unpaired) of them pairs, no promise broken; \(rate) points/s")
        }
    }
}
