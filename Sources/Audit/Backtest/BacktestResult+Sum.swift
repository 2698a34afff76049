import Journey

extension BacktestResult {
    /// Adds what another shard gave.
    mutating func add(_ other: BacktestResult, examples: Int) {
        for policy in other.policies {
            if let place = policies.firstIndex(where: { $0.name == policy.name }) {
                policies[place].add(policy, examples: examples)
            } else {
                policies.append(policy)
            }
        }
        events += other.events
        eventsInPeriod += other.eventsInPeriod
        firstEvent = min(firstEvent, other.firstEvent)
        lastEvent = max(lastEvent, other.lastEvent)
        check.recorded += other.check.recorded
        check.same += other.check.same
        check.extra += other.check.extra
        limits.add(other.limits)
    }
}

extension BacktestResult.Limits {
    mutating func add(_ other: BacktestResult.Limits) {
        unknownTypes += other.unknownTypes
        refused += other.refused
        withoutDetails += other.withoutDetails
        withoutTenant += other.withoutTenant
        hasOtherIdentity = hasOtherIdentity || other.hasOtherIdentity
        rebuilt += other.rebuilt
        unmatchedErasures += other.unmatchedErasures
        purchasesAfterOtherMails += other.purchasesAfterOtherMails
        add(unknownFields: other.unknownFields)
    }

    mutating func add(unknownFields: [String]) {
        for field in unknownFields where !self.unknownFields.contains(field) { self.unknownFields.append(field) }
    }
}

extension BacktestPolicy {
    mutating func add(_ other: BacktestPolicy, examples: Int) {
        recorded.add(other.recorded)
        candidate.add(other.candidate)
        mailedByBoth += other.mailedByBoth
        mailedByRecorded += other.mailedByRecorded
        mailedByCandidate += other.mailedByCandidate
        mailsSaved += other.mailsSaved
        mailsAdded += other.mailsAdded
        recordedExamples.addEarliest(other.recordedExamples, limit: examples)
        candidateExamples.addEarliest(other.candidateExamples, limit: examples)
    }
}

extension BacktestSide {
    mutating func add(_ other: BacktestSide) {
        if policy == nil { policy = other.policy }
        opened += other.opened
        boughtUnreminded += other.boughtUnreminded
        boughtWithinWeek += other.boughtWithinWeek
        for (index, step) in other.steps.enumerated() {
            if index == steps.count { steps.append(Step(template: step.template)) }
            steps[index].sent += step.sent
            steps[index].bought += step.bought
            for reason in SkipReason.allCases { steps[index][reason] += step[reason] }
        }
    }
}

extension [BacktestExample] {
    /// Keeps the earliest, in an order that does not depend on threads or tables.
    mutating func addEarliest(_ others: [BacktestExample], limit: Int) {
        for example in others {
            if count >= limit, let last, !(example < last) { continue }
            if limit == 0 { return }
            insert(example, at: firstIndex { example < $0 } ?? count)
            if count > limit { removeLast() }
        }
    }
}
