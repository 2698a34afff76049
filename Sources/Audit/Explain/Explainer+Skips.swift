import Configuration
import Engine
import Journey

/// Why reminders that were due were not sent.
extension Explainer {
    /// A sentence, and the lines of the policy that it rests on.
    func skip(
        _ reason: SkipReason, _ reference: JourneyReference, _ step: Int, _ due: Instant, _ entry: ProspectHistory.Entry
    ) -> (String, [String]) {
        guard let version = version(of: reference, entry) else { return ("A reminder was not sent.", []) }
        let (why, lines) = because(reason, reference, step, entry.before, entry.policies, version, at: entry.clock)
        let name = Words.capitalised(Words.reminder(version, step))
        return ("\(name), due at \(due.readable), was not sent, because \(why)", lines)
    }

    /// The reason alone, as the end of a sentence.
    func because(
        _ reason: SkipReason, _ reference: JourneyReference, _ step: Int, _ state: ProspectState,
        _ policies: PolicySet, _ version: PolicyVersion, at clock: Instant
    ) -> (String, [String]) {
        let policy = version.policy
        switch reason {
        case .tooLate:
            let limit = policy.steps[step].maxLateness.shortText
            return (
                "the clock stood at \(clock.readable) when everything published before had been read, which is more than"
                    + " \(limit) later.", [PolicyLine.step(policy, step, lateness: true)]
            )
        case .overtaken:
            let lines = step + 1 < policy.steps.count ? [PolicyLine.step(policy, step + 1)] : []
            return ("a later reminder of the journey was due or sent by then, and only the last one goes out.", lines)
        case .noConsent:
            let lines = [PolicyLine.consent(policy)]
            guard state.consent != .withheld else {
                return ("the person has withheld consent to mails (\(said(state.consentAt))).", lines)
            }
            return ("the policy asks for consent to mails, and none was given.", lines)
        case .noAddress: return ("no address was known that a mail could go to.", [])
        case .missingField:
            let missing = missingFields(reference, state, policy)
            let names = missing.map(\.name).joined(separator: ", ")
            return (
                "its template needs \(names.isEmpty ? "a field" : names), which no event has brought, and the policy names no"
                    + " fallback.", missing.map { PolicyLine.field($0) }
            )
        case .withheld:
            return (
                withheldBy(
                    policies, state.journeys.first { $0.reference == reference }?.openedAt ?? .distantPast), []
            )
        }
    }

    private func said(_ time: Instant) -> String {
        for entry in history.entries {
            guard let input = entry.input, input.time == time, input.consent != .unknown else { continue }
            return "said by the \(input.type.name) of \(time.readable)"
        }
        return "said at \(time.readable)"
    }

    private func missingFields(
        _ reference: JourneyReference, _ state: ProspectState, _ policy: Policy
    ) -> [Policy.Field] {
        guard let journey = state.journeys.first(where: { $0.reference == reference }) else { return [] }
        return policy.command.fields.filter { field in
            guard case .pointer(let pointer, fallback: nil) = field.source,
                let number = history.policies.number(ofField: pointer)
            else { return false }
            return journey.details.fields & (1 << UInt64(number)) == 0
        }
    }

    private func withheldBy(_ policies: PolicySet, _ openedAt: Instant) -> String {
        for (intervention, at) in history.policies.interventions where intervention == .withheld && openedAt <= at {
            return
                "an operator withheld the reminders of all journeys from before \(at.readable), because purchases may be"
                + " among events that were lost (winback recover)."
        }
        return
            "it may have been sent before the journal was rebuilt, and the reminder topic no longer told (winback recover)."
    }
}
