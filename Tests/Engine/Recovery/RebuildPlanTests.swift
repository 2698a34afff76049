import Configuration
import Journey
import Testing

@testable import Engine

@Suite("What a rebuilt journal begins with")
struct RebuildPlanTests {
    private static let now = OfflineHarness.start

    private func plan(
        known: [ShardFold.Activation] = [], since: Instant? = nil, opened: [Instant] = []
    ) throws -> RebuildPlan {
        var published = PublishedCommands()
        for (index, time) in opened.enumerated() {
            try published.add(
                command: CommandText.Command(
                    journey: JourneyReference(rawValue: UInt64(index + 1)), step: 0, emitted: time + .hours(1),
                    opened: time, dependsOnKey: false), "send-reminder")
        }
        return RebuildPlan(
            known: known, since: since, published: published,
            configuration: try Configuration.parse(text: OfflineHarness.memberships), now: Self.now)
    }

    @Test func theOldJournalsActivationsCountFirst() throws {
        let old = ShardFold.Activation(time: Self.now - .days(80), text: "{}")
        let plan = try plan(known: [old], opened: [Self.now - .days(3)])
        #expect(plan.source == .journal)
        #expect(plan.activations == [old])
    }

    @Test func withoutThemTheFirstOpeningThatWasRemindedCounts() throws {
        let plan = try plan(opened: [Self.now - .days(3), Self.now - .days(9)])
        #expect(plan.source == .commands)
        #expect(plan.since == Self.now - .days(9))
    }

    @Test func whereNothingTellsNothingOlderOpens() throws {
        let plan = try plan()
        #expect(plan.source == .nothing)
        #expect(plan.since == Self.now)
    }

    @Test func whatAnOperatorSaysGoesBeforeAll() throws {
        let old = ShardFold.Activation(time: Self.now - .days(80), text: "{}")
        let plan = try plan(known: [old], since: Self.now - .days(1), opened: [Self.now - .days(3)])
        #expect(plan.source == .given)
        #expect(plan.since == Self.now - .days(1))
    }

    @Test func commandsOfJourneysThatAreTooOldForAnyReminderAreNotKept() throws {
        let plan = try plan(opened: [Self.now - .days(91), Self.now - .days(89)])
        #expect(plan.found.map(\.journey.rawValue) == [2])
    }
}
