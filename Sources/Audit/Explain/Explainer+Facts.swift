import Configuration
import Engine
import Journey

/// What was decided, fact by fact.
extension Explainer {
    /// - Parameters:
    ///   - place: the fact's, in its entry.
    ///   - index: the entry's.
    mutating func explain(_ fact: Fact, _ place: Int, _ index: Int) {
        let entry = history.entries[index]
        switch fact {
        case .opened(let opening): explain(opening, entry)
        case .activity(let reference, _):
            // Where it holds the wait or ends a hold, that is said.
            if entry.input?.type != .paymentPending && entry.input?.type != .paymentFailed {
                explainActivity(reference, entry)
            }
        case .reminderRequested(let reference, let step, let due, let emitted):
            explainSent(reference, Int(step), due, emitted, entry)
        case .reminderFound(let reference, let step, _, let emitted):
            tell(
                reference, entry, { [PolicyLine.step($0.policy, Int(step))] },
                "\(reminder(reference, step, entry)) had gone out at \(emitted.readable), before this journal was"
                    + " rebuilt: its command was found in the reminder topic.")
        case .reminderSkipped(let reference, let step, let due, let reason):
            let (text, lines) = skip(reason, reference, Int(step), due, entry)
            tell(reference, entry, { _ in lines }, text)
        case .held(let reference, _, let until):
            tell(
                reference, entry, { [PolicyLine.hold($0.policy)] },
                "The wait stands still until the payment succeeds or fails, or until \(until.readable) at most.")
        case .resumed(let reference, _, let reason): explainResumed(reference, reason, entry)
        case .converted(let reference, let at, let afterStep): explainConverted(reference, at, Int(afterStep), entry)
        case .cancelled(let reference, _):
            tell(reference, entry, { _ in [] }, "It ended \(journey(reference, entry)).")
        case .superseded(let reference, let by): explainSuperseded(reference, by, entry)
        case .reentrySuppressed(let reference): explainReentry(reference, entry)
        case .remembered(let memory): explainMemory(memory, entry)
        case .optedOut:
            consequence(
                "All journeys of the person ended, and none opens until the person opts in again.", entry)
        case .optedIn: consequence("Journeys may open for the person from then on.", entry)
        case .erased(let at), .addressErased(let at):
            consequence(
                "All journeys of the person ended, and what was known of the person may not be used any more. Events from"
                    + " before \(at.readable) neither store nor open anything.", entry)
        case .expired(let reference):
            tell(
                reference, entry, { [PolicyLine.retention($0.policy)] },
                "\(Words.capitalised(journey(reference, entry))) expired: the lead left the leads table, and its data is to"
                    + " be destroyed.")
        case .forgotten, .lapsed:
            // What nothing can depend on any more explains nothing.
            break
        case .migrated(let reference, let to): explainMigrated(reference, to, entry)
        case .ignored(let reason, let policy): explainIgnored(reason, policy, entry)
        case .detailsRefreshed, .contactRefreshed, .consentChanged: explainDetails(fact, place, entry)
        }
    }

    mutating func consequence(
        _ text: String, _ entry: ProspectHistory.Entry, _ policy: PolicyVersion? = nil, _ lines: [String] = []
    ) {
        say(text, entry, policy: policy, lines, isConsequence: entry.cause != .timer)
    }

    private mutating func tell(
        _ reference: JourneyReference, _ entry: ProspectHistory.Entry, _ lines: (PolicyVersion) -> [String],
        _ text: String
    ) {
        let version = version(of: reference, entry)
        consequence(text, entry, version, version.map(lines) ?? [])
    }

    private func reminder(_ reference: JourneyReference, _ step: UInt8, _ entry: ProspectHistory.Entry) -> String {
        version(of: reference, entry).map { Words.capitalised(Words.reminder($0, Int(step))) }
            ?? "Reminder \(step + 1)"
    }

    // MARK: Openings and activity

    private mutating func explain(_ opening: Fact.Opening, _ entry: ProspectHistory.Entry) {
        let version = entry.version(opening.policy)
        let state = entry.after
        var text = "It opened a journey under the policy \(version.policy.name)"
        var lines = [PolicyLine.opensOn(version.policy)]
        if let opened = state.journeys.first(where: { $0.reference == opening.journey.reference }),
            let due = entry.policies.nextReminder(opened)
        {
            text += ": \(Words.reminder(version, 0)) is due at \(due.readable), \(Words.wait(version, 0))"
            text += ", unless something ends or moves the journey before."
            lines += [PolicyLine.anchor(version.policy), PolicyLine.step(version.policy, 0)]
        } else {
            text += "."
        }
        consequence(text, entry, version, lines)
    }

    private mutating func explainActivity(_ reference: JourneyReference, _ entry: ProspectHistory.Entry) {
        guard let version = version(of: reference, entry),
            let before = entry.before.journeys.first(where: { $0.reference == reference }),
            let after = entry.after.journeys.first(where: { $0.reference == reference }),
            let due = entry.policies.nextReminder(after), due != entry.policies.nextReminder(before)
        else {
            return tell(
                reference, entry, { [PolicyLine.anchor($0.policy)] },
                "It counted as activity, which does not move the next reminder of \(journey(reference, entry)).")
        }
        let step = Int(after.nextStep)
        consequence(
            "It counted as activity: \(Words.reminder(version, step)) of \(journey(reference, entry)) is now due at"
                + " \(due.readable), \(Words.wait(version, step)).", entry, version,
            [PolicyLine.anchor(version.policy), PolicyLine.step(version.policy, step)])
    }

    private mutating func explainDetails(_ fact: Fact, _ place: Int, _ entry: ProspectHistory.Entry) {
        let isOpening = entry.facts[..<place].contains { if case .opened = $0 { true } else { false } }
        switch fact {
        case .detailsRefreshed(let reference, let details, _) where !details.isNone:
            consequence("What it says is used from now on for \(journey(reference, entry)).", entry)
        case .contactRefreshed where !isOpening && entry.before.contact.isNone:
            consequence("Its address is the first that mails can go to.", entry)
        case .contactRefreshed where !isOpening && bringsOtherAddress(entry):
            consequence("Mails go to its address from now on.", entry)
        case .consentChanged(.withheld, _) where entry.before.consent != .withheld:
            consequence("Without consent no reminder is sent to the person.", entry)
        case .consentChanged(.given, _) where entry.before.consent == .withheld:
            consequence("Reminders may be sent to the person again.", entry)
        case .detailsRefreshed, .contactRefreshed, .consentChanged, .opened, .activity, .reminderRequested,
            .reminderSkipped, .reminderFound, .held, .resumed, .converted, .cancelled, .superseded, .reentrySuppressed,
            .remembered, .optedOut, .optedIn, .erased, .addressErased, .expired, .forgotten, .lapsed, .migrated,
            .ignored:
            break
        }
    }

    private func bringsOtherAddress(_ entry: ProspectHistory.Entry) -> Bool {
        guard case .kept(let data) = entry.data, let email = data.normalisedEmail else { return false }
        let known = history.entries.last { other in
            guard other.position < entry.position || (other.input?.offset ?? -1) < (entry.input?.offset ?? 0) else {
                return false
            }
            if case .kept(let data) = other.data { return data.normalisedEmail != nil } else { return false }
        }
        guard case .kept(let before)? = known?.data else { return false }
        return before.normalisedEmail != email
    }

    // MARK: Reminders

    private mutating func explainSent(
        _ reference: JourneyReference, _ step: Int, _ due: Instant, _ emitted: Instant, _ entry: ProspectHistory.Entry
    ) {
        let command = stories.last { $0.reference == reference }.map { " as command \(Words.command($0.id, step))" }
        tell(
            reference, entry, { [PolicyLine.step($0.policy, step)] },
            "\(reminder(reference, UInt8(step), entry)) went out\(command ?? ""): it was due at \(due.readable). All that"
                + " had been published up to \(emitted.readable) had been read, and nothing in it kept the reminder back."
        )
    }

    // MARK: Holds, ends

    private mutating func explainResumed(
        _ reference: JourneyReference, _ reason: ResumeReason, _ entry: ProspectHistory.Entry
    ) {
        let after = entry.after.journeys.first { $0.reference == reference }
        var text =
            switch reason {
            case .paymentFailed: "The wait goes on"
            case .holdEnded: "The payment had been pending for as long as it may hold a reminder, so the wait goes on"
            }
        if let after, let due = entry.policies.nextReminder(after) {
            let version = entry.version(after.policy)
            text += ": \(Words.reminder(version, Int(after.nextStep))) is due at \(due.readable)"
        }
        tell(reference, entry, { [PolicyLine.hold($0.policy)] }, text + ".")
    }

    private mutating func explainConverted(
        _ reference: JourneyReference, _ at: Instant, _ afterStep: Int, _ entry: ProspectHistory.Entry
    ) {
        var text = "It counts as a purchase and ended \(journey(reference, entry))"
        text += afterStep == 0 ? ", before its first reminder was due." : ", after reminder \(afterStep)."
        let sent = stories.last { $0.reference == reference }?.steps.last
        if case .sent(_, let emitted, _) = sent, afterStep > 0, at < emitted {
            text +=
                " It was published only after that reminder had gone out at \(emitted.readable), though it happened before."
        }
        tell(reference, entry, { [PolicyLine.convertsOn($0.policy)] }, text)
    }

    private mutating func explainSuperseded(
        _ reference: JourneyReference, _ by: JourneyReference, _ entry: ProspectHistory.Entry
    ) {
        let version = version(of: by, entry)
        let isSame = version?.policy.name == self.version(of: reference, entry)?.policy.name
        consequence(
            "What was left of \(journey(reference, entry)) was given up: "
                + (isSame
                    ? "the new journey takes its place." : "the \(version?.policy.name ?? "new") journey takes over."),
            entry, version,
            version.map { [isSame ? PolicyLine.reentry($0.policy) : PolicyLine.supersedes($0.policy)] } ?? [])
    }

    private mutating func explainMigrated(
        _ reference: JourneyReference, _ to: PolicyIndex, _ entry: ProspectHistory.Entry
    ) {
        let version = entry.version(to)
        var text = "\(Words.capitalised(journey(reference, entry))) moved to version \(version.number) of its policy"
        if let after = entry.after.journeys.first(where: { $0.reference == reference }),
            let due = entry.policies.nextReminder(after)
        {
            text += ": \(Words.reminder(version, Int(after.nextStep))) is due at \(due.readable)"
        }
        consequence(text + ".", entry, version)
    }

    private mutating func explainMemory(_ memory: Memory, _ entry: ProspectHistory.Entry) {
        let policies = entry.policies
        let converts = policies.versions.contains { $0.policy.convertsOn.contains(memory.type) }
        guard converts || memory.type == .leadCancelled else {
            // Beside something else that it did, that says little.
            guard entry.facts.count == 1 else { return }
            return consequence(
                "It concerned no journey, and is remembered for one that may have opened before it and is read later.",
                entry)
        }
        consequence(
            "It is remembered: whatever started up to \(policies.settings.conversionSkew.shortText) after it, and is read"
                + " later, opens no journey that it would have ended.", entry, nil, [PolicyLine.skew(policies.settings)]
        )
    }
}
