import Journey

/// What an event's facts need of its record.
struct RecordNeed {
    /// A fact refers to the record as it came. An address alone is as well found in a completed one.
    var isWhole: Bool { isReferredTo || (isContact && !isCompleted) }
    /// A journey knows more than the record says: it is completed first.
    private(set) var isCompleted = false
    /// The decision depended on the ids that the event's journeys have or would have.
    private(set) var usesSeed = false
    private var isReferredTo = false
    private var isContact = false

    /// - Parameter state: what was known before the event.
    @inline(__always)
    mutating func add(_ fact: Fact, _ input: Input, _ state: borrowing ProspectState) {
        switch fact {
        case .opened:
            isReferredTo = true
            usesSeed = true
        case .ignored(.duplicate, _): usesSeed = true
        case .detailsRefreshed(let reference, let details, _) where !details.isNone:
            let lacks = state.journeys.contains { $0.reference == reference && $0.lacks(details) }
            if lacks { isCompleted = true } else { isReferredTo = true }
        case .contactRefreshed(let record, _) where record == input.details.record: isContact = true
        case .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .reminderRequested, .reminderSkipped,
            .reminderFound, .held, .resumed, .converted, .cancelled, .superseded, .reentrySuppressed, .remembered,
            .optedOut, .optedIn,
            .erased, .addressErased, .expired, .forgotten, .lapsed, .migrated, .ignored:
            break
        }
    }
}

extension JourneyState {
    /// Whether these details lack a field that is known.
    func lacks(_ details: Details) -> Bool {
        !details.isNone && self.details.record != .none && self.details.fields & ~details.fields != 0
    }
}
