import Engine
import Journey
import Testing

@testable import Leads

@Suite("Cancelling leads")
struct LeadCancellationTests {
    private static func lead(
        _ policy: String, _ scope: Policy.Scope, product: String = "", subject: String = "", _ number: UInt64
    ) -> AddressedLead {
        AddressedLead(
            lead: Lead(
                tenant: "kasko", prospectID: "p-1", email: "p-1@example.com", product: product, policy: policy,
                policyVersion: 1, openedAt: LeadsHarness.start, activityAt: LeadsHarness.start, stepsDone: 0, steps: 1,
                nextReminderAt: nil, nextTemplate: nil, status: .waiting, partition: 3, isPending: false),
            journey: JourneyReference(rawValue: number), scope: scope,
            opening: JournalState.Opening(
                key: "kasko:p-1", tenant: "kasko", prospectID: "p-1", product: product, subject: subject))
    }

    private let pet = lead("lead", .product, product: "pet", subject: "l-1", 1)
    private let bike = lead("lead", .product, product: "bike", subject: "l-2", 2)
    private let offer = lead("offer", .subject, product: "pet", subject: "o-1", 3)
    private let checkout = lead("checkout", .prospect, product: "gold", 4)

    /// What is named, and which journeys end.
    private func plan(_ wanted: [AddressedLead], of person: [AddressedLead]) -> [String] {
        LeadCancellation.plan(wanted, of: person).map { cancellation in
            let ends = cancellation.ends.map { "\($0.journey.rawValue)" }.joined(separator: " ")
            return "\(cancellation.product)/\(cancellation.subject) ends \(ends)"
        }
    }

    @Test func allLeadsOfAPersonEndWithOneEventThatNamesNothing() {
        #expect(plan([pet, bike, offer], of: [pet, bike, offer]) == ["/ ends 1 2 3"])
        #expect(plan([checkout], of: [checkout]) == ["/ ends 4"])
    }

    @Test func someLeadsEndByWhatTheyAreAbout() {
        #expect(plan([offer], of: [bike, offer]) == ["pet/o-1 ends 3"])
        #expect(plan([pet, bike], of: [pet, bike, offer]) == ["pet/l-1 ends 1", "bike/l-2 ends 2"])
    }

    @Test func whatCannotBeToldApartIsSaid() throws {
        // The offer's event names the product that the lead is about, too.
        let cancellation = try #require(LeadCancellation.plan([offer], of: [pet, offer]).first)
        #expect(cancellation.others(than: [offer]) == [pet])
        // A lead about the person as a whole ends with every cancellation.
        let other = try #require(LeadCancellation.plan([bike], of: [bike, checkout]).first)
        #expect(other.others(than: [bike]) == [checkout])
    }

    @Test func oneEventServesAllLeadsThatItEnds() {
        let second = Self.lead("late", .product, product: "pet", 5)
        #expect(plan([pet, second], of: [pet, second, bike]) == ["pet/l-1 ends 1 5"])
    }

    @Test func thePlanIsWhatTheEngineDoes() throws {
        let harness = try LeadsHarness()
        try harness.event("sales-lead.created", product: "pet")
        try harness.event("sales-lead.created", product: "bike", at: LeadsHarness.start + .seconds(1))
        let person = try #require(try harness.people().first)
        #expect(person.map(\.opening.product) == ["pet", "bike"])
        #expect(person.allSatisfy { $0.opening.prospectID == "ann" && $0.opening.tenant == "academy" })
        let wanted = person.filter { $0.opening.product == "bike" }
        let plan = try #require(LeadCancellation.plan(wanted, of: person).first)
        try harness.event("lead.cancelled", product: plan.product, at: LeadsHarness.start + .hours(1))
        #expect(try harness.people().first == person.filter { !plan.ends.contains($0) })
    }
}
