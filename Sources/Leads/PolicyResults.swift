import Journey

/// What became of the journeys of one policy that were opened in a period: each counts once in `opened`, and once in what
/// became of it.
public struct PolicyResults: Sendable, Equatable {
    public let policy: String
    public var opened = 0
    /// Bought before any reminder was sent.
    public var convertedUnreminded = 0
    public var steps: [Step] = []
    public var cancelled = 0
    /// Another journey took over, and nothing else has ended it.
    public var superseded = 0
    public var optedOut = 0
    public var erased = 0
    public var expired = 0
    /// Neither bought nor ended yet: it waits, is held, or no step is left.
    public var open = 0

    public init(policy: String) { self.policy = policy }

    /// In all, before and after reminders.
    public var converted: Int { steps.reduce(convertedUnreminded) { $0 + $1.converted } }

    public struct Step: Sendable, Equatable {
        /// Of the newest version of the policy that has the step.
        public var template: String
        /// Journeys whose reminder of this step was sent.
        public var reminded = 0
        /// Of these, the ones that bought before another reminder was sent.
        public var converted = 0
        /// By `SkipReason`'s raw value.
        fileprivate var skips: [Int]

        public init(template: String) {
            self.template = template
            skips = Array(repeating: 0, count: Int(SkipReason.allCases.map(\.rawValue).max() ?? 0) + 1)
        }

        public subscript(reason: SkipReason) -> Int {
            get { skips[Int(reason.rawValue)] }
            set { skips[Int(reason.rawValue)] = newValue }
        }

        public var skipped: Int { skips.reduce(0, +) }
    }

    /// Makes room for the steps of a version that is newer than those before.
    mutating func add(_ version: Policy) {
        for (index, step) in version.steps.enumerated() {
            if index < steps.count {
                steps[index].template = step.template
            } else {
                steps.append(Step(template: step.template))
            }
        }
    }

    static func += (a: inout PolicyResults, b: PolicyResults) {
        a.opened += b.opened
        a.convertedUnreminded += b.convertedUnreminded
        a.cancelled += b.cancelled
        a.superseded += b.superseded
        a.optedOut += b.optedOut
        a.erased += b.erased
        a.expired += b.expired
        a.open += b.open
        for (index, step) in b.steps.enumerated() {
            if index == a.steps.count { a.steps.append(Step(template: step.template)) }
            a.steps[index].reminded += step.reminded
            a.steps[index].converted += step.converted
            for reason in SkipReason.allCases { a.steps[index][reason] += step[reason] }
        }
    }
}
