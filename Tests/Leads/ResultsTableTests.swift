import Journal
import Journey
import Leads
import Testing

@testable import Engine

@Suite("Results")
struct ResultsTableTests {
    private let start = LeadsHarness.start

    /// Ten people who leave a checkout, and what becomes of each.
    private func story(_ harness: LeadsHarness) throws {
        // The last frame's commit is known to the engine alone: it is confirmed by the status, as in service.
        try harness.publishStatus(confirmedPosition: 1 << 40)
        for number in 0..<10 {
            try harness.event("checkout.started", "p\(number)", at: start + .minutes(Int64(number)))
        }
        try harness.event("checkout.completed", "p0", at: start + .minutes(30))
        try harness.event("lead.cancelled", "p1", at: start + .minutes(30))
        try harness.event("contact.opted-out", "p2", at: start + .minutes(30))
        try harness.event("contact.erasure-requested", "p3", at: start + .minutes(30))
        // The first reminder goes to six.
        try harness.tick(start + .hours(2))
        try harness.event("checkout.completed", "p4", at: start + .hours(3))
        try harness.event("checkout.completed", "p5", at: start + .hours(3))
        // The second one to three of the four that are left: one has withdrawn consent.
        try harness.event("checkout.updated", "p6", consent: false, at: start + .hours(3))
        try harness.tick(start + .hours(27))
        try harness.event("checkout.completed", "p7", at: start + .hours(30))
        // Who was not sent the second one has bought after the first.
        try harness.event("checkout.completed", "p6", at: start + .hours(30))
    }

    @Test func everyJourneyCountsOnceInWhatBecameOfIt() throws {
        let harness = try LeadsHarness()
        try story(harness)
        let results = try harness.results(start..<start + .days(1))
        #expect(results.map(\.policy) == ["unconverted-lead", "unconverted-offer", "abandoned-checkout"])
        #expect(results[0] == PolicyResults(policy: "unconverted-lead", steps: ["lead-reminder"]))
        let checkout = results[2]
        #expect(checkout.opened == 10)
        #expect(checkout.convertedUnreminded == 1)
        #expect(checkout.steps.map(\.template) == ["spot-saved", "act-now"])
        #expect(checkout.steps.map(\.reminded) == [6, 3])
        #expect(checkout.steps.map(\.converted) == [3, 1])
        #expect(checkout.steps.map(\.skipped) == [0, 1])
        #expect(checkout.steps[1][.noConsent] == 1)
        #expect(checkout.converted == 5)
        #expect((checkout.cancelled, checkout.optedOut, checkout.erased) == (1, 1, 1))
        #expect((checkout.superseded, checkout.expired, checkout.open) == (0, 0, 2))
        // Long after, those that were left are gone; the period stays the same.
        try harness.tick(start + .days(100))
        let later = try harness.results(start..<start + .days(1))[2]
        #expect((later.expired, later.open) == (2, 0))
        #expect(later.converted == 5)
    }

    @Test func whatIsOpenedAtTheEndOfAPeriodBelongsToTheNext() throws {
        let harness = try LeadsHarness()
        try story(harness)
        let opened = try [start..<start + .minutes(3), start + .minutes(3)..<start + .minutes(9)].map {
            try harness.results($0)[2]
        }
        #expect(opened.map(\.opened) == [3, 6])
        #expect(opened.map(\.steps[0].reminded) == [0, 5])
        // Those who were reminded and bought in that time, but had come before, do not count.
        #expect(try harness.results(start + .hours(1)..<start + .days(9))[2].opened == 0)
    }

    @Test func aSupersededJourneyCountsAsSuchUnlessItBuys() throws {
        let harness = try LeadsHarness()
        try harness.publishStatus(confirmedPosition: 1 << 40)
        for (index, product) in ["pet", "bike", "home"].enumerated() {
            try harness.event("sales-lead.created", product: product, at: start + .seconds(Int64(index)))
        }
        try harness.event("offer.created", product: "pet", at: start + .hours(1))
        try harness.event("offer.created", product: "bike", at: start + .hours(2))
        try harness.event("policy.issued", product: "bike", at: start + .hours(3))
        try harness.tick(start + .days(100))
        let results = try harness.results(start..<start + .days(1))
        #expect(results[0].opened == 3)
        #expect((results[0].superseded, results[0].convertedUnreminded, results[0].expired) == (1, 1, 1))
        #expect((results[1].opened, results[1].converted, results[1].expired) == (2, 1, 1))
    }

    @Test func onlyWhatIsCommittedCounts() throws {
        let harness = try LeadsHarness()
        try harness.event("checkout.started", "p0")
        #expect(try harness.results(start..<start + .days(1)) == [])
        // A frame says that the one before it was committed.
        try harness.event("checkout.started", "p1")
        #expect(try harness.results(start..<start + .days(1))[2].opened == 1)
        try harness.publishStatus(confirmedPosition: 1 << 40)
        #expect(try harness.results(start..<start + .days(1))[2].opened == 2)
    }

    @Test func aRestartAndASnapshotChangeNothing() throws {
        let harness = try LeadsHarness()
        try story(harness)
        let before = try harness.results(start..<start + .days(1))
        try harness.makeSnapshot()
        try harness.reopen()
        #expect(try harness.results(start..<start + .days(1)) == before)
    }
}

extension PolicyResults {
    fileprivate init(policy: String, steps: [String]) {
        self.init(policy: policy)
        self.steps = steps.map { Step(template: $0) }
    }
}
