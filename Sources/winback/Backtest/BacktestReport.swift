import Audit
import Journey
import Terminal

/// What other policies would have done, beside what has been done: for people side by side with bars, for programs in JSON or
/// with a row for each step and side.
struct BacktestReport {
    let result: BacktestResult
    let period: Range<Instant>
    /// Of the policies that were tried.
    let file: String
    /// The configuration that they are compared with; `nil`: what the journal has recorded.
    var baseline: String?
    var screen = Screen.output

    func write(format: Table.Format) {
        switch format {
        case .aligned: BacktestPicture(report: self).write()
        case .tsv, .csv: writeTable(format)
        case .json: screen.line(BacktestJSON(result: result, period: period).text)
        }
    }

    private func writeTable(_ format: Table.Format) {
        let reasons = SkipReason.allCases.map { (reason: $0, key: "skipped_" + $0.name.replacing("-", with: "_")) }
        var table = Table(
            ["policy", "side", "step", "template", "opened", "sent", "bought", "bought_within_7d"].map {
                Table.Column($0)
            } + reasons.map { Table.Column($0.key) }
                + ["mailed_people", "only_this_side", "mails_saved", "mails_added"].map { Table.Column($0) },
            format: format, now: 0, screen: screen)
        for policy in result.policies {
            for (name, side, only) in [
                ("recorded", policy.recorded, policy.mailedByRecorded),
                ("candidate", policy.candidate, policy.mailedByCandidate),
            ] where side.policy != nil {
                let isCandidate = name == "candidate"
                table.append(
                    [
                        .text(policy.name), .text(name), .number(0), .none, .number(side.opened), .number(side.sent),
                        .number(side.boughtUnreminded), .number(side.boughtWithinWeek),
                    ] + reasons.map { _ in .none } + [
                        .number(policy.mailedByBoth + only), .number(only),
                        isCandidate ? .number(policy.mailsSaved) : .none,
                        isCandidate ? .number(policy.mailsAdded) : .none,
                    ])
                for (index, step) in side.steps.enumerated() {
                    table.append(
                        [
                            .text(policy.name), .text(name), .number(index + 1), .text(step.template), .none,
                            .number(step.sent), .number(step.bought), .none,
                        ] + reasons.map { .number(step[$0.reason]) } + Array(repeating: .none, count: 4))
                }
            }
        }
        table.finish()
    }
}
