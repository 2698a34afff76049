import Configuration
import Contract
import Engine
import Journey
import Terminal

/// Shows what messages would become: a row for each, and what they have in common.
struct SampleReport {
    let configuration: Configuration
    let sample: Sample
    var screen = Screen.output

    /// - Returns: that something is wrong with the input, if any message would be a dead letter.
    func write(format: Table.Format) throws -> ExitCode {
        let trial = try MessageTrial(
            configuration, knowsKeys: sample.knowsKeys, partitionCount: sample.partitionCount)
        var summary = SampleSummary(configuration)
        var table = Table(
            [
                Table.Column("message"), Table.Column("becomes"), Table.Column("type"), Table.Column("time"),
                Table.Column("tenant"), Table.Column("prospect"), Table.Column("email"), Table.Column("product"),
                Table.Column("subject"), Table.Column("consent"), Table.Column("missing"),
            ], format: format, now: 0, screen: screen)
        for index in 0..<sample.batch.count {
            let verdict = trial.judge(sample.batch, index)
            let place = sample.places[index]
            let missing = missing(verdict)
            summary.count(verdict, at: place, missing: missing)
            table.append([.text(place)] + cells(verdict, missing ?? []))
        }
        table.finish()
        if format == .aligned { summary.write(to: screen) }
        return summary.refused == 0 ? .ok : .data
    }

    private func cells(_ verdict: MessageTrial.Verdict, _ missing: [String]) -> [Cell] {
        func nothing(_ becomes: String, _ style: Style? = nil) -> [Cell] {
            [.text(becomes, style: style)] + Array(repeating: Cell.none, count: 9)
        }
        switch verdict {
        case .tombstone: return nothing("ignored: no value", .dim)
        case .unknownType: return nothing("ignored: unknown type", .yellow)
        case .refused(let refusal): return nothing("dead letter: \(refusal.message)", .red)
        case .event(let event):
            return [
                .text(becomes(event), style: .green), .text(event.type.name), .time(event.time), text(event.tenant),
                text(event.prospectID), text(event.email), text(event.product), text(event.subject),
                event.consent.map { .boolean($0) } ?? .none,
                text(missing.joined(separator: ", "), style: .yellow),
            ]
        }
    }

    private func text(_ text: String, style: Style? = nil) -> Cell { text.isEmpty ? .none : .text(text, style: style) }

    /// What the event can do to somebody's journeys.
    private func becomes(_ event: MessageTrial.Event) -> String {
        let policies = configuration.policies.filter { $0.enabled && isFor($0, event) }
        func names(_ isIn: (Policy) -> Bool) -> String { policies.filter(isIn).map(\.name).joined(separator: ", ") }
        let opens = names { $0.opensOn.contains(event.type) }
        if !opens.isEmpty { return "opens \(opens)" }
        let ends = names { $0.convertsOn.contains(event.type) }
        if !ends.isEmpty { return "converts \(ends)" }
        switch event.type {
        case .leadCancelled: return "cancels"
        case .contactOptedOut: return "opts out"
        case .contactOptedIn: return "opts in"
        case .contactErasureRequested: return "erases"
        case .paymentPending: return "holds"
        case .paymentFailed: return "resumes"
        case .salesLeadCreated, .offerCreated, .policyIssued, .checkoutStarted, .checkoutUpdated, .checkoutCompleted:
            let active = names { $0.activityTypes.contains(event.type) }
            return active.isEmpty ? "nothing: no policy is for it" : "activity for \(active)"
        }
    }

    private func isFor(_ policy: Policy, _ event: MessageTrial.Event) -> Bool {
        (policy.tenants.isEmpty || policy.tenants.contains(event.tenant))
            && (policy.products.isEmpty || policy.products.contains(event.product))
    }

    /// What an event that opens a journey lacks for its reminders; `nil` if the message opens none.
    private func missing(_ verdict: MessageTrial.Verdict) -> [String]? {
        guard case .event(let event) = verdict else { return nil }
        let policies = configuration.policies.filter {
            $0.enabled && isFor($0, event) && $0.opensOn.contains(event.type)
        }
        guard !policies.isEmpty else { return nil }
        var missing: [String] = []
        if event.email.isEmpty { missing.append(event.hasUnusableAddress ? "email (unusable)" : "email") }
        if event.id.isEmpty { missing.append("id") }
        if event.product.isEmpty, policies.contains(where: { $0.scope == .product || !$0.products.isEmpty }) {
            missing.append("product")
        }
        if event.subject.isEmpty, policies.contains(where: { $0.scope == .subject }) { missing.append("subject") }
        if event.consent == nil, policies.contains(where: \.consentRequired) { missing.append("consent") }
        let wanted = Set(policies.flatMap(\.command.pointers))
        return missing + event.missing.filter(wanted.contains)
    }
}
