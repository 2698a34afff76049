import Journey

/// A journey as it stood.
public struct JourneyRow: Sendable {
    public var id: JourneyID
    public var prospect: ProspectKey
    public var version: PolicyVersion
    public var status: JourneyState.Status
    public var openedAt: Instant
    /// The newest activity.
    public var activityAt: Instant
    public var stepsDone: Int
    /// When the next reminder is due if nothing happens until then.
    public var nextReminderAt: Instant?
    /// The product, as a keyed hash.
    public var product: ScopeKey
    public var partition: Int32
    /// Whether something about the person is not known to be committed.
    public var isPending: Bool
    var records: PersonRecords

    init(
        _ journey: JourneyState, _ id: JourneyID, _ prospect: ProspectKey, _ state: ProspectState,
        _ policies: PolicySet, partition: Int32, isPending: Bool
    ) {
        self.id = id
        self.prospect = prospect
        version = policies[journey.policy]
        status = journey.status
        openedAt = journey.openedAt
        activityAt = journey.activityAt
        stepsDone = Int(journey.nextStep)
        nextReminderAt = policies.nextReminder(journey)
        product = journey.product
        self.partition = partition
        self.isPending = isPending
        records = PersonRecords(opening: journey.opening, contact: state.contact.record)
    }

    public var journeyID: String { Words.hexadecimal(id) }
    public var prospectID: String { Words.hexadecimal(prospect) }
    public var steps: Int { version.policy.steps.count }
    /// The template of the next reminder, where one may still come.
    public var nextTemplate: String? {
        status.isActive && stepsDone < steps ? version.policy.steps[stepsDone].template : nil
    }
    /// When it was bought or cancelled.
    public var endedAt: Instant? {
        switch status {
        case .converted(let at), .cancelled(let at): at
        case .waiting, .held, .finished, .superseded, .optedOut, .erased, .expired: nil
        }
    }
}

extension ShardReading {
    /// Every journey of which anything is still known, in no order that means anything.
    func forEachJourney(_ visit: (JourneyRow) throws -> Void) rethrows {
        let policies = policies
        let pendingPeople = pendingPeople
        try fold.visitProspects { prospect, state in
            for journey in state.journeys {
                try visit(
                    JourneyRow(
                        journey, id(of: journey.reference, prospect), prospect, state, policies, partition: partition,
                        isPending: pendingPeople.contains(prospect)))
            }
        }
    }
}
