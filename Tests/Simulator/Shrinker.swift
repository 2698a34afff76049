import DiskTestSupport
import Foundation

/// Takes away from a run that breaks a promise whatever it breaks it without: prospects, then events, then faults.
///
/// Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002).
public struct Shrinker {
    public private(set) var plan: Plan
    public private(set) var report: Simulation.Report
    /// How many runs it took.
    public private(set) var runs = 0
    private let deadline: Date

    /// - Parameter seconds: what it may take; then what has been reached is good enough.
    public init(_ plan: Plan, _ report: Simulation.Report, seconds: Double) {
        self.plan = plan
        self.report = report
        deadline = Date().addingTimeInterval(seconds)
    }

    public mutating func shrink() {
        // Mostly it is one of those whom it concerns.
        keep { plan, violations in
            plan.stories = plan.stories.filter { story in
                violations.contains { $0.contains(" \(story.prospect)-") }
            }
        }
        reduce({ $0.stories }, { $0.stories = $1 })
        for index in plan.stories.indices {
            reduce({ $0.stories[index].happenings }, { $0.stories[index].happenings = $1 })
        }
        keep { plan, _ in plan.settings.powerLasts = nil }
        keep { plan, _ in plan.settings.faults = [:] }
        for fault in Fault.allCases where plan.settings.faults[fault] != nil {
            keep { plan, _ in plan.settings.faults[fault] = nil }
        }
        keep { plan, _ in plan.settings.strikes = [] }
        for strike in plan.settings.strikes.sorted() { keep { plan, _ in plan.settings.strikes.remove(strike) } }
        keep { plan, _ in (plan.change, plan.changesAt) = (nil, .max) }
        for story in plan.stories.indices {
            for place in plan.stories[story].happenings.indices {
                keep { plan, _ in plan.stories[story].happenings[place].transaction = nil }
            }
        }
    }

    /// Keeps a change if the run still breaks a promise.
    private mutating func keep(_ change: (inout Plan, [String]) -> Void) {
        var smaller = plan
        change(&smaller, report.violations)
        _ = accept(smaller)
    }

    private mutating func accept(_ smaller: Plan) -> Bool {
        guard Date() < deadline, smaller.stories.contains(where: { !$0.happenings.isEmpty }) else { return false }
        runs += 1
        guard let found = try? Simulation(smaller).run(), !found.violations.isEmpty else { return false }
        (plan, report) = (smaller, found)
        return true
    }

    /// Leaves out parts, first large ones, as long as something can be left out.
    private mutating func reduce<T>(_ list: (Plan) -> [T], _ set: (inout Plan, [T]) -> Void) {
        var parts = 2
        while true {
            let all = list(plan)
            guard all.count > 1 else { return }
            parts = min(parts, all.count)
            let size = (all.count + parts - 1) / parts
            var isSmaller = false
            for start in stride(from: 0, to: all.count, by: size) {
                var smaller = plan
                set(&smaller, Array(all[..<start] + all[min(start + size, all.count)...]))
                if accept(smaller) {
                    isSmaller = true
                    break
                }
            }
            if isSmaller {
                parts = max(2, parts - 1)
            } else if size == 1 || Date() > deadline {
                return
            } else {
                parts *= 2
            }
        }
    }

    /// The history that is left, and what is broken, as people read it.
    public var text: [String] {
        var lines = ["\(plan.stories.reduce(0) { $0 + $1.happenings.count }) messages are left:"]
        let happenings = plan.stories.flatMap(\.happenings).sorted { $0.publishedAt < $1.publishedAt }
        lines += happenings.map { "  \($0)" }
        if plan.configuration.identity == .email { lines.append("identity: email") }
        if plan.change != nil {
            lines.append(
                "another configuration from \(Happening.text(plan.changesAt)) on\(plan.migrates ? ", with --migrate" : "")"
            )
        }
        lines.append(plan.settings.powerLasts == nil ? "the power never fails" : "the power fails now and then")
        let faults = plan.settings.faults.keys.map(\.rawValue).sorted()
        lines.append(faults.isEmpty ? "nothing else fails" : "what else fails: \(faults.joined(separator: ", "))")
        let strikes = plan.settings.strikes.map(\.rawValue).sorted()
        if !strikes.isEmpty { lines.append("what happens between lives: \(strikes.joined(separator: ", "))") }
        lines.append("broken:")
        lines += report.violations.map { "  \($0)" }
        return lines + report.accounts.prefix(3).joined().map { "  \($0)" }
    }
}
