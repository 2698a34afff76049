import Journey

/// What other policies would have done, beside what has been done.
public struct BacktestResult: Sendable, Equatable {
    /// Every policy that either side has, by name, those of the recorded side first.
    public var policies: [BacktestPolicy] = []
    public var events = 0
    /// Of these, the ones whose own time lies in the period.
    public var eventsInPeriod = 0
    /// The own times of the oldest and the newest event.
    public var firstEvent = Instant.distantFuture
    public var lastEvent = Instant.distantPast
    public var check = Check()
    public var limits = Limits()

    public init() {}

    /// The recorded policies, decided anew in the way in which the candidate is.
    public struct Check: Sendable, Equatable {
        /// Reminders that the journal has, whenever their journeys were opened.
        public var recorded = 0
        /// Of these, the ones that were decided again: the same step of the same journey.
        public var same = 0
        /// Reminders that the journal has not.
        public var extra = 0

        public var isSame: Bool { same == recorded && extra == 0 }
    }

    /// What could not be told.
    public struct Limits: Sendable, Equatable {
        /// Events of a type that was unknown to the recorded configuration, and messages that were refused.
        public var unknownTypes = 0
        public var refused = 0
        /// Events that the candidate reads more of than was kept.
        public var withoutDetails = 0
        /// Openings whose tenant a candidate asks for and was not kept.
        public var withoutTenant = 0
        /// Fields without which the candidate sends no reminder, and that were not recorded at some time.
        public var unknownFields: [String] = []
        /// Whether the tried file says who a prospect is, and says it otherwise than what was read.
        public var hasOtherIdentity = false
        /// Operators' decisions: until then the journal has no clock of its own.
        public var rebuilt = 0
        /// Erasures that named an address alone, where nobody knows whose it is.
        public var unmatchedErasures = 0
        /// Journeys that bought, and whose last reminder before it would have been another one, or none.
        public var purchasesAfterOtherMails = 0
    }
}

/// One policy on both sides.
public struct BacktestPolicy: Sendable, Equatable {
    public var name: String
    public var recorded = BacktestSide()
    public var candidate = BacktestSide()
    /// People who had at least one reminder of the policy.
    public var mailedByBoth = 0
    public var mailedByRecorded = 0
    public var mailedByCandidate = 0
    /// Reminders of journeys that bought on both sides: those that only the recorded side had sent by then, and the reverse.
    public var mailsSaved = 0
    public var mailsAdded = 0
    /// The earliest, whom only one side would have mailed.
    public var recordedExamples: [BacktestExample] = []
    public var candidateExamples: [BacktestExample] = []

    public init(name: String) { self.name = name }
}

/// What became of one policy's journeys that were opened in the period.
public struct BacktestSide: Sendable, Equatable {
    /// The newest version; `nil` where the side has no such policy.
    public var policy: Policy?
    public var opened = 0
    public var boughtUnreminded = 0
    /// After a reminder, and within `BacktestTally.afterReminder` of it.
    public var boughtWithinWeek = 0
    public var steps: [Step] = []

    public init() {}

    public var sent: Int { steps.reduce(0) { $0 + $1.sent } }
    public var bought: Int { steps.reduce(boughtUnreminded) { $0 + $1.bought } }
    public func skipped(_ reason: SkipReason) -> Int { steps.reduce(0) { $0 + $1[reason] } }

    public struct Step: Sendable, Equatable {
        public var template: String
        public var sent = 0
        /// Journeys that bought after it, and before another reminder.
        public var bought = 0
        private var skips = Array(repeating: 0, count: Int(SkipReason.allCases.map(\.rawValue).max() ?? 0) + 1)

        public init(template: String) { self.template = template }

        public subscript(reason: SkipReason) -> Int {
            get { skips[Int(reason.rawValue)] }
            set { skips[Int(reason.rawValue)] = newValue }
        }
    }

    /// Makes room for the steps of a version that is newer than those before.
    mutating func add(_ version: Policy) {
        policy = version
        for (index, step) in version.steps.enumerated() {
            if index < steps.count {
                steps[index].template = step.template
            } else {
                steps.append(Step(template: step.template))
            }
        }
    }
}

/// Somebody whom only one of both sides would have mailed.
public struct BacktestExample: Sendable, Equatable {
    public var partition: Int32
    /// The first reminder's.
    public var at: Instant
    /// Where the person's data may be read: a record of the journal, or in a topic an offset.
    var record: RecordPosition
    var topic: UInt8 = 0
    /// Empty where the data has been destroyed, or was not kept.
    public var prospectID = ""
    public var email = ""
    /// The newest message with the person's data, where messages are all there is: topic, partition and offset.
    public var message = ""
    var prospect: ProspectKey

    static func < (a: BacktestExample, b: BacktestExample) -> Bool {
        if a.at != b.at { return a.at < b.at }
        return a.prospect < b.prospect
    }
}
