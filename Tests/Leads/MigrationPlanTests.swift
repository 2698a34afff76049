import Configuration
import Foundation
import Journey
import Leads
import Testing

@Suite("What a changed configuration means for waiting journeys")
struct MigrationPlanTests {
    private let start = LeadsHarness.start

    private func changed(_ old: String, _ new: String) -> String {
        let text = LeadsHarness.policies.replacingOccurrences(of: old, with: new)
        #expect(text != LeadsHarness.policies)
        return text
    }

    private func all(_ plan: MigrationPlan, _ policies: Set<String> = []) throws -> [MigratingJourney] {
        var all: [MigratingJourney] = []
        try plan.visit(policies: policies) { all.append($0) }
        return all.sorted { $0.openedAt < $1.openedAt }
    }

    @Test func theSameConfigurationMovesNobody() throws {
        let harness = try LeadsHarness()
        try harness.event("checkout.started")
        let plan = try harness.plan(LeadsHarness.policies, at: start + .minutes(5))
        #expect(plan.comparison.isEmpty)
        #expect(plan.counts().isEmpty)
        #expect(try all(plan).isEmpty)
    }

    @Test func eachWaitingJourneyIsListedWithItsOldAndNewTime() throws {
        let harness = try LeadsHarness()
        for (minute, person) in ["ann", "bob", "cid"].enumerated() {
            try harness.event("checkout.started", person, at: start + .minutes(Int64(minute * 30)))
        }
        try harness.event("sales-lead.created", "dan", at: start + .minutes(61))
        try harness.tick(start + .minutes(60))
        let plan = try harness.plan(
            changed("{after: 1h, template: spot-saved}", "{after: 20m, template: hello}")
                .replacingOccurrences(of: "[lead-reminder,", with: "[hello, lead-reminder,"),
            at: start + .minutes(62))
        #expect(plan.comparison.policies.map(\.kind) == [.unchanged, .unchanged, .changed])
        #expect(plan.counts() == ["abandoned-checkout": [.same: 1, .atOnce: 1, .earlier: 1]])
        let journeys = try all(plan)
        #expect(journeys.map { $0.person?.email } == ["ann@example.com", "bob@example.com", "cid@example.com"])
        #expect(journeys.map(\.change.effect) == [.same, .atOnce, .earlier])
        #expect(journeys.map(\.change.old.version) == [1, 1, 1])
        #expect(journeys.map(\.change.new.version) == [2, 2, 2])
        let last = try #require(journeys.last)
        #expect(last.change.old.outlook == .step(0, due: start + .minutes(120), skip: nil))
        #expect(last.change.new.outlook == .step(0, due: start + .minutes(80), skip: nil))
        #expect((last.change.old.template, last.change.new.template) == ("spot-saved", "hello"))
        #expect(try all(plan, ["unconverted-lead"]).isEmpty)
    }

    @Test func journeysThatCannotMoveOrHaveNothingLeftAreSaidToBe() throws {
        let harness = try LeadsHarness()
        try harness.event("offer.created", "ann")
        try harness.event("checkout.started", "bob")
        try harness.tick(start + .hours(1))
        let text = changed(
            "scope: product\n    supersedes: [unconverted-lead]", "scope: subject\n    supersedes: [unconverted-lead]"
        ).replacingOccurrences(of: "\n      - {after: 24h, from: previous, template: act-now}", with: "")
        let plan = try harness.plan(text, at: start + .hours(2))
        #expect(
            plan.counts() == ["unconverted-offer": [.staysForScope: 1], "abandoned-checkout": [.noStepLeft: 1]])
    }

    @Test func aReminderThatWouldComeTooLateIsSaidToBeSkipped() throws {
        let harness = try LeadsHarness()
        try harness.event("sales-lead.created", "ann")
        let plan = try harness.plan(
            changed("{after: 3d, template: lead-reminder}", "{after: 1h, template: lead-reminder, maxLateness: 2h}"),
            at: start + .hours(30))
        #expect(plan.counts() == ["unconverted-lead": [.skipped(.tooLate): 1]])
    }

    @Test func journeysOfAPolicyThatIsGoneAreLeftOut() throws {
        let harness = try LeadsHarness()
        try harness.event("sales-lead.created", "ann")
        let plan = try harness.plan(
            changed("name: unconverted-lead", "name: renamed-lead")
                .replacingOccurrences(of: "[unconverted-lead]", with: "[renamed-lead]"), at: start + .hours(1))
        #expect(plan.counts().isEmpty)
        #expect(plan.comparison.policies.map(\.kind) == [.new, .changed, .unchanged, .gone])
    }
}
