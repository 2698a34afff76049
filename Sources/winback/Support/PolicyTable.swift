import Journey
import Terminal

/// Which reminder goes out when: a row for each step of each policy.
struct PolicyTable {
    let policies: [Policy]

    func write(format: Table.Format, screen: Screen = .output) {
        switch format {
        case .aligned: writeBlocks(screen)
        case .tsv, .csv, .json: writeTable(format, screen)
        }
    }

    /// For people: a paragraph for each policy, because a table of all would be wider than a terminal.
    private func writeBlocks(_ screen: Screen) {
        for policy in policies {
            let state = policy.enabled ? "" : screen.styled("  not enabled", .yellow)
            screen.line(screen.styled(policy.name, .bold) + state)
            screen.line("  opens on   \(Self.names(policy.opensOn))")
            screen.line("  ends with  \(Self.names(policy.convertsOn))")
            for (index, step) in policy.steps.enumerated() {
                screen.line(
                    "  \(index == 0 ? "sends    " : "then     ")  \(step.template), \(Self.wait(of: policy, step: index))"
                )
            }
            screen.line()
        }
    }

    private static func names(_ types: EventTypeSet) -> String { types.types.map(\.name).joined(separator: ", ") }

    private func writeTable(_ format: Table.Format, _ screen: Screen) {
        var table = Table(
            [
                Table.Column("policy"), Table.Column("step"), Table.Column("template"), Table.Column("sent"),
                Table.Column("opens_on", "Opens on"), Table.Column("unless"),
            ], format: format, now: 0, screen: screen)
        for policy in policies {
            for (index, step) in policy.steps.enumerated() {
                table.append([
                    .text(policy.name, style: .bold), .text("\(index + 1) of \(policy.steps.count)"),
                    .text(step.template), .text(Self.wait(of: policy, step: index)),
                    .text(Self.names(policy.opensOn)),
                    .text(
                        policy.enabled
                            ? Self.names(policy.convertsOn) : "never: not enabled"),
                ])
            }
        }
        table.finish()
    }

    /// When a step is due, in words.
    static func wait(of policy: Policy, step index: Int) -> String {
        let step = policy.steps[index]
        let time = TimeText.duration(.milliseconds(step.after.milliseconds))
        switch (step.from, policy.anchor) {
        case (.previous, _): return "\(time) after step \(index)"
        case (.anchor, .opened): return "\(time) after the opening"
        case (.anchor, .lastActivity): return "\(time) after the last activity"
        }
    }
}
