import Journey

/// What holds beside the reminders of single journeys.
extension Explainer {
    func notes() -> [Explanation.Note] {
        let state = history.state
        var notes: [Explanation.Note] = []
        if case .optedOut(let at) = state.suppression {
            notes.append(
                Explanation.Note(
                    text: "Nothing opens for the person, who opted out at \(at.readable), until a newer opt-in."))
        }
        if state.erasedAt > .distantPast {
            notes.append(
                Explanation.Note(
                    text:
                        "Events of the person from before the erasure of \(state.erasedAt.readable) store and open nothing.",
                    until: AuditTime(state.erasedAt)))
        }
        for journey in state.journeys {
            let policy = history.policies.policies[journey.policy].policy
            guard let window = policy.reentryWindow, history.clock < journey.openedAt + window else { continue }
            let until = journey.openedAt + window
            var text = "Another \(policy.name) journey"
            if policy.scope == .product, let product = productName(journey.product) { text += " for \(product)" }
            if policy.scope == .subject { text += " about the same" }
            notes.append(
                Explanation.Note(
                    text: "\(text) can open from \(until.readable) on.", until: AuditTime(until), policy: policy.name,
                    lines: [PolicyLine.reentry(policy)]))
        }
        if history.pendingEntries > 0 {
            notes.append(
                Explanation.Note(
                    text: "More is written about the person that is not known to be committed yet; --pending shows it.")
            )
        }
        return notes
    }
}
