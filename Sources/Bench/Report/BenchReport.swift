import Foundation
import Terminal

/// The figures of all runs.
struct BenchReport {
    private(set) var figures: [Figure] = []
    /// Whether goals are judged: not at sizes that they were not set for.
    var judges = true

    /// Takes a figure of the run under way, and says it.
    mutating func add(_ figure: Figure) {
        precondition(figure.values.allSatisfy { $0.isFinite }, "\(figure.name) is a number")
        if let index = figures.firstIndex(where: { $0.name == figure.name }) {
            figures[index].append(figure)
        } else {
            figures.append(figure)
        }
        Self.say("  \(figure.name): \(Self.text(figure.value)) \(figure.unit)")
    }

    static func say(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

    func printTable() throws {
        let hasSpread = figures.contains { $0.values.count > 1 }
        var columns = [Table.Column("goal"), Table.Column("figure"), Table.Column("value")]
        if hasSpread { columns.append(Table.Column("spread")) }
        columns += ["unit", "wanted", "met", "ratio", "note"].map { Table.Column($0) }
        var table = Table(columns, format: try .fitting(.output), now: 0)
        for figure in figures {
            var cells: [Cell] = [.text(figure.goalID), .text(figure.name), .text(Self.text(figure.value))]
            if hasSpread { cells.append(.text(figure.spread.text)) }
            cells += [
                .text(figure.unit), .text(figure.goal?.text),
                .text(judges ? figure.isMet.map { $0 ? "yes" : "no" } : nil),
                .text(Self.ratioText(figure)), .text(figure.note),
            ]
            table.append(cells)
        }
        table.finish()
    }

    private static func ratioText(_ figure: Figure) -> String? {
        guard let beside = figure.beside, let ratio = figure.ratio else { return nil }
        return "\(self.ratio(ratio)) of \(beside.name) (\(text(Spread(beside.values).median)))"
    }

    /// As a percentage below three, and as a multiple above.
    static func ratio(_ value: Double) -> String {
        value < 3 ? percent(value) : "\(text(value)) x"
    }

    static func percent(_ share: Double) -> String { NumberText.fixed(share * 100, share < 1 ? 1 : 0) + " %" }

    static func text(_ value: Double) -> String {
        if value.magnitude >= 1000 { return NumberText.grouped(Int64(value.rounded())) }
        return NumberText.fixed(value, value.magnitude >= 100 ? 0 : value.magnitude >= 10 ? 1 : 3)
    }
}
