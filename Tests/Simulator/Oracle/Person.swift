/// What a naive bookkeeper would note of one prospect.
struct Person {
    /// A purchase, a cancellation, a payment or a consent, as later openings must know it.
    struct Note {
        var type: String
        var product, subject: String?
        var time: Int64
    }

    enum Status { case waiting, held, finished, superseded, converted, cancelled, optedOut, erased, expired }

    struct Journey {
        /// The policy and the opening event's id.
        var name: String
        /// The id that the opening event gave.
        var prospect: String
        /// As it was when the journey opened.
        var policy: PlainPolicy
        var status = Status.waiting
        var product, subject: String?
        var openedAt: Int64
        var activityAt: Int64
        /// Holds that are over, and the one that is not.
        var holds: [Range<Int64>] = []
        var hold: Range<Int64>?
        /// The newest payment event, and whether its hold has run out.
        var paymentAt = Int64.min
        var stepsDecided = 0
        /// When the last step was emitted, or due if it was skipped.
        var previousAt: Int64
        var wasSkipped = false
        var details: [String: String]
        var detailsAt: Int64

        var isUnderWay: Bool { status == .waiting || status == .held }
        /// Whether nothing is left but to forget it.
        var hasEnded: Bool { status == .expired || status == .erased }
        /// Whether its lead is on the leads table.
        var isListed: Bool { isUnderWay || status == .finished || status == .superseded }
        var retentionEnd: Int64 { openedAt + policy.retention }

        var about: String? {
            switch policy.scope {
            case .prospect: nil
            case .product: product
            case .subject: subject
            }
        }
    }

    var journeys: [Journey] = []
    var notes: [Note] = []
    var isSuppressed = false
    /// The newest opt-in that lifted an opt-out.
    var liftedAt: Int64?
    /// The newest opt-out or opt-in.
    var choiceAt = Int64.min
    var erasedAt = Int64.min
    var email: String?
    var emailAt = Int64.min
    var consent: Bool?
    var consentAt = Int64.min

    /// The address is kept for leads: with the last one that has data it goes. Consent lasts as long as anything.
    mutating func forget() {
        if !journeys.contains(where: { $0.status != .expired && $0.status != .erased }) {
            email = nil
            emailAt = .min
        }
        if journeys.isEmpty && notes.isEmpty {
            consent = nil
            consentAt = .min
        }
    }
}

extension PlainPolicy {
    /// Whether an event that names these may be about what these are: one that names nothing is about all.
    func covers(_ product: String?, _ subject: String?, _ otherProduct: String?, _ otherSubject: String?) -> Bool {
        func match(_ a: String?, _ b: String?) -> Bool { a == nil || b == nil || a == b }
        switch scope {
        case .prospect: return true
        case .product: return match(product, otherProduct)
        case .subject: return match(subject, otherSubject)
        }
    }
}
