/// What happened to a lead, as those see it who keep a list of contacts: what `topics.leads` carries.
///
/// Every lead is created once, and ends once: converted, cancelled, opted out or expired. Between the two it may be
/// refreshed, and superseded once. As long as its data is there, an erasure may follow.
public struct LeadChange: Hashable, Sendable {
    public var journey: JourneyReference
    public var kind: Kind

    public init(_ journey: JourneyReference, _ kind: Kind) {
        self.journey = journey
        self.kind = kind
    }

    public enum Kind: Hashable, Sendable {
        case created
        /// What is known of it, the address or the consent has changed.
        case refreshed
        /// It has come under a version of its policy whose campaign, tags or fields are others.
        case moved(from: PolicyIndex)
        /// Another lead took over: its reminders are given up, and it stays on the leads table.
        case superseded(by: JourneyID)
        /// `afterStep`: how many steps had been decided by then.
        case converted(afterStep: UInt8)
        case cancelled
        case optedOut
        case expired
        case erased

        /// Whether it brings the lead's content, rather than taking the lead away.
        public var isPresence: Bool {
            switch self {
            case .created, .refreshed, .moved: true
            case .superseded, .converted, .cancelled, .optedOut, .expired, .erased: false
            }
        }
    }
}

extension Fact {
    /// Whether it may be a lead's change; most are not.
    public var mayChangeLead: Bool {
        switch self {
        case .detailsRefreshed(_, let details, _): !details.isNone
        case .opened, .contactRefreshed, .consentChanged, .converted, .cancelled, .superseded, .optedOut, .erased,
            .addressErased,
            .expired, .migrated:
            true
        case .activity, .reminderRequested, .reminderSkipped, .reminderFound, .held, .resumed, .reentrySuppressed,
            .remembered,
            .optedIn, .forgotten, .lapsed, .ignored:
            false
        }
    }
}

extension JourneyState.Status {
    /// Whether the contact bears the lead's tags: it is listed, and no other lead took over.
    public var bearsTags: Bool {
        switch self {
        case .waiting, .held, .finished: true
        case .superseded, .converted, .cancelled, .optedOut, .erased, .expired: false
        }
    }
}

extension ProspectState {
    /// Whether a mail may go to the prospect under a policy, as far as consent decides it.
    public func allowsContact(_ policy: Policy) -> Bool {
        consent != .withheld && (!policy.consentRequired || consent == .given)
    }
}

extension PolicySet {
    /// What the facts of one event or timer mean for the prospect's leads: what ends or gives way first, so that whoever
    /// takes tags off and then adds some ends with those that are right.
    ///
    /// - Parameters:
    ///   - before: the state that the facts were decided from.
    ///   - after: the same state with the facts evolved.
    ///   - isNewAddress: whether a fact brings another address than was known.
    public func leadChanges(
        from before: ProspectState, _ facts: Facts, to after: ProspectState, isNewAddress: Bool,
        into changes: inout ContiguousArray<LeadChange>
    ) {
        for fact in facts { appendEndings(before, fact, facts, &changes) }
        for fact in facts {
            if case .opened(let opening) = fact { changes.append(LeadChange(opening.journey.reference, .created)) }
        }
        let isRefreshedAsPerson = isNewAddress || after.consent != before.consent
        for journey in after.journeys where journey.status.bearsTags {
            guard let known = before.journeys.first(where: { $0.reference == journey.reference }) else { continue }
            if saysOtherwise(known, journey) {
                changes.append(LeadChange(journey.reference, .moved(from: known.policy)))
            } else if isRefreshedAsPerson || facts.refreshDetails(of: journey.reference) {
                changes.append(LeadChange(journey.reference, .refreshed))
            }
        }
    }

    /// Whether the journey has moved to a version whose campaign, tags or fields are others.
    private func saysOtherwise(_ before: JourneyState, _ after: JourneyState) -> Bool {
        before.policy != after.policy && self[before.policy].policy.command != self[after.policy].policy.command
    }

    private func appendEndings(
        _ before: ProspectState, _ fact: Fact, _ facts: Facts, _ changes: inout ContiguousArray<LeadChange>
    ) {
        switch fact {
        case .superseded(let reference, let by):
            if let id = facts.opened(by) { changes.append(LeadChange(reference, .superseded(by: id))) }
        case .converted(let reference, _, let afterStep):
            changes.append(LeadChange(reference, .converted(afterStep: afterStep)))
        case .cancelled(let reference, _): changes.append(LeadChange(reference, .cancelled))
        case .optedOut:
            for journey in before.journeys where journey.status.isListed {
                changes.append(LeadChange(journey.reference, .optedOut))
            }
        case .erased, .addressErased:
            for journey in before.journeys where journey.opening != .none {
                changes.append(LeadChange(journey.reference, .erased))
            }
        case .expired(let reference):
            // Of a lead that has ended before, only the data goes now.
            let isListed = before.journeys.contains { $0.reference == reference && $0.status.isListed }
            if isListed { changes.append(LeadChange(reference, .expired)) }
        case .opened, .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .reminderRequested,
            .reminderSkipped, .reminderFound, .held, .resumed, .reentrySuppressed, .remembered, .optedIn, .forgotten,
            .lapsed, .migrated, .ignored:
            break
        }
    }
}

extension Facts {
    /// A journey that is superseded is so by one that opens.
    fileprivate func opened(_ journey: JourneyReference) -> JourneyID? {
        for fact in self {
            if case .opened(let opening) = fact, opening.journey.reference == journey { return opening.journey }
        }
        return nil
    }

    fileprivate func refreshDetails(of journey: JourneyReference) -> Bool {
        contains { fact in
            guard case .detailsRefreshed(journey, let details, _) = fact else { return false }
            return !details.isNone
        }
    }
}
