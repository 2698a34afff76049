import Configuration
import Engine
import Journey

/// Why events did not do what someone may have expected of them: open a journey, or end one.
extension Explainer {
    mutating func explainReentry(_ reference: JourneyReference, _ entry: ProspectHistory.Entry) {
        guard let journey = entry.before.journeys.first(where: { $0.reference == reference }) else { return }
        let version = entry.version(journey.policy)
        let window = version.policy.reentryWindow ?? .zero
        let text =
            "It opened no journey: within \(window.shortText) of \(self.journey(journey, entry)), that is until"
            + " \((journey.openedAt + window).readable), no other one opens."
        consequence(text, entry, version, [PolicyLine.reentry(version.policy)])
        add(.reentryWindow, text, entry, version, [PolicyLine.reentry(version.policy)])
    }

    mutating func explainIgnored(_ reason: IgnoreReason, _ index: PolicyIndex?, _ entry: ProspectHistory.Entry) {
        guard let index else {
            let text = nothing(reason, entry)
            consequence(text, entry)
            if reason == .erased, entry.policies.versions.contains(where: { opens($0, entry.input) }) {
                add(.ignored(reason), "It opened no journey: it is not newer than the erasure.", entry, nil, [])
            }
            return
        }
        let version = entry.version(index)
        let (why, lines) = refusal(reason, version, entry)
        let text = "It opened no \(version.policy.name) journey: \(why)"
        consequence(text, entry, version, lines)
        add(.ignored(reason), text, entry, version, lines)
    }

    /// The reasons for which an opening opened nothing.
    enum Silence {
        case ignored(IgnoreReason)
        case reentryWindow
        case otherTenantOrProduct
        case notEnabled

        var name: String {
            switch self {
            case .ignored(let reason): reason.name
            case .reentryWindow: "reentry-window"
            case .otherTenantOrProduct: "does-not-apply"
            case .notEnabled: "not-enabled"
            }
        }
    }

    private mutating func add(
        _ reason: Silence, _ text: String, _ entry: ProspectHistory.Entry, _ version: PolicyVersion?, _ lines: [String]
    ) {
        guard let input = entry.input else { return }
        neverOpened.append(
            Explanation.Verdict(
                outcome: .neverOpened, reason: reason.name,
                text: text.replacing(
                    "It opened", with: "The \(input.type.name) of \(input.time.readable) opened", maxReplacements: 1),
                policy: version?.policy.name, version: version?.number, at: AuditTime(input.time),
                evidence: evidence(entry, version, lines)))
    }

    private func opens(_ version: PolicyVersion, _ input: Input?) -> Bool {
        input.map { version.policy.enabled && version.policy.opensOn.contains($0.type) } ?? false
    }

    /// Why an event changed nothing at all.
    private func nothing(_ reason: IgnoreReason, _ entry: ProspectHistory.Entry) -> String {
        switch reason {
        case .noJourney: "It changed nothing: the person had no journey that it could be about."
        case .nothingNew: "It changed nothing: it says nothing that was not known."
        case .outOfDate: "It changed nothing: something newer of its kind was known already."
        case .noPolicy: "It changed nothing: no policy names such events."
        case .erased:
            "It stored and opened nothing: it is not newer than the erasure of the person's data"
                + (entry.before.erasedAt > .distantPast ? " of \(entry.before.erasedAt.readable)." : ".")
        case .duplicate, .converted, .cancelled, .superseded, .optedOut, .beforeActivation, .tooOld, .tooManyJourneys,
            .tombstone, .unknownType, .refused:
            "It changed nothing (\(reason.name))."
        }
    }

    /// Why an opening opened no journey of a policy, and the lines that say so.
    private func refusal(
        _ reason: IgnoreReason, _ version: PolicyVersion, _ entry: ProspectHistory.Entry
    ) -> (String, [String]) {
        let policies = entry.policies
        let policy = version.policy
        let opensOn = PolicyLine.opensOn(policy)
        let skew = policies.settings.conversionSkew
        switch reason {
        case .optedOut:
            let at = entry.before.suppression.time
            return (
                entry.before.suppression.isActive
                    ? "the person had opted out of reminders at \(at.readable) and not opted in again."
                    : "it is from before \(at.readable), when the person opted in again after an opt-out.", []
            )
        case .beforeActivation:
            return (
                "the policy acts on what happens from \((version.firstActivatedAt - policy.backfill).readable) on; it was"
                    + " first put to use at \(version.firstActivatedAt.readable).", [PolicyLine.backfill(policy)]
            )
        case .tooOld:
            return (
                "it was read when the clock stood at \(entry.clock.readable), more than \(policies.memory.shortText) after it"
                    + " happened. A purchase may have been forgotten by then, so nothing that old opens.", [opensOn]
            )
        case .converted:
            return (
                "a purchase\(remembered(entry) { policy.convertsOn.contains($0.type) }) was known, and what started up to"
                    + " \(skew.shortText) after a purchase counts as bought.",
                [PolicyLine.convertsOn(policy), PolicyLine.skew(policies.settings)]
            )
        case .cancelled:
            return (
                "a cancellation\(remembered(entry) { $0.type == .leadCancelled }) was known, and what started up to"
                    + " \(skew.shortText) after it counts as cancelled.", [PolicyLine.skew(policies.settings)]
            )
        case .superseded:
            let other = entry.before.journeys.first { entry.version($0.policy).policy.supersedes.contains(policy.name) }
            let name = other.map { journey($0, entry) } ?? "another journey"
            return (
                "\(name) takes its place.",
                other.map { [PolicyLine.supersedes(entry.version($0.policy).policy)] } ?? []
            )
        case .duplicate:
            return (
                "it is not newer than what was known of this policy's last journey, so it is a repetition or was overtaken"
                    + " on its way.", [opensOn]
            )
        case .tooManyJourneys:
            return ("the person has \(ProspectState.maximumJourneys) journeys already, and no more are kept.", [])
        case .noJourney, .nothingNew, .erased, .outOfDate, .tombstone, .unknownType, .noPolicy, .refused:
            return ("\(reason.name).", [opensOn])
        }
    }

    private func remembered(_ entry: ProspectHistory.Entry, _ isMeant: (Memory) -> Bool) -> String {
        guard let memory = entry.before.memories.filter(isMeant).max(by: { $0.time < $1.time }) else { return "" }
        return " of \(memory.time.readable) (\(memory.type.name))"
    }

    // MARK: What has no fact

    /// Policies that the event might have opened a journey of, and journeys that it might have ended.
    mutating func explainSilence(_ input: Input, _ index: Int) {
        let entry = history.entries[index]
        for place in entry.policies.named {
            let version = entry.policies[place]
            guard version.policy.opensOn.contains(input.type) else { continue }
            explainUnopened(version, input, entry)
        }
        let ended = Set(
            entry.facts.compactMap { fact -> JourneyReference? in
                if case .converted(let reference, _, _) = fact { reference } else { nil }
            })
        let convertsAny = entry.policies.versions.contains { $0.policy.convertsOn.contains(input.type) }
        guard convertsAny, input.time > entry.before.erasedAt else { return }
        for journey in entry.before.journeys where journey.status.isActive && !ended.contains(journey.reference) {
            explainUnended(journey, input, entry)
        }
    }

    private mutating func explainUnopened(
        _ version: PolicyVersion, _ input: Input, _ entry: ProspectHistory.Entry
    ) {
        let policy = version.policy
        guard policy.enabled else {
            let text = "It opened no \(policy.name) journey: the policy is switched off."
            consequence(text, entry, version, [PolicyLine.enabled(policy)])
            return add(.notEnabled, text, entry, version, [PolicyLine.enabled(policy)])
        }
        guard isFor(policy, input) else {
            let text = "It opened no \(policy.name) journey: the policy is for other tenants or products."
            consequence(text, entry, version, [PolicyLine.appliesTo(policy)])
            return add(.otherTenantOrProduct, text, entry, version, [PolicyLine.appliesTo(policy)])
        }
        // With steps left and no window, a second opening is activity: there is no fact that says it opened nothing.
        let isDecided = entry.facts.contains { fact in
            switch fact {
            case .opened(let opening): entry.version(opening.policy).policy.name == policy.name
            case .ignored(_, let index?): entry.version(index).policy.name == policy.name
            case .ignored(_, nil): true
            case .reentrySuppressed(let reference): self.version(of: reference, entry)?.policy.name == policy.name
            default: false
            }
        }
        guard !isDecided, policy.reentryWindow == nil,
            let active = entry.before.journeys.last(where: {
                $0.status.isActive && entry.version($0.policy).policy.name == policy.name
            })
        else { return }
        consequence(
            "It opened no second journey, because reminders are left of \(journey(active, entry)).", entry, version,
            [PolicyLine.opensOn(policy), PolicyLine.reentry(policy)])
    }

    private mutating func explainUnended(
        _ journey: JourneyState, _ input: Input, _ entry: ProspectHistory.Entry
    ) {
        let version = entry.version(journey.policy)
        let policy = version.policy
        let skew = entry.policies.settings.conversionSkew
        let start = "It did not end \(self.journey(journey, entry)): "
        if !policy.convertsOn.contains(input.type) {
            consequence(
                start + "that one ends with \(Words.list(policy.convertsOn)).", entry, version,
                [PolicyLine.convertsOn(policy)])
        } else if journey.openedAt > input.time + skew {
            consequence(
                start + "that one opened more than \(skew.shortText) after it.", entry, version,
                [PolicyLine.skew(entry.policies.settings)])
        } else {
            consequence(
                start + "that one is about another \(policy.scope == .subject ? "lead, offer or cart" : "product").",
                entry, version, [PolicyLine.scope(policy)])
        }
    }
}
