import Configuration
import Engine
import Journey

/// How answers call things, so that each is called the same everywhere.
enum Words {
    /// The beginning of a sentence about an event; its type, as upstream services call it, follows in brackets.
    static func event(_ type: EventType) -> String {
        let text =
            switch type {
            case .salesLeadCreated: "A sales lead was created"
            case .offerCreated: "An offer was made"
            case .policyIssued: "A policy was issued"
            case .checkoutStarted: "A checkout was started"
            case .checkoutUpdated: "A checkout was updated"
            case .checkoutCompleted: "A checkout was completed"
            case .paymentPending: "A payment was pending"
            case .paymentFailed: "A payment failed"
            case .leadCancelled: "A lead was cancelled"
            case .contactOptedOut: "The person opted out of reminders"
            case .contactOptedIn: "The person opted in to reminders"
            case .contactErasureRequested: "The erasure of the person's data was asked for"
            }
        return "\(text) (\(type.name))"
    }

    /// A reminder by its number and template.
    static func reminder(_ version: PolicyVersion, _ step: Int) -> String {
        let steps = version.policy.steps
        guard step < steps.count else { return "reminder \(step + 1)" }
        return "reminder \(step + 1) of \(steps.count) (\(steps[step].template))"
    }

    /// From when a step's wait runs.
    static func wait(_ version: PolicyVersion, _ step: Int) -> String {
        let rule = version.policy.steps[step]
        let from =
            switch (rule.from, version.policy.anchor) {
            case (.previous, _) where step > 0: "reminder \(step)"
            case (_, .opened): "the opening"
            case (_, .lastActivity): "the last activity"
            }
        return "\(rule.after.shortText) after \(from)"
    }

    static func list(_ types: EventTypeSet) -> String {
        let names = types.types.map(\.name)
        guard names.count > 1, let last = names.last else { return names.first ?? "no event" }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }

    static func hexadecimal(_ id: JourneyID) -> String { hexadecimal(id.high, id.low) }

    static func hexadecimal(_ key: ProspectKey) -> String { hexadecimal(key.high, key.low) }

    static func hexadecimal(_ high: UInt64, _ low: UInt64) -> String { hexadecimal(high) + hexadecimal(low) }

    private static func hexadecimal(_ number: UInt64) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    /// - Parameter step: from 0.
    static func command(_ journey: JourneyID, _ step: Int) -> String { "\(hexadecimal(journey))-\(step + 1)" }

    static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
