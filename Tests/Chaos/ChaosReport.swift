import Foundation

/// How a run went, as a table for people.
public struct ChaosReport: Sendable {
    struct Row: Sendable {
        var cycles = 0
        var seconds = 0.0
        var longestGap = 0.0
        var violations: [Verdict.Violation: Int] = [:]
    }

    private var rows: [Disturbance: Row] = [:]
    public private(set) var verdict = Verdict()
    /// What went wrong besides: a refusal that did not come, an engine that ended by itself, no progress.
    public internal(set) var failures: [String] = []
    /// How often the broker had to be started again because it had lost its groups by itself.
    public internal(set) var brokerRepairs = 0
    /// How often Winback ended because the broker had gone back to an earlier state of its group, and both were started again.
    public internal(set) var misleadings = 0
    /// Where the logs of a run lie that went wrong.
    public internal(set) var folder: URL?

    public var cycles: Int { rows.values.reduce(0) { $0 + $1.cycles } }
    public var disturbances: Set<Disturbance> { Set(rows.keys) }
    public var isClean: Bool { failures.isEmpty && verdict.isClean }

    /// Adds a cycle with the oracle's verdict behind it; what is new in that is laid at this disturbance's door.
    mutating func add(_ disturbance: Disturbance, seconds: Double, _ next: Verdict) {
        var row = rows[disturbance] ?? Row()
        row.cycles += 1
        row.seconds += seconds
        row.longestGap = max(row.longestGap, next.gapSeconds)
        for violation in Verdict.Violation.allCases {
            row.violations[violation, default: 0] +=
                (next.violations[violation] ?? 0) - (verdict.violations[violation] ?? 0)
        }
        rows[disturbance] = row
        verdict = next
    }

    /// The verdict after the last cycle: of a reader that has read everything again.
    mutating func end(with last: Verdict) { verdict = last }

    public var text: String {
        let titles = ["disturbance", "cycles", "s a cycle", "longest gap"] + Verdict.Violation.allCases.map(\.rawValue)
        var lines = [titles]
        for disturbance in Disturbance.allCases {
            guard let row = rows[disturbance] else { continue }
            lines.append(
                Self.line(disturbance.rawValue, row.cycles, row.seconds, row.longestGap) { row.violations[$0] ?? 0 })
        }
        let all = rows.values
        lines.append(
            Self.line("all", cycles, all.reduce(0) { $0 + $1.seconds }, all.map(\.longestGap).max() ?? 0) {
                verdict.violations[$0] ?? 0
            })
        let widths = titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        var text = lines.map { line in
            line.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - line[column].count)
                return column == 0 ? line[column] + space : space + line[column]
            }.joined(separator: "  ")
        }
        func count(_ name: String) -> Int { verdict.counts[name] ?? 0 }
        text.append(
            "\(count("events")) events (\(count("acknowledged")) people, \(count("bought")) purchases, "
                + "\(count("bad")) unreadable), \(count("reminders")) reminders, \(count("deadLetters")) dead letters")
        if brokerRepairs > 0 { text.append("broker started again because it had lost its groups: \(brokerRepairs)") }
        if misleadings > 0 {
            text.append("both started again because the broker had gone back to earlier groups: \(misleadings)")
        }
        text += verdict.examples.map { "  \($0)" } + (failures + verdict.failures).map { "failure: \($0)" }
        if let folder { text.append("The logs are in \(folder.path)") }
        return text.joined(separator: "\n")
    }

    private static func line(
        _ name: String, _ cycles: Int, _ seconds: Double, _ gap: Double, _ violations: (Verdict.Violation) -> Int
    ) -> [String] {
        let average = cycles == 0 ? 0 : seconds / Double(cycles)
        return [name, String(cycles), String(format: "%.1f", average), String(format: "%.1f s", gap)]
            + Verdict.Violation.allCases.map { String(violations($0)) }
    }
}
