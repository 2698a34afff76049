import Audit
import Engine
import Terminal

/// What a replay has come to, in words.
struct ReplayReport {
    let shards: [ReplayAudit.Shard]
    /// With what lies in the topic; `nil` where nobody asked for it.
    let comparison: ReminderComparison?
    let topic: String?

    /// More of the same helps nobody; the count says how many there are.
    private static let shownDifferences = 20

    var isSame: Bool { shards.allSatisfy { $0.differenceCount == 0 } && comparison?.isSame ?? true }

    func write() {
        let screen = Screen.output
        func sum(_ count: (JournalReplay.Tally) -> Int) -> Int64 { shards.reduce(0) { $0 + Int64(count($1.tally)) } }
        func number(_ count: (JournalReplay.Tally) -> Int) -> String { NumberText.grouped(sum(count)) }
        for shard in shards {
            for difference in shard.differences.prefix(Self.shownDifferences) {
                screen.line(
                    screen.styled("differs", .red)
                        + "  partition \(shard.partition), frame at \(difference.position): \(difference.what)")
            }
        }
        for shard in shards {
            guard let since = shard.since else { continue }
            screen.line(
                "Known since position \(since) of partition \(shard.partition): the frames before it are in an archive that was "
                    + "not named (--archive); what the oldest snapshot says is taken for true.")
        }
        screen.line(
            "Decided again: \(number(\.inputs)) events, \(number(\.timers)) timers of \(number(\.ticks)) ticks; compared: "
                + "\(number(\.facts)) facts.")
        let differing = shards.reduce(0) { $0 + $1.differenceCount }
        screen.line(
            differing == 0
                ? screen.styled("Every decision is the same.", .green)
                : screen.styled("\(differing) differ.", .red))
        screen.line("Commands: " + commandWords(number, sum))
        if let comparison, let topic { write(comparison, topic, screen) }
    }

    private func commandWords(
        _ number: ((JournalReplay.Tally) -> Int) -> String, _ sum: ((JournalReplay.Tally) -> Int) -> Int64
    ) -> String {
        var words = ["\(number(\.commands)) decided", "\(number(\.sameCommands)) made once more, the same to the byte"]
        if sum(\.destroyedCommands) > 0 {
            words.append("\(number(\.destroyedCommands)) of people whose data is destroyed, known by their digests")
        }
        if sum(\.undigestedCommands) > 0 {
            words.append("\(number(\.undigestedCommands)) from before the journal had digests, made once more")
        }
        if sum(\.foundCommands) > 0 {
            words.append("\(number(\.foundCommands)) besides were found in the topic when the journal was rebuilt")
        }
        return words.joined(separator: "; ") + "."
    }

    private func write(_ comparison: ReminderComparison, _ topic: String, _ screen: Screen) {
        for difference in comparison.differences.prefix(Self.shownDifferences) {
            var line = screen.styled(difference.kind.rawValue, .red) + "  \(difference.name)"
            if let emitted = difference.emitted { line += ", emitted \(TimeText.utc(emitted.milliseconds))" }
            if let place = difference.place { line += ", at \(place) of \(topic)" }
            screen.line(line)
        }
        func count(_ kind: ReminderComparison.Kind) -> String {
            NumberText.grouped(Int64(comparison.counts[kind] ?? 0))
        }
        screen.line(
            "\(topic) holds \(NumberText.grouped(Int64(comparison.messages))) messages: "
                + "\(NumberText.grouped(Int64(comparison.same))) are the same to the byte; \(count(.missing)) missing, "
                + "\(count(.extra)) extra, \(count(.twice)) there twice, \(count(.different)) different.")
        let asides = [
            (comparison.unproven, "are known by name alone, with no digest to compare"),
            (comparison.deleted, "were sent so long ago that the topic no longer holds them"),
            (comparison.later, "are younger than what the journals are known to have committed"),
            (comparison.others, "messages are no commands of Winback"),
        ]
        for (count, words) in asides where count > 0 { screen.line("  \(NumberText.grouped(Int64(count))) \(words)") }
    }
}
