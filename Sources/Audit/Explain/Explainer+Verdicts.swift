import Configuration
import Engine
import Journey

/// How it stands with each reminder of each journey.
extension Explainer {
    func verdicts(_ question: PersonQuestion?) -> [Explanation.Verdict] {
        var verdicts: [Explanation.Verdict] = []
        for story in stories {
            switch question {
            case .journey(let id), .command(let id, _): guard story.id == id else { continue }
            case nil, .prospect, .email, .message: break
            }
            let version = history.policies.policies[story.policy]
            for step in 0..<max(version.policy.steps.count, story.steps.count) {
                if case .command(_, let asked) = question, asked != step + 1 { continue }
                verdicts.append(verdict(story, step, version))
            }
        }
        switch question {
        case .journey, .command: return verdicts
        case nil, .prospect, .email, .message: return verdicts + neverOpened
        }
    }

    private func verdict(_ story: JourneyStory, _ step: Int, _ version: PolicyVersion) -> Explanation.Verdict {
        var verdict = Explanation.Verdict(
            outcome: .waiting, text: "", journey: Words.hexadecimal(story.id), openedAt: AuditTime(story.openedAt),
            policy: version.policy.name, version: version.number, step: step + 1,
            template: step < version.policy.steps.count ? version.policy.steps[step].template : nil,
            command: Words.command(story.id, step))
        if step < story.steps.count {
            decided(story.steps[step], story, step, &verdict)
        } else if let (ending, entry) = story.ending {
            ended(ending, history.entries[entry], story, &verdict)
        } else {
            undecided(story, step, version, &verdict)
        }
        let name = Words.capitalised(Words.reminder(version, step))
        verdict.text = "\(name) of the \(version.policy.name) journey of \(story.openedAt.readable) \(verdict.text)"
        return verdict
    }

    // MARK: Decided

    private func decided(
        _ outcome: JourneyStory.Step, _ story: JourneyStory, _ step: Int, _ verdict: inout Explanation.Verdict
    ) {
        switch outcome {
        case .sent(let due, let emitted, let index):
            let entry = history.entries[index]
            verdict.outcome = .sent
            verdict.text = "was sent at \(emitted.readable) as command \(Words.command(story.id, step))."
            if entry.isPending { verdict.text += " Whether that was committed is not known yet." }
            verdict.dueAt = AuditTime(due)
            verdict.at = AuditTime(emitted)
            let version = version(of: story.reference, entry)
            verdict.evidence = evidence(entry, version, version.map { [PolicyLine.step($0.policy, step)] } ?? [])
        case .found(let due, let emitted, let index):
            let entry = history.entries[index]
            verdict.outcome = .sentBefore
            verdict.text =
                "was sent at \(emitted.readable) as command \(Words.command(story.id, step)), before this journal was rebuilt."
            verdict.dueAt = AuditTime(due)
            verdict.at = AuditTime(emitted)
            verdict.evidence = evidence(entry, version(of: story.reference, entry))
        case .skipped(let reason, let due, let index):
            let entry = history.entries[index]
            verdict.outcome = Explanation.Verdict.Outcome(reason)
            let version = version(of: story.reference, entry)
            verdict.dueAt = AuditTime(due)
            verdict.at = AuditTime(entry.clock)
            guard let version else { return }
            let (why, lines) = because(
                reason, story.reference, step, entry.before, entry.policies, version, at: entry.clock)
            verdict.text = "was not sent, because \(why)"
            verdict.evidence = evidence(entry, version, lines)
        }
    }

    private func ended(
        _ ending: JourneyStory.Ending, _ entry: ProspectHistory.Entry, _ story: JourneyStory,
        _ verdict: inout Explanation.Verdict
    ) {
        let by = entry.input.map { $0.type.name } ?? "an operator"
        switch ending {
        case .converted(let at):
            verdict.outcome = .converted
            verdict.text = "was not sent, because the person bought first, at \(at.readable) (\(by))."
            verdict.at = AuditTime(at)
        case .cancelled(let at):
            verdict.outcome = .cancelled
            verdict.text = "was not sent, because the lead was cancelled first, at \(at.readable)."
            verdict.at = AuditTime(at)
        case .superseded(let reference):
            let successor = stories.last { $0.reference == reference }.map {
                "the \(history.policies.policies[$0.policy].policy.name) journey of \($0.openedAt.readable)"
            }
            verdict.outcome = .superseded
            verdict.text = "was not sent, because \(successor ?? "another journey") took over first."
            verdict.at = AuditTime(entry.time)
        case .optedOut(let at):
            verdict.outcome = .optedOut
            verdict.text = "was not sent, because the person opted out first, at \(at.readable)."
            verdict.at = AuditTime(at)
        case .erased(let at):
            verdict.outcome = .erased
            verdict.text =
                "was not sent, because the erasure of the person's data was asked for first, at \(at.readable)."
            verdict.at = AuditTime(at)
        case .expired:
            verdict.outcome = .expired
            verdict.text = "was not sent, because the lead expired first, at \(entry.time.readable)."
            verdict.at = AuditTime(entry.time)
        }
        verdict.evidence = evidence(entry, version(of: story.reference, entry))
    }

    // MARK: Still to come

    private func undecided(
        _ story: JourneyStory, _ step: Int, _ version: PolicyVersion, _ verdict: inout Explanation.Verdict
    ) {
        guard let journey = history.state.journeys.first(where: { $0.reference == story.reference }),
            step < version.policy.steps.count
        else {
            verdict.outcome = .expired
            verdict.text = "was not sent; nothing is known of the journey any more."
            return
        }
        switch journey.status {
        case .held(_, let until):
            verdict.outcome = .held
            verdict.text =
                "has not been sent yet: a payment is pending, and until it fails, or until \(until.readable) at most, the wait stands"
                + " still."
        case .waiting:
            verdict.outcome = .waiting
            let next = Int(journey.nextStep)
            guard step == next else { return follow(journey, step, version, &verdict) }
            waiting(journey, step, version, &verdict)
        case .finished, .superseded, .converted, .cancelled, .optedOut, .erased, .expired:
            verdict.outcome = .expired
            verdict.text = "was not sent, because the journey has ended."
        }
    }

    private func waiting(
        _ journey: JourneyState, _ step: Int, _ version: PolicyVersion, _ verdict: inout Explanation.Verdict
    ) {
        let policies = history.policies.policies
        let clock = max(history.clock, journey.openedAt)
        let ends = "a purchase (\(Words.list(version.policy.convertsOn))), a cancellation, an opt-out or an erasure"
        if let due = policies.nextReminder(journey) { verdict.dueAt = AuditTime(due) }
        let outlook = policies.outlook(history.state, journey.reference, from: clock)
        guard case .step(let decided, let due, let skip) = outlook else {
            verdict.text = "was not sent, and will not be: the lead expires before it is due."
            return
        }
        let isDue = due <= clock
        if let skip, decided == step {
            let (why, _) = because(skip, journey.reference, step, history.state, policies, version, at: clock)
            verdict.reason = Explanation.Verdict.Outcome(skip).rawValue
            verdict.text =
                "has not been sent yet. It is due at \(due.readable), but as things stand it will not be sent then, because \(why)"
        } else if decided > step {
            verdict.reason = Explanation.Verdict.Outcome.overtaken.rawValue
            verdict.text =
                "has not been sent yet, and as things stand it will not be: \(Words.reminder(version, decided)) goes out"
                + " instead."
        } else if isDue {
            verdict.text =
                "has not been sent yet. It has been due since \(due.readable), and goes out as soon as everything published by then has"
                + " been read, unless \(ends) is found there."
        } else {
            verdict.text =
                "has not been sent yet. It is due at \(due.readable), \(Words.wait(version, step)), unless \(ends) comes"
                + " first."
        }
    }

    /// A reminder behind the next one.
    private func follow(
        _ journey: JourneyState, _ step: Int, _ version: PolicyVersion, _ verdict: inout Explanation.Verdict
    ) {
        verdict.text = "has not been sent yet. It is due \(Words.wait(version, step))."
    }
}

extension Explanation.Verdict.Outcome {
    init(_ reason: SkipReason) {
        switch reason {
        case .tooLate: self = .tooLate
        case .overtaken: self = .overtaken
        case .noConsent: self = .noConsent
        case .noAddress: self = .noAddress
        case .missingField: self = .missingField
        case .withheld: self = .withheld
        }
    }
}
