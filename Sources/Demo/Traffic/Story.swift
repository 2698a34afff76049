import Journey

/// One way a visit can go: the events of one visitor, each so long after the one before.
struct Story {
    enum Product: Int { case insurance, membership }
    enum End { case buys, quits, leaves }

    struct Step {
        var type: EventType
        /// Since the step before.
        var after: ClosedRange<Int64>
    }

    var product: Product
    var end: End
    /// How often it happens, among the stories of its product and end.
    var weight: Double
    var steps: [Step]

    private init(_ product: Product, _ end: End, _ weight: Double, _ steps: [Step]) {
        self.product = product
        self.end = end
        self.weight = weight
        self.steps = steps
    }

    /// Times are chosen around the waits of the demo's policies: an hour and a day for a membership, twelve hours for an
    /// offer, three days for a lead.
    static let all: [Story] = membership + insurance

    private static let membership: [Story] = [
        Story(.membership, .buys, 4, [started, updated, step(.checkoutCompleted, 2...20)]),
        Story(.membership, .buys, 3, [started, updated, pending, step(.checkoutCompleted, 1...25)]),
        Story(.membership, .buys, 1, [started, pending, failed, pending, step(.checkoutCompleted, 1...10)]),
        // Comes back after the first reminder, and after the second.
        Story(.membership, .buys, 2, [started, updated, step(.checkoutUpdated, 75...240), completed]),
        Story(.membership, .buys, 1, [started, updated, step(.checkoutUpdated, hours(26)...hours(34)), completed]),
        Story(.membership, .leaves, 3, [started]),
        Story(.membership, .leaves, 4, [started, updated]),
        Story(.membership, .leaves, 2, [started, updated, updated]),
        Story(.membership, .leaves, 1, [started, updated, pending, failed]),
        // Starts again within the week that nobody is mailed twice in.
        Story(.membership, .leaves, 1, [started, step(.checkoutStarted, hours(28)...hours(50))]),
        Story(.membership, .quits, 1, [started, updated, step(.leadCancelled, 2...45)]),
        Story(.membership, .quits, 1, [started, step(.contactOptedOut, 2...50)]),
    ]

    private static let insurance: [Story] = [
        Story(.insurance, .buys, 3, [lead, offer, step(.policyIssued, 30...hours(10))]),
        Story(.insurance, .buys, 1, [lead, step(.policyIssued, hours(2)...hours(60))]),
        Story(.insurance, .buys, 2, [offered, step(.policyIssued, 20...hours(8))]),
        // Buys after the offer's reminder.
        Story(.insurance, .buys, 2, [lead, offer, step(.policyIssued, hours(13)...hours(30))]),
        Story(.insurance, .leaves, 4, [lead]),
        Story(.insurance, .leaves, 3, [lead, offer]),
        Story(.insurance, .leaves, 2, [offered]),
        Story(.insurance, .quits, 1, [lead, step(.leadCancelled, 10...hours(20))]),
        Story(.insurance, .quits, 1, [lead, offer, step(.contactOptedOut, 5...hours(6))]),
    ]

    /// Minutes, as milliseconds.
    private static func step(_ type: EventType, _ minutes: ClosedRange<Int64>) -> Step {
        Step(type: type, after: minutes.lowerBound * 60_000...minutes.upperBound * 60_000)
    }
    private static func hours(_ count: Int64) -> Int64 { count * 60 }

    private static let started = step(.checkoutStarted, 0...0)
    private static let updated = step(.checkoutUpdated, 1...5)
    private static let pending = step(.paymentPending, 1...3)
    private static let failed = step(.paymentFailed, 1...8)
    private static let completed = step(.checkoutCompleted, 2...15)
    private static let lead = step(.salesLeadCreated, 0...0)
    private static let offer = step(.offerCreated, 8...hours(9))
    private static let offered = step(.offerCreated, 0...0)
}
