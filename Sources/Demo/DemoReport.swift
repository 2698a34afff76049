import Configuration
import Engine
import Journey
import Terminal

/// The words around a demo: what is going to be shown, and what happened in the end.
struct DemoReport {
    let screen: Screen
    let settings: DemoSettings
    let broker: DemoBroker
    let directory: DemoDirectory

    func begin(_ configuration: Configuration) {
        let span = TimeText.duration(.milliseconds(Demo.span.milliseconds))
        screen.line(
            screen.styled("Winback demo", .bold)
                + ": \(span) of an insurance and of an academy, in \(settings.seconds) seconds")
        screen.line()
        for policy in configuration.policies {
            let steps = policy.steps.enumerated().map { index, step in
                "\(TimeText.duration(.milliseconds(step.after.milliseconds))) → \(step.template)"
            }
            line(policy.name, steps.joined(separator: ", then "))
        }
        line("broker", broker.isEmbedded ? "\(broker.bootstrapServers), inside this program" : broker.bootstrapServers)
        line("watch", kcat(follows: true))
        line("data", directory.path)
        screen.line()
        screen.line(
            screen.styled(
                "\(DemoTally.text(Demo.visitors)) people come by; one in \(Demo.shownOneIn) is shown, with what they do and "
                    + "the mails they get.", .dim))
        screen.line()
    }

    func end(_ tally: DemoTally, _ partitions: [EngineStatus.Partition], isCutShort: Bool) {
        screen.line()
        screen.line(screen.styled(isCutShort ? "What happened until it was interrupted" : "What happened", .bold))
        let sum: ((EngineStatus.Partition) -> UInt64) -> String = { value in
            DemoTally.text(partitions.reduce(0) { $0 + Int(value($1)) })
        }
        line(
            "events",
            "\(DemoTally.text(tally.events)) published, \(sum { $0.events }) folded, \(sum { $0.deadLetters }) refused")
        line(
            "journeys",
            "\(sum { $0.opened }) opened, \(sum { $0.converted }) ended by a purchase "
                + "(\(DemoTally.text(tally.purchases)) purchases)")
        let templates = tally.byTemplate.sorted { $0.key < $1.key }.map { "\($0.key) \(DemoTally.text($0.value))" }
        line("reminders", "\(DemoTally.text(tally.reminders)): \(templates.joined(separator: ", "))")
        line("skipped", "\(sum { $0.skipped }), for want of consent or of an address")
        line("twice", check(tally.repeated, "no reminder came a second time", "reminders came again"))
        line(
            "too late", check(tally.afterPurchase, "nobody was reminded after a purchase", "reminders after a purchase")
        )
        let written = NumberText.bytes(partitions.reduce(0) { $0 + Int64(clamping: $1.journalPosition) })
        line("journal", "\(directory.data)/shards, \(written) written")
        line("log", directory.log)
        screen.line()
        screen.line(screen.styled("What to try next", .bold))
        let program = settings.program
        if let id = tally.newestCommand {
            command(
                "\(program) audit explain --data \(directory.data) --command \(id)", "why the last reminder went out")
        }
        command("\(program) leads --config \(directory.configuration)", "who waits, and for what")
        command("\(program) status --data \(directory.data)", "where the engine was")
        command("\(program) check --config \(directory.configuration)", "the policies; change a wait and look again")
        if broker.isEmbedded {
            command("\(program) demo --kafka localhost:9092", "the same on a real broker")
        } else {
            command(kcat(follows: false), "the reminders as a mail worker gets them")
        }
    }

    private func kcat(follows: Bool) -> String {
        "kcat -b \(broker.bootstrapServers) -t \(broker.topics.reminders) -C\(follows ? "" : " -e")"
    }

    private func check(_ count: Int, _ good: String, _ bad: String) -> String {
        count == 0 ? screen.styled(good, .green) : screen.styled("\(DemoTally.text(count)) \(bad)", .red)
    }

    private func line(_ label: String, _ text: String) {
        screen.line("  \(label)\(String(repeating: " ", count: max(1, 20 - label.count)))\(text)")
    }

    private func command(_ line: String, _ help: String) {
        screen.line("  \(line)")
        screen.line(screen.styled("      \(help)", .dim))
    }
}
