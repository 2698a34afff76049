import Audit
import Journey
import Terminal

/// A row for each fact of a person's history, and for each cause that had none.
struct TimelineTable {
    let source: AuditSource

    func write(_ histories: [ProspectHistory], format: Table.Format, screen: Screen = .output) {
        // On a terminal, what is the same in all rows or for programs alone would push the rest off the screen.
        let isWide = format != .aligned
        var table = Table(
            columns.filter { isWide || !$0.isForPrograms }.map(\.column), format: format, now: 0, screen: screen)
        for history in histories {
            for entry in history.entries {
                for fact in entry.facts.isEmpty ? [nil] : entry.facts.map(Optional.some) {
                    let row = row(history, entry, fact)
                    table.append(zip(columns, row).filter { isWide || !$0.0.isForPrograms }.map(\.1))
                }
            }
        }
        table.finish()
    }

    private var columns: [(column: Table.Column, isForPrograms: Bool)] {
        [
            (Table.Column("at", "At (UTC)"), false), (Table.Column("cause"), false),
            (Table.Column("topic"), true), (Table.Column("partition"), true), (Table.Column("offset"), false),
            (Table.Column("clock"), true), (Table.Column("fact"), false), (Table.Column("reason"), false),
            (Table.Column("step"), false), (Table.Column("due", "Due (UTC)"), false), (Table.Column("until"), true),
            (Table.Column("policy"), false), (Table.Column("version"), false), (Table.Column("journey"), true),
            (Table.Column("position"), true), (Table.Column("pending"), true),
        ]
    }

    private func row(_ history: ProspectHistory, _ entry: ProspectHistory.Entry, _ fact: Fact?) -> [Cell] {
        let said = fact.map { FactRow($0) }
        let version = version(said, entry)
        return [
            .time(entry.input?.time.milliseconds ?? (entry.clock > .distantPast ? entry.clock.milliseconds : nil)),
            .text(cause(entry)), .text(entry.input.map { source.topicName($0.topic) }), .number(history.partition),
            entry.input.map { .number($0.offset) } ?? .none,
            .time(entry.clock > .distantPast ? entry.clock.milliseconds : nil),
            .text(said?.name ?? (isDestruction(entry) ? "destroyed" : nil)), .text(said?.reason),
            said?.step.map { .number($0) } ?? .none, .time(said?.due?.milliseconds), .time(said?.until?.milliseconds),
            .text(version?.policy.name), version.map { .number($0.number) } ?? .none,
            .text(said?.journey.flatMap { history.journeyID($0) }), .number(entry.position), .boolean(entry.isPending),
        ]
    }

    private func cause(_ entry: ProspectHistory.Entry) -> String {
        switch entry.cause {
        case .event(let input): input.type.name
        case .timer: "timer"
        case .migration: "migration"
        case .erasureByAddress: "erasure of the address"
        case .destruction: "destruction of data"
        }
    }

    private func isDestruction(_ entry: ProspectHistory.Entry) -> Bool {
        if case .destruction = entry.cause { true } else { false }
    }

    private func version(_ fact: FactRow?, _ entry: ProspectHistory.Entry) -> PolicyVersion? {
        if let policy = fact?.policy { return entry.version(policy) }
        guard let journey = fact?.journey, let known = entry.before.journeys.first(where: { $0.reference == journey })
        else { return nil }
        return entry.version(known.policy)
    }
}
