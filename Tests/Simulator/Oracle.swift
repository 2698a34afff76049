import Foundation

/// What must hold of a run, written from the description of the product alone.
struct Oracle {
    /// A reminder as a reader of committed messages sees it.
    struct Reminder {
        var id, journey, policy, prospect: String
        var step: Int
        var openedAt, dueAt, emittedAt: Int64
        var product, subject: String?
    }

    let stories: [Story]
    let events: [(happening: Happening, appended: Int64)]
    let reminders: [Reminder]
    /// For how long the engine may have been away at a time, and a partition's clock behind.
    let longestAbsence: Int64

    static let latenessMilliseconds: Int64 = 5_000
    private static let skew: Int64 = 10 * 60_000
    private static let hour: Int64 = 3_600_000

    private static let conversions = [
        "abandoned-checkout": ["checkout.completed"], "unconverted-lead": ["policy.issued"],
        "unconverted-offer": ["policy.issued"],
    ]

    func violations() -> [String] { twice() + afterPurchase() + missing() }

    private func twice() -> [String] {
        Dictionary(grouping: reminders, by: \.id).filter { $0.value.count > 1 }
            .map { "reminder \($0.key) was sent \($0.value.count) times" }
            + Dictionary(grouping: reminders) { "\($0.prospect) \($0.policy) \($0.openedAt) \($0.step)" }
            .filter { Set($0.value.map(\.id)).count > 1 && $0.value[0].subject == nil }
            .map { "step \($0.key) was sent under several names" }
    }

    /// Everything that was acknowledged before the tick's sample was taken has been read.
    private func afterPurchase() -> [String] {
        let byProspect = Dictionary(grouping: events) { $0.happening.prospect }
        return reminders.compactMap { reminder in
            let sampled = reminder.emittedAt + Self.latenessMilliseconds
            let purchase = (byProspect[reminder.prospect] ?? []).first { event in
                let happening = event.happening
                return happening.malformed == nil && event.appended < sampled
                    && (Self.conversions[reminder.policy] ?? []).contains(happening.type)
                    && reminder.openedAt <= min(happening.time, event.appended) + Self.skew
                    && isAbout(happening, reminder)
            }
            return purchase.map {
                "reminder \(reminder.id) for \(reminder.prospect) was decided at \(reminder.emittedAt), and its "
                    + "\($0.happening.type) of \($0.happening.time) had been there since \($0.appended)"
            }
        }
    }

    private func isAbout(_ purchase: Happening, _ reminder: Reminder) -> Bool {
        switch reminder.policy {
        case "unconverted-lead":
            purchase.product == nil || reminder.product == nil || purchase.product == reminder.product
        case "unconverted-offer":
            purchase.subject == nil
                ? (purchase.product == nil || reminder.product == nil || purchase.product == reminder.product)
                : (reminder.subject == nil || purchase.subject == reminder.subject)
        default: true
        }
    }

    /// Simple stories: what must have come.
    private func missing() -> [String] {
        let sent = Set(reminders.map { "\($0.prospect) \($0.policy) \($0.step)" })
        var missing: [String] = []
        for story in stories {
            guard let opening = story.happenings.first else { continue }
            let purchase = story.happenings.dropFirst().first
            // A reminder may come later than it is due by an absence; then its purchase may be there before it.
            func require(_ policy: String, _ step: Int, due: Int64) {
                if let purchase, purchase.publishedAt <= due + longestAbsence { return }
                if !sent.contains("\(story.prospect) \(policy) \(step)") {
                    missing.append("\(story.prospect) never got step \(step) of \(policy), due at \(due)")
                }
            }
            switch story.kind {
            case .leaves, .buys:
                require("abandoned-checkout", 1, due: opening.time + Self.hour)
                require("abandoned-checkout", 2, due: opening.time + 25 * Self.hour + longestAbsence)
            case .lead, .leadBuys: require("unconverted-lead", 1, due: opening.time + 72 * Self.hour)
            case .offer: require("unconverted-offer", 1, due: opening.time + 12 * Self.hour)
            case .wild: break
            }
        }
        return missing
    }
}
