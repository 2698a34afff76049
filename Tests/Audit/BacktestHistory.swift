import Journey
import RandomTestSupport

/// A random history: people who come, go on, pay and leave, read late and in disorder, by an engine that ticks now and then.
struct BacktestHistory {
    private var random: SeededGenerator
    private var now = AuditHarness.start

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private static let types = [
        "checkout.started", "checkout.started", "checkout.updated", "checkout.completed", "sales-lead.created",
        "sales-lead.created", "offer.created", "policy.issued", "payment.pending", "payment.failed", "lead.cancelled",
        "contact.opted-out", "contact.opted-in", "contact.erasure-requested",
    ]

    /// - Parameter changesPolicies: whether waits change on the way, and waiting journeys move to them.
    mutating func play(_ harness: AuditHarness, changesPolicies: Bool) throws {
        for step in 0..<250 {
            if changesPolicies, step == 120 {
                let changed = AuditHarness.policies.replacing("after: 1h", with: "after: 20m")
                    .replacing("after: 3d", with: "after: 5d")
                try harness.reopen(changed, migrates: random.chance(50))
            }
            if random.chance(60) { try event(harness) } else { try tick(harness) }
        }
        try harness.tick(now + .days(10))
    }

    private mutating func event(_ harness: AuditHarness) throws {
        let person = "p-\(Int.random(in: 0..<12, using: &random))"
        // Consent and names are rare, addresses are mostly there.
        let late = random.chance(20) ? Span.minutes(.random(in: 0...600, using: &random)) : .zero
        try harness.event(
            Self.types.randomElement(using: &random) ?? "checkout.started", person,
            product: random.chance(20) ? nil : ["gold", "silver"].randomElement(using: &random),
            email: random.chance(15) ? "" : nil, firstName: random.chance(30) ? "Name" : nil,
            consent: random.chance(20) ? random.chance(50) : nil, at: now - late, commits: random.chance(60))
    }

    /// Mostly soon; at times after hours, or after an outage of days.
    private mutating func tick(_ harness: AuditHarness) throws {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<6: now = now + .seconds(.random(in: 1...120, using: &random))
        case 6..<9: now = now + .minutes(.random(in: 1...300, using: &random))
        default: now = now + .hours(.random(in: 5...100, using: &random))
        }
        if random.chance(50) { _ = try harness.engine.tick(now) } else { try harness.tick(now) }
    }
}
