import Journey
import Terminal

/// What a demo counts, from outside: what it published and what the mail worker got.
struct DemoTally {
    /// Milliseconds of the demo's clock by which a purchase is surely acknowledged and seen.
    let settledMilliseconds: Int64
    private(set) var events = 0
    private(set) var purchases = 0
    private(set) var reminders = 0
    private(set) var byTemplate: [String: Int] = [:]
    /// The id of the newest command; nil before the first.
    private(set) var newestCommand: String?
    /// Commands whose id came before: must stay 0.
    private(set) var repeated = 0
    /// Reminders to people who had bought before it was decided: must stay 0.
    private(set) var afterPurchase = 0
    private var seen: Set<String> = []
    /// When the purchase was published, by prospect.
    private var boughtAt: [String: Int64] = [:]

    init(settledMilliseconds: Int64) { self.settledMilliseconds = settledMilliseconds }

    mutating func published(_ type: EventType, prospect: UnsafeRawBufferPointer, at now: Instant) {
        events += 1
        switch type {
        case .salesLeadCreated, .checkoutStarted, .offerCreated:
            // Whoever starts anew may be reminded anew.
            boughtAt[String(decoding: prospect, as: UTF8.self)] = nil
        case .policyIssued, .checkoutCompleted:
            purchases += 1
            boughtAt[String(decoding: prospect, as: UTF8.self)] = now.milliseconds
        case .checkoutUpdated, .paymentPending, .paymentFailed, .leadCancelled, .contactOptedOut,
            .contactOptedIn, .contactErasureRequested:
            break
        }
    }

    mutating func received(_ reminder: Reminder) {
        guard seen.insert(reminder.id).inserted else {
            repeated += 1
            return
        }
        reminders += 1
        newestCommand = reminder.id
        byTemplate[reminder.template, default: 0] += 1
        if let bought = boughtAt[reminder.prospect], reminder.emittedAt > bought + settledMilliseconds {
            afterPurchase += 1
        }
    }

    var summary: String {
        "\(Self.text(events)) events, \(Self.text(purchases)) purchases, \(Self.text(reminders)) reminders"
    }

    static func text(_ number: Int) -> String { NumberText.grouped(Int64(number)) }
}
