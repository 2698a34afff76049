import Foundation
import Terminal

/// Two states of the program, each from one report or several: what has changed, and whether by more than runs differ
/// anyway.
struct ReportComparison {
    private let before: Side
    private let after: Side

    /// All runs of a side, by figure.
    private struct Side {
        var order: [ReportFile.Entry] = []
        var values: [String: [Double]] = [:]
        /// To what was measured beside it in the same run.
        var ratios: [String: [Double]] = [:]
        var machines: [ReportFile.Machine] = []
        var prospects: Set<Int> = []

        init(_ paths: [String]) throws {
            for path in paths {
                let file = try ReportFile.read(path)
                if !machines.contains(file.machine) { machines.append(file.machine) }
                prospects.insert(file.prospects)
                for entry in file.figures {
                    if values[entry.figure] == nil { order.append(entry) }
                    values[entry.figure, default: []] += entry.values
                    if !entry.ratios.isEmpty { ratios[entry.figure, default: []] += entry.ratios }
                }
            }
        }
    }

    /// - Parameters: paths, parted by commas.
    init(before: String, after: String) throws {
        self.before = try Side(before.split(separator: ",").map(String.init))
        self.after = try Side(after.split(separator: ",").map(String.init))
        guard self.before.prospects == self.after.prospects, self.before.prospects.count <= 1 else {
            throw BenchError(
                "the reports are of different sizes (\(text(self.before.prospects)) and "
                    + "\(text(self.after.prospects)) prospects): measure both with the same --prospects")
        }
    }

    func print() throws {
        if before.machines != after.machines || before.machines.count > 1 {
            BenchReport.say("The reports are of different machines: what has changed may be the machine.")
        }
        var table = Table(
            ["goal", "figure", "unit", "before", "after", "change", "verdict", "ratio"].map { Table.Column($0) },
            format: try .fitting(.output), now: 0)
        for entry in before.order {
            let old = before.values[entry.figure].map(Spread.init)
            let new = after.values[entry.figure].map(Spread.init)
            table.append(row(entry, old, new))
        }
        for entry in after.order where before.values[entry.figure] == nil {
            table.append(row(entry, nil, after.values[entry.figure].map(Spread.init)))
        }
        table.finish()
    }

    private func row(_ entry: ReportFile.Entry, _ old: Spread?, _ new: Spread?) -> [Cell] {
        var change: String?
        var verdict: String?
        if let old, let new, old.median > 0 {
            let share = new.median / old.median - 1
            change = (share < 0 ? "-" : "+") + BenchReport.percent(share.magnitude)
            verdict = Self.verdict(old, new, isCost: entry.isCost)
        } else if old == nil || new == nil {
            verdict = old == nil ? "only after" : "only before"
        }
        return [
            .text(entry.goal), .text(entry.figure), .text(entry.unit), .text(old.map(Self.text)),
            .text(new.map(Self.text)),
            .text(change), .text(verdict), .text(ratios(of: entry.figure)),
        ]
    }

    /// As in `37.1 % -> 41.0 %`: what a slower machine changes least.
    private func ratios(of figure: String) -> String? {
        let sides = [before, after].map { $0.ratios[figure].map { BenchReport.ratio(Spread($0).median) } }
        guard sides.contains(where: { $0 != nil }) else { return nil }
        return sides.map { $0 ?? "–" }.joined(separator: " -> ")
    }

    /// A change counts where no run of one side lies among those of the other; of single runs nobody knows.
    static func verdict(_ old: Spread, _ new: Spread, isCost: Bool) -> String {
        if old.sorted == new.sorted { return "the same" }
        guard old.sorted.count > 1, new.sorted.count > 1 else { return "unknown: one run" }
        guard new.isApart(from: old) else { return "within the spread" }
        return (new.median < old.median) == isCost ? "better" : "worse"
    }

    private static func text(_ spread: Spread) -> String {
        BenchReport.text(spread.median) + (spread.text.map { " \($0)" } ?? "")
    }

    private func text(_ numbers: Set<Int>) -> String {
        numbers.sorted().map { NumberText.grouped(Int64($0)) }.joined(separator: ", ")
    }
}
