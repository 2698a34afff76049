import Audit
import Foundation
import Terminal

/// An explanation for people: who, what happened, and how it stands with each reminder.
struct ExplanationReport {
    let explanation: Explanation
    var screen = Screen.output

    private static let timeWidth = 21

    func write() {
        screen.line(screen.styled(heading, .bold))
        if let asOf = explanation.asOf {
            screen.line("As it stood at \(asOf.instant.text). What happened later is left out.")
        }
        if let clock = explanation.clock {
            screen.line(
                "Partition \(explanation.person.partition) had been read up to \(clock.instant.text). All times are UTC."
            )
        } else {
            screen.line("The partition has not been read to its end yet, so nothing was due. All times are UTC.")
        }
        screen.line()
        for sentence in explanation.sentences { write(sentence) }
        screen.line()
        screen.line(screen.styled(explanation.verdicts.isEmpty ? "No journey was ever to be opened." : "So:", .bold))
        for verdict in explanation.verdicts { write(verdict) }
        for note in explanation.notes {
            let lines = note.lines.joined(separator: "; ")
            let evidence = note.policy.map { "[\($0)\(lines.isEmpty ? "" : ": \(lines)")]" } ?? ""
            screen.paragraph("- ", indent: 2, [(note.text, nil), (evidence, .dim)])
        }
    }

    private var heading: String {
        let person = explanation.person
        var text = person.prospect.map { "Prospect \($0)" } ?? person.email ?? "A person"
        if let email = person.email, person.prospect != nil { text += ", \(email)" }
        if let tenant = person.tenant { text += ", of tenant \(tenant)" }
        if person.isErased {
            text +=
                person.prospect == nil && person.email == nil
                ? " whose data has been erased (known by the hash \(person.key))"
                : " (older data has been erased)"
        }
        return text
    }

    private func write(_ sentence: Explanation.Sentence) {
        let time = sentence.isConsequence ? "" : sentence.at.instant.text
        screen.paragraph(
            time.padding(toLength: Self.timeWidth, withPad: " ", startingAt: 0), indent: Self.timeWidth,
            [
                (sentence.text, nil), (sentence.isPending ? "(not known to be committed)" : "", .yellow),
                (Self.text(sentence.evidence, isConsequence: sentence.isConsequence), .dim),
            ])
    }

    private func write(_ verdict: Explanation.Verdict) {
        let isSent = verdict.outcome.isSent
        let mark = screen.isTerminal ? screen.styled(isSent ? "✓" : "–", isSent ? .green : .yellow) : "-"
        let evidence = verdict.evidence.map { Self.text($0, isConsequence: false) }
        screen.paragraph("\(mark) ", indent: 2, [(verdict.text, nil), (evidence ?? "", .dim)])
    }

    /// Where it can be looked up. A consequence lies where what it follows from lies.
    static func text(_ evidence: Explanation.Evidence, isConsequence: Bool) -> String {
        var parts: [String] = []
        if !isConsequence {
            if let topic = evidence.topic, let offset = evidence.offset {
                parts.append("\(topic), partition \(evidence.partition), offset \(offset)")
            } else {
                parts.append("partition \(evidence.partition)")
            }
            if let event = evidence.event { parts.append("event \(event)") }
            if let clock = evidence.clock { parts.append("clock \(clock.instant.text)") }
            parts.append("journal position \(evidence.position)")
        }
        if let policy = evidence.policy {
            let lines = evidence.lines.joined(separator: "; ")
            parts.append("\(policy) version \(evidence.version ?? 0)" + (lines.isEmpty ? "" : ": \(lines)"))
        } else if !evidence.lines.isEmpty {
            parts.append(evidence.lines.joined(separator: "; "))
        }
        return parts.isEmpty ? "" : "[\(parts.joined(separator: " · "))]"
    }
}
