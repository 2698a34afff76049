import Journey
import Leads
import Terminal

/// Results for people, with bars, and for programs, with a row for each step and one for what happened without.
struct ResultsReport {
    let results: [PolicyResults]
    let period: Range<Instant>
    var screen = Screen.output

    /// The width of a bar that stands for all.
    static let barWidth = 20

    func write(format: Table.Format) {
        switch format {
        case .aligned: writeBlocks()
        case .tsv, .csv, .json: writeTable(format)
        }
    }

    // MARK: For people

    private func writeBlocks() {
        let (since, until) = (period.lowerBound.milliseconds, period.upperBound.milliseconds)
        screen.line(
            "Journeys opened from \(TimeText.readable(since)) to \(TimeText.readable(until)) UTC, and what became of them"
        )
        for policy in results {
            screen.line()
            screen.line(screen.styled(policy.policy, .bold) + "  \(Self.count(policy.opened)) opened")
            for line in lines(policy) { screen.line(line) }
        }
        if results.allSatisfy({ $0.opened == 0 }) { screen.line("No journey was opened in this time.") }
    }

    private func lines(_ policy: PolicyResults) -> [String] {
        var rows = [Row("before any reminder", policy.convertedUnreminded, of: policy.opened)]
        for (index, step) in policy.steps.enumerated() {
            var row = Row("after \(index + 1) \(step.template)", sent: step.reminded, step.converted, of: step.reminded)
            let skips = SkipReason.allCases.filter { step[$0] > 0 }.map { "\(Self.count(step[$0])) \($0.name)" }
            if !skips.isEmpty { row.note = "skipped: \(skips.joined(separator: ", "))" }
            rows.append(row)
        }
        rows.append(Row("in all", policy.converted, of: policy.opened))
        let width = rows.map(\.title.count).max() ?? 0
        let sent = rows.map(\.sent.count).max() ?? 0
        let bought = rows.map(\.bought.count).max() ?? 0
        let others = [
            ("open", policy.open), ("expired", policy.expired), ("cancelled", policy.cancelled),
            ("superseded", policy.superseded), ("opted out", policy.optedOut), ("erased", policy.erased),
        ].map { "\(Self.count($1)) \($0)" }.joined(separator: ", ")
        return rows.map { line($0, width, sent: sent, bought: bought) }
            + ["  \("the others".padded(to: width))  \(others)"]
    }

    private struct Row {
        var title: String
        var sent: String
        var bought: String
        /// `nil` where there is nothing to be a share of.
        var share: Double?
        var note = ""

        /// - Parameter sent: `nil` where no reminder is what it is about.
        init(_ title: String, sent: Int? = nil, _ converted: Int, of whole: Int) {
            self.title = title
            self.sent = sent.map { "\(count($0)) sent" } ?? ""
            bought = "\(count(converted)) bought"
            share = ResultsReport.share(converted, of: whole)
        }
    }

    private func line(_ row: Row, _ width: Int, sent: Int, bought: Int) -> String {
        let percent = row.share.map { NumberText.fixed($0 * 100, 1) + " %" } ?? "–"
        let bar = Self.bar(row.share ?? 0)
        let text =
            "  \(row.title.padded(to: width))  \(row.sent.padded(to: sent, right: true))  "
            + "\(row.bought.padded(to: bought, right: true))  \(percent.padded(to: 7, right: true))"
        if row.note.isEmpty { return bar.isEmpty ? text : text + "  " + screen.styled(bar, .green) }
        return text + "  " + screen.styled(bar.padded(to: Self.barWidth), .green) + "  " + screen.styled(row.note, .dim)
    }

    private static func count(_ number: Int) -> String { NumberText.grouped(Int64(number)) }

    static func share(_ part: Int, of whole: Int) -> Double? { whole > 0 ? Double(part) / Double(whole) : nil }

    /// In eighths of a cell, so that small shares show.
    static func bar(_ share: Double, width: Int = barWidth) -> String {
        let eighths = Int((min(1, max(0, share)) * Double(width * 8)).rounded())
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    }

    // MARK: For programs

    private func writeTable(_ format: Table.Format) {
        let reasons = SkipReason.allCases.map { (reason: $0, key: "skipped_" + $0.name.replacing("-", with: "_")) }
        var table = Table(
            ["policy", "step", "template", "opened", "reminded", "converted", "share"].map { Table.Column($0) }
                + reasons.map { Table.Column($0.key) }
                + ["open", "expired", "cancelled", "superseded", "opted_out", "erased"].map { Table.Column($0) },
            format: format, now: 0, screen: screen)
        for policy in results {
            table.append(
                [
                    .text(policy.policy), .number(0), .none, .number(policy.opened), .none,
                    .number(policy.convertedUnreminded), share(policy.convertedUnreminded, policy.opened),
                ] + reasons.map { _ in .none }
                    + [
                        .number(policy.open), .number(policy.expired), .number(policy.cancelled),
                        .number(policy.superseded), .number(policy.optedOut), .number(policy.erased),
                    ])
            for (index, step) in policy.steps.enumerated() {
                table.append(
                    [
                        .text(policy.policy), .number(index + 1), .text(step.template), .none, .number(step.reminded),
                        .number(step.converted), share(step.converted, step.reminded),
                    ] + reasons.map { .number(step[$0.reason]) } + Array(repeating: .none, count: 6))
            }
        }
        table.finish()
    }

    private func share(_ part: Int, _ whole: Int) -> Cell {
        Self.share(part, of: whole).map { .decimal($0, places: 4) } ?? .none
    }
}

extension String {
    func padded(to width: Int, right: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, width - count))
        return right ? spaces + self : self + spaces
    }
}
