import Journey

/// What became of one journey of a prospect, step by step, in the order of its history.
struct JourneyStory {
    enum Step {
        case sent(due: Instant, emitted: Instant, entry: Int)
        /// It had gone out before the journal was rebuilt.
        case found(due: Instant, emitted: Instant, entry: Int)
        case skipped(SkipReason, due: Instant, entry: Int)
    }

    enum Ending {
        case converted(at: Instant)
        case cancelled(at: Instant)
        case superseded(by: JourneyReference)
        case optedOut(at: Instant)
        case erased(at: Instant)
        case expired
    }

    var id: JourneyID
    /// The version it has now, and the entry that opened it.
    var policy: PolicyIndex
    var openedAt: Instant
    var openedBy: Int
    /// By step, those that have been decided.
    var steps: [Step] = []
    /// What ended it while reminders could still come or it was listed, and by which entry.
    private(set) var ending: (Ending, entry: Int)?

    var reference: JourneyReference { id.reference }

    /// The journeys of a history, in the order of their openings.
    static func all(of history: ProspectHistory) -> [JourneyStory] {
        var stories: [JourneyStory] = []
        for (index, entry) in history.entries.enumerated() {
            for fact in entry.facts { add(fact, entry, index, to: &stories) }
        }
        return stories
    }

    private static func add(
        _ fact: Fact, _ entry: ProspectHistory.Entry, _ index: Int, to stories: inout [JourneyStory]
    ) {
        func change(_ reference: JourneyReference, _ body: (inout JourneyStory) -> Void) {
            if let place = stories.lastIndex(where: { $0.reference == reference }) { body(&stories[place]) }
        }
        switch fact {
        case .opened(let opening):
            stories.append(
                JourneyStory(id: opening.journey, policy: opening.policy, openedAt: opening.at, openedBy: index))
        case .reminderRequested(let reference, _, let due, let emitted):
            change(reference) { $0.steps.append(.sent(due: due, emitted: emitted, entry: index)) }
        case .reminderFound(let reference, _, let due, let emitted):
            change(reference) { $0.steps.append(.found(due: due, emitted: emitted, entry: index)) }
        case .reminderSkipped(let reference, _, let due, let reason):
            change(reference) { $0.steps.append(.skipped(reason, due: due, entry: index)) }
        case .converted(let reference, let at, _): change(reference) { $0.end(.converted(at: at), index) }
        case .cancelled(let reference, let at): change(reference) { $0.end(.cancelled(at: at), index) }
        case .superseded(let reference, let by): change(reference) { $0.end(.superseded(by: by), index) }
        case .expired(let reference): change(reference) { $0.end(.expired, index) }
        case .migrated(let reference, let version): change(reference) { $0.policy = version }
        case .optedOut(let at):
            let listed = Set(entry.before.journeys.filter(\.status.isListed).map(\.reference))
            for place in stories.indices where listed.contains(stories[place].reference) {
                stories[place].end(.optedOut(at: at), index)
            }
        case .erased(let at), .addressErased(let at):
            for place in stories.indices { stories[place].end(.erased(at: at), index) }
        case .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .held, .resumed, .reentrySuppressed,
            .remembered, .optedIn, .forgotten, .lapsed, .ignored:
            break
        }
    }

    /// The first ending says why no more reminders came: a lead that was superseded may still be bought.
    private mutating func end(_ ending: Ending, _ entry: Int) {
        if self.ending == nil { self.ending = (ending, entry) }
    }
}

extension ProspectHistory {
    /// A journey's whole id in hexadecimal digits; `nil` where its opening is not in the history.
    public func journeyID(_ reference: JourneyReference) -> String? {
        for entry in entries {
            for fact in entry.facts {
                if case .opened(let opening) = fact, opening.journey.reference == reference {
                    return Words.hexadecimal(opening.journey)
                }
            }
        }
        return nil
    }
}
