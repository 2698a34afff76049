import Foundation
import Journal
import Journey
import Leads
import Testing

@Suite("The leads table")
struct LeadsTableTests {
    private let start = LeadsHarness.start

    @Test func aStartedCheckoutWaitsForItsFirstReminder() throws {
        let harness = try LeadsHarness()
        try harness.event("checkout.started")
        let lead = try #require(try harness.leads().first)
        #expect(lead.email == "ann@example.com")
        #expect(lead.prospectID == "ann")
        #expect(lead.tenant == "academy")
        #expect(lead.product == "gold")
        #expect(lead.policy == "abandoned-checkout")
        #expect(lead.policyVersion == 1)
        #expect(lead.openedAt == start)
        #expect(lead.status == .waiting)
        #expect((lead.stepsDone, lead.steps) == (0, 2))
        #expect(lead.nextReminderAt == start + .hours(1))
        #expect(lead.nextTemplate == "spot-saved")
    }

    @Test func activityMovesTheNextReminder() throws {
        let harness = try LeadsHarness()
        try harness.event("checkout.started")
        try harness.event("checkout.updated", at: start + .minutes(30))
        let lead = try #require(try harness.leads().first)
        #expect(lead.activityAt == start + .minutes(30))
        #expect(lead.nextReminderAt == start + .minutes(90))
    }

    @Test func afterAReminderTheNextStepIsShown() throws {
        let harness = try LeadsHarness()
        try harness.event("checkout.started")
        try harness.tick(start + .hours(2))
        let lead = try #require(try harness.leads().first)
        #expect(lead.status == .waiting)
        #expect(lead.stepsDone == 1)
        #expect(lead.nextReminderAt == start + .hours(26))
        #expect(lead.nextTemplate == "act-now")
    }

    @Test func aLeadWithoutStepsLeftIsFinishedAndStaysListed() throws {
        let harness = try LeadsHarness()
        try harness.event("checkout.started")
        try harness.tick(start + .hours(1))
        try harness.tick(start + .hours(25))
        let lead = try #require(try harness.leads().first)
        #expect(lead.status == .finished)
        #expect((lead.stepsDone, lead.steps) == (2, 2))
        #expect(lead.nextReminderAt == nil)
        #expect(lead.nextTemplate == nil)
    }

    @Test func aPendingPaymentHoldsALeadAndItsFailureLetsItGoOn() throws {
        let harness = try LeadsHarness()
        try harness.event("checkout.started")
        try harness.event("payment.pending", at: start + .minutes(10))
        #expect(try harness.leads().map(\.status) == [.held])
        #expect(try harness.leads().map(\.nextTemplate) == [nil])
        try harness.event("payment.failed", at: start + .minutes(20))
        #expect(try harness.leads().map(\.status) == [.waiting])
    }

    @Test func anOfferSupersedesTheLeadForTheSameProductAndBothStayListed() throws {
        let harness = try LeadsHarness()
        try harness.event("sales-lead.created", product: "pet")
        try harness.event("sales-lead.created", product: "bike", at: start + .seconds(1))
        try harness.event("offer.created", product: "pet", at: start + .hours(1))
        let leads = try harness.leads()
        #expect(leads.map(\.policy) == ["unconverted-lead", "unconverted-lead", "unconverted-offer"])
        #expect(leads.map(\.product) == ["pet", "bike", "pet"])
        #expect(leads.map(\.status) == [.superseded, .waiting, .waiting])
        #expect(leads.map(\.nextTemplate) == [nil, "lead-reminder", "offer-reminder"])
    }

    @Test(arguments: ["checkout.completed", "lead.cancelled", "contact.opted-out", "contact.erasure-requested"])
    func whoHasAnEndLeavesTheTableAtOnce(type: String) throws {
        let harness = try LeadsHarness()
        try harness.event("checkout.started", "ann")
        try harness.event("checkout.started", "ben")
        #expect(try harness.leads().map(\.prospectID) == ["ann", "ben"])
        try harness.event(type, "ann", at: start + .minutes(5))
        #expect(try harness.leads().map(\.prospectID) == ["ben"])
    }

    @Test func aLeadIsListedUntilItsRetentionEnds() throws {
        let harness = try LeadsHarness()
        try harness.event("checkout.started")
        try harness.tick(start + .days(90) - .seconds(1))
        #expect(try harness.leads().count == 1)
        try harness.tick(start + .days(90))
        #expect(try harness.leads() == [])
    }

    @Test func aNewerAddressIsTheOneThatIsShown() throws {
        let harness = try LeadsHarness()
        try harness.event("checkout.started", email: "old@example.com")
        try harness.event("checkout.updated", email: "new@example.com", at: start + .minutes(1))
        #expect(try harness.leads().map(\.email) == ["new@example.com"])
    }

    @Test func aFolderWithoutADataDirectoryIsAnError() throws {
        let path = "/nonexistent/winback-\(UUID().uuidString)"
        #expect {
            try LeadsTable(path: path, fileSystem: POSIXFileSystem())
        } throws: { error in
            (error as? JournalError)?.code == .notFound
        }
    }
}
