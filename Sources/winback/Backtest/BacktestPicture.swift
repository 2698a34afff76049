import Audit
import Journey
import Terminal

/// Both sides beside each other, a line for each figure, with bars that are measured by the largest figure of the policy.
struct BacktestPicture {
    let report: BacktestReport

    private static let barWidth = 12
    private static let numberWidth = 9

    private var screen: Screen { report.screen }
    private var result: BacktestResult { report.result }

    private struct Row {
        var title: String
        /// `nil` on a side that has no such thing.
        var recorded: Int?
        var candidate: Int?
        var note = ""
        var style = Style.green
    }

    func write() {
        let grouped = NumberText.grouped(Int64(result.events))
        screen.line(
            "\(screen.styled(report.file, .bold)) over \(grouped) events; journeys opened \(periodText)")
        screen.line(checkText)
        for policy in result.policies { write(policy) }
        screen.line()
        for limit in limits { screen.line(screen.styled("· " + limit, .dim)) }
    }

    private var periodText: String {
        let first = max(report.period.lowerBound, result.firstEvent)
        let last = min(report.period.upperBound, result.lastEvent)
        return "\(TimeText.readable(first.milliseconds)) – \(TimeText.readable(last.milliseconds)) UTC"
    }

    private var checkText: String {
        let check = result.check
        if let baseline = report.baseline { return "Compared with \(baseline), folded in the same way." }
        let counts = "\(number(check.same)) of \(number(check.recorded)) reminders the same"
        let line = "The recorded policies, replayed the same way: \(counts)"
        if check.isSame { return line + screen.styled(" ✓", .green) }
        let extra = check.extra > 0 ? ", \(number(check.extra)) that were not sent" : ""
        return screen.styled(line + extra + ". The candidate's figures can be off by as much.", .red)
    }

    // MARK: A policy

    private func write(_ policy: BacktestPolicy) {
        if policy.recorded == policy.candidate, policy.mailedByRecorded + policy.mailedByCandidate == 0 {
            let side = policy.recorded
            screen.line()
            screen.line(
                screen.styled(policy.name, .bold) + "  the same on both sides: \(number(side.opened)) opened, "
                    + "\(number(side.sent)) sent, \(number(side.bought)) bought")
            return
        }
        let rows = rows(policy)
        let width = rows.map(\.title.count).max() ?? 0
        let most = rows.flatMap { [$0.recorded ?? 0, $0.candidate ?? 0] }.max() ?? 0
        screen.line()
        screen.line(screen.styled(policy.name, .bold) + hint(policy))
        let left = (report.baseline == nil ? "as it was" : "configured").padded(to: Self.numberWidth, right: true)
        let right = "tried".padded(to: Self.numberWidth, right: true)
        let gap = String(repeating: " ", count: Self.barWidth + 2)
        screen.line(screen.styled("  \("".padded(to: width))  \(left)\(gap)\(right)", .dim))
        for row in rows { screen.line(line(row, width, most)) }
        for line in waits(policy) + people(policy) { screen.line("  " + line) }
        names(policy.recordedExamples, of: policy.mailedByRecorded, "not mailed any more")
        names(policy.candidateExamples, of: policy.mailedByCandidate, "mailed in addition")
    }

    private func hint(_ policy: BacktestPolicy) -> String {
        if policy.recorded.policy == nil { return "  new: it was not there" }
        if policy.candidate.policy == nil { return "  not among those that are tried" }
        return policy.recorded.policy == policy.candidate.policy ? "  as the newest version" : ""
    }

    private func rows(_ policy: BacktestPolicy) -> [Row] {
        let recorded = policy.recorded.policy.map { _ in policy.recorded }
        let candidate = policy.candidate.policy.map { _ in policy.candidate }
        func row(_ title: String, _ style: Style = .green, _ figure: (BacktestSide) -> Int?) -> Row {
            Row(title: title, recorded: recorded.flatMap(figure), candidate: candidate.flatMap(figure), style: style)
        }
        var rows = [row("opened", .cyan) { $0.opened }]
        let steps = max(policy.recorded.steps.count, policy.candidate.steps.count)
        func step(_ side: BacktestSide, _ index: Int) -> BacktestSide.Step? {
            index < side.steps.count ? side.steps[index] : nil
        }
        for index in 0..<steps {
            rows.append(row("step \(index + 1) sent", .yellow) { step($0, index)?.sent })
        }
        for reason in SkipReason.allCases where policy.recorded.skipped(reason) + policy.candidate.skipped(reason) > 0 {
            rows.append(row("skipped: \(reason.name)", .dim) { $0.skipped(reason) })
        }
        rows.append(row("bought before any") { $0.boughtUnreminded })
        for index in 0..<steps {
            rows.append(row("bought after step \(index + 1)") { step($0, index)?.bought })
        }
        rows.append(row("… within 7 d of it") { $0.boughtWithinWeek })
        return rows
    }

    private func line(_ row: Row, _ width: Int, _ most: Int) -> String {
        func side(_ figure: Int?) -> String {
            let share = most > 0 ? Double(figure ?? 0) / Double(most) : 0
            let bar = ResultsReport.bar(share, width: Self.barWidth).padded(to: Self.barWidth)
            return (figure.map(number) ?? "–").padded(to: Self.numberWidth, right: true) + "  "
                + screen.styled(bar, row.style)
        }
        let line = "  \(row.title.padded(to: width))  \(side(row.recorded))\(side(row.candidate))  \(difference(row))"
        return screen.usesColour ? line : String(line.reversed().drop { $0 == " " }.reversed())
    }

    private func difference(_ row: Row) -> String {
        guard let recorded = row.recorded, let candidate = row.candidate, recorded != candidate else { return "" }
        return candidate > recorded ? "+\(number(candidate - recorded))" : "−\(number(recorded - candidate))"
    }

    /// What differs between the steps of both sides.
    private func waits(_ policy: BacktestPolicy) -> [String] {
        func texts(_ policy: Policy?) -> [String] {
            guard let policy else { return [] }
            return policy.steps.indices.map {
                "\(policy.steps[$0].template) \(PolicyTable.wait(of: policy, step: $0))"
            }
        }
        let (old, new) = (texts(policy.recorded.policy), texts(policy.candidate.policy))
        guard !old.isEmpty, !new.isEmpty else { return [] }
        return (0..<max(old.count, new.count)).compactMap { index in
            let (was, tried) = (index < old.count ? old[index] : "none", index < new.count ? new[index] : "none")
            return was == tried ? nil : "step \(index + 1): \(was) → \(tried)"
        }
    }

    private func people(_ policy: BacktestPolicy) -> [String] {
        let all = policy.mailedByBoth + policy.mailedByRecorded + policy.mailedByCandidate
        guard all > 0 else { return [] }
        var lines = [
            "people mailed: \(number(policy.mailedByBoth)) on both sides, \(number(policy.mailedByRecorded)) not any more, "
                + "\(number(policy.mailedByCandidate)) in addition"
        ]
        if policy.mailsSaved + policy.mailsAdded > 0 {
            lines.append(
                "to those who bought, by then: \(number(policy.mailsSaved)) mails saved, \(number(policy.mailsAdded)) added"
            )
        }
        return lines
    }

    private func names(_ examples: [BacktestExample], of all: Int, _ title: String) {
        guard all > 0, !examples.isEmpty else { return }
        let count = examples.count < all ? ", the first \(examples.count) of \(number(all))" : ""
        screen.line("  " + title + count)
        for example in examples {
            screen.line("    \(TimeText.readable(example.at.milliseconds))  \(Self.name(of: example))")
        }
    }

    private static func name(of example: BacktestExample) -> String {
        let names = [example.prospectID, example.email, example.message].filter { !$0.isEmpty }
        return names.isEmpty ? "(erased)" : names.joined(separator: "  ")
    }

    // MARK: Limits

    private var limits: [String] {
        let limits = result.limits
        var lines = ["People's reactions are as they were: a purchase after a reminder may not have come without it."]
        if limits.purchasesAfterOtherMails > 0 {
            lines.append(
                "\(number(limits.purchasesAfterOtherMails)) purchases came after another last mail than the tried policies would have sent, or after none."
            )
        }
        if !limits.unknownFields.isEmpty {
            lines.append(
                "Not recorded all the time, and taken to be there: \(limits.unknownFields.joined(separator: ", ")).")
        }
        if limits.withoutDetails > 0 {
            lines.append(
                "Of \(number(limits.withoutDetails)) events more is asked than was kept: their fields are taken to be there."
            )
        }
        if limits.withoutTenant > 0 {
            lines.append("Of \(number(limits.withoutTenant)) openings the tenant is not known: they open nothing.")
        }
        if limits.unknownTypes > 0 {
            lines.append("\(number(limits.unknownTypes)) events were of unknown types, and cannot be tried.")
        }
        if limits.refused > 0 { lines.append("\(number(limits.refused)) messages were dead letters.") }
        if limits.hasOtherIdentity {
            lines.append("The tried file's `identity` is not tried: people are told apart as before.")
        }
        if limits.rebuilt > 0 {
            lines.append("The journal was rebuilt: what the tried policies would have sent before that is not known.")
        }
        if limits.unmatchedErasures > 0 {
            lines.append(
                "\(number(limits.unmatchedErasures)) erasures named an address alone: whom they erase is not known here."
            )
        }
        return lines
    }

    private func number(_ number: Int) -> String { NumberText.grouped(Int64(number)) }
}
