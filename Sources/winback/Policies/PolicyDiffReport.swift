import Configuration
import Foundation
import Journey
import Leads
import Terminal

/// What a configuration changes: the policies and settings with counts first, then each journey that waits under an older
/// version of its policy.
struct PolicyDiffReport {
    typealias Counts = [String: [MigratingJourney.Effect: Int]]

    let plan: MigrationPlan
    let counts: Counts
    /// Empty: all.
    let wanted: Set<String>
    /// Whether the journeys move, or keep their versions.
    var migrates = true

    init(_ plan: MigrationPlan, wanted: Set<String> = []) {
        self.plan = plan
        self.wanted = wanted
        counts = plan.counts().filter { wanted.isEmpty || wanted.contains($0.key) }
    }

    var waiting: Int { counts.values.reduce(0) { $0 + $1.values.reduce(0, +) } }
    var isEmpty: Bool { settings.isEmpty && policies.allSatisfy { $0.kind == .unchanged } && waiting == 0 }

    private var policies: [PolicyComparison.Policy] {
        plan.comparison.policies.filter { wanted.isEmpty || wanted.contains($0.name) }
    }
    /// They are nobody's in particular.
    private var settings: [PolicyComparison.Change] { wanted.isEmpty ? plan.comparison.settings : [] }

    func write(_ format: Table.Format) throws {
        switch format {
        case .json:
            Screen.output.line(#"{"settings":\#(json(settings)),"policies":\#(jsonPolicies),"journeys":"#)
            try writeJourneys(format)
            Screen.output.line("}")
        case .aligned, .tsv, .csv:
            // A program that reads the rows finds nothing else among them.
            writeSummary(format == .aligned ? .output : .errors)
            if format != .aligned || (waiting > 0 && migrates) { try writeJourneys(format) }
        }
    }

    // MARK: Summary

    private func writeSummary(_ screen: Screen) {
        if isEmpty { return screen.line("no difference") }
        if !settings.isEmpty { screen.line(screen.styled("settings", .bold)) }
        write(settings, screen)
        for policy in policies where policy.kind != .unchanged || counts[policy.name] != nil {
            screen.line("\(screen.styled(policy.name, .bold))  \(Self.text(policy.kind))")
            write(policy.changes, screen)
            if let counts = counts[policy.name] { screen.line("  " + sentence(counts)) }
        }
        screen.line()
    }

    private static func text(_ kind: PolicyComparison.Kind) -> String {
        switch kind {
        case .new, .changed, .unchanged: kind.rawValue
        case .gone: "gone: it opens nothing any more; journeys that wait go on as they are"
        case .switchedOff: "switched off: it opens nothing any more; journeys that wait go on"
        case .switchedOn: "switched on"
        }
    }

    private func write(_ changes: [PolicyComparison.Change], _ screen: Screen) {
        let width = changes.map(\.key.count).max() ?? 0
        for change in changes {
            let key = change.key + String(repeating: " ", count: width - change.key.count)
            screen.line("  \(key)  \(change.old ?? "–") → \(change.new ?? "–")")
        }
    }

    private func sentence(_ counts: [MigratingJourney.Effect: Int]) -> String {
        let total = NumberText.grouped(Int64(counts.values.reduce(0, +)))
        guard migrates else { return "\(total) waiting under older versions, which they keep" }
        let parts = MigratingJourney.Effect.allCases.compactMap { effect in
            counts[effect].map { "\(NumberText.grouped(Int64($0))) \(effect.name)" }
        }
        return "\(total) waiting under older versions: \(parts.joined(separator: ", "))"
    }

    // MARK: Journeys

    private func writeJourneys(_ format: Table.Format) throws {
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        var table = Table(format == .aligned ? Self.readable : Self.complete, format: format, now: now)
        try plan.visit(policies: wanted) { journey in
            table.append(format == .aligned ? readable(journey) : complete(journey))
        }
        table.finish()
    }

    /// For people: a terminal is not wide.
    private static let readable = [
        Table.Column("who"), Table.Column("policy"), Table.Column("now"), Table.Column("due"),
        Table.Column("then"), Table.Column("due_then", "Due then"), Table.Column("effect", "Means"),
    ]

    private func readable(_ journey: MigratingJourney) -> [Cell] {
        let (old, new) = (journey.change.old, journey.change.new)
        return [
            .text(journey.person.map { $0.email.isEmpty ? $0.prospectID : $0.email }), .text(journey.policy),
            .text(old.template), .relativeTime(old.due), .text(new.template), .relativeTime(new.due),
            .text(journey.change.effect.name, style: Self.style(journey.change.effect)),
        ]
    }

    private static func style(_ effect: MigratingJourney.Effect) -> Style? {
        switch effect {
        case .same, .earlier, .later: nil
        case .atOnce, .added, .skipped, .noStepLeft, .expires, .converted, .staysForScope: .yellow
        }
    }

    private static let complete =
        [
            Table.Column("email"), Table.Column("prospect"), Table.Column("tenant"), Table.Column("product"),
            Table.Column("policy"), Table.Column("openedAt"),
        ]
        + ["Before", "After"].flatMap { side in
            ["version", "step", "steps", "template", "dueAt", "skip"].map { Table.Column($0 + side) }
        } + [Table.Column("effect"), Table.Column("partition"), Table.Column("pending")]

    private func complete(_ journey: MigratingJourney) -> [Cell] {
        let person = journey.person
        return [
            .text(person?.email), .text(person?.prospectID), .text(person?.tenant), .text(person?.product),
            .text(journey.policy), .time(journey.openedAt.milliseconds),
        ] + cells(journey.change.old) + cells(journey.change.new) + [
            .text(journey.change.effect.name), .number(journey.partition), .boolean(journey.isPending),
        ]
    }

    private func cells(_ side: MigratingJourney.Side) -> [Cell] {
        [
            .number(side.version), side.step.map { .number($0) } ?? .none, .number(side.steps), .text(side.template),
            .time(side.due), .text(side.skip?.name),
        ]
    }

    // MARK: JSON

    private var jsonPolicies: String {
        "["
            + policies.map { policy in
                let effects = (counts[policy.name] ?? [:]).map { "\(JSONText.quoted($0.key.name)):\($0.value)" }
                    .sorted()
                return #"{"name":\#(JSONText.quoted(policy.name)),"kind":\#(JSONText.quoted(policy.kind.rawValue)),"#
                    + #""changes":\#(json(policy.changes)),"waiting":{\#(effects.joined(separator: ","))}}"#
            }.joined(separator: ",") + "]"
    }

    private func json(_ changes: [PolicyComparison.Change]) -> String {
        func text(_ value: String?) -> String { value.map { JSONText.quoted($0) } ?? "null" }
        return "["
            + changes.map { #"{"key":\#(text($0.key)),"old":\#(text($0.old)),"new":\#(text($0.new))}"# }
            .joined(separator: ",") + "]"
    }
}

extension MigratingJourney.Side {
    /// From 1.
    fileprivate var step: Int? { if case .step(let step, _, _) = outlook { step + 1 } else { nil } }
    fileprivate var due: Int64? { if case .step(_, let due, _) = outlook { due.milliseconds } else { nil } }
    fileprivate var skip: SkipReason? { if case .step(_, _, let skip) = outlook { skip } else { nil } }
}
