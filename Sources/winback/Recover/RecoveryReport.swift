import Engine
import Terminal

/// A diagnosis for people: what stands in the way, and what each choice would do.
struct RecoveryReport {
    let diagnosis: Diagnosis
    var screen = Screen.output

    /// So many findings are shown; the others only differ in their partitions.
    private static let shownFindings = 4

    func write() {
        screen.line(screen.styled("What is in the way", .bold))
        for finding in diagnosis.findings.prefix(Self.shownFindings) {
            let place = finding.partition.map { ", partition \($0)" } ?? ""
            screen.line("  " + screen.styled("\(finding.code)\(place)", .red))
            for line in wrapped(finding.message, indent: 4) { screen.line(line) }
        }
        if diagnosis.findings.count > Self.shownFindings {
            let rest = diagnosis.findings.dropFirst(Self.shownFindings)
            let partitions = rest.compactMap(\.partition).map { "\($0)" }.joined(separator: ", ")
            screen.line("  and \(rest.count) more\(partitions.isEmpty ? "" : ": partitions \(partitions)")")
        }
        if !diagnosis.choices.isEmpty {
            screen.line()
            screen.line(screen.styled("Choices", .bold))
        }
        for choice in diagnosis.choices {
            screen.line("  " + screen.styled(choice.name.rawValue, .green))
            for line in wrapped(choice.summary, indent: 4) { screen.line(line) }
            let width = choice.effects.map(\.name.count).max() ?? 0
            for effect in choice.effects {
                let name = effect.name + String(repeating: " ", count: width - effect.name.count)
                let lines = wrapped(effect.text, indent: 4 + width + 2)
                for (index, line) in lines.enumerated() {
                    screen.line(index == 0 ? "    \(name)  \(line.drop { $0 == " " })" : line)
                }
            }
        }
        for advice in diagnosis.advice {
            screen.line()
            for line in wrapped(advice, indent: 0) { screen.line(line) }
        }
    }

    /// Whole words in lines of the screen's width; where a program reads, one line.
    private func wrapped(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        guard screen.isTerminal else { return [margin + text] }
        let width = max(screen.width - indent, 20)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty && line.count + 1 + word.count > width {
                lines.append(margin + line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [margin + line]
    }
}
