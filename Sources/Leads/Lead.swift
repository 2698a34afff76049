import Journey

/// One line of the leads table: a person who left something, and what becomes of it.
public struct Lead: Sendable, Equatable {
    public var tenant: String
    /// Empty where the person is known by address alone, or where the data has been destroyed.
    public var prospectID: String
    public var email: String
    public var product: String
    public var policy: String
    /// 1 for the first version of the policy.
    public var policyVersion: Int
    public var openedAt: Instant
    /// The newest activity.
    public var activityAt: Instant
    /// How many steps have been decided, and how many there are.
    public var stepsDone: Int
    public var steps: Int
    /// When the next reminder is due if nothing happens until then.
    public var nextReminderAt: Instant?
    /// The template of the next reminder.
    public var nextTemplate: String?
    public var status: Status
    public var partition: Int32
    /// Something about the person is in the journal, but its commit is not known to have succeeded yet.
    public var isPending: Bool

    public enum Status: String, CaseIterable, Sendable {
        case waiting
        /// A payment is pending.
        case held
        /// No step is left.
        case finished
        /// Another journey took over.
        case superseded

        init?(_ status: JourneyState.Status) {
            switch status {
            case .waiting: self = .waiting
            case .held: self = .held
            case .finished: self = .finished
            case .superseded: self = .superseded
            case .converted, .cancelled, .optedOut, .erased, .expired: return nil
            }
        }
    }
}
