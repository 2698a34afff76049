import RandomTestSupport
import Testing

@testable import Journey

@Suite("policy changed while waiting")
struct MigrationTests {
    private static let name = "abandoned-checkout"

    /// A checkout of noon, and the policy changed after half an hour.
    private func story(_ change: (inout Policy) -> Void) -> Scenario {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        story.activate([ExamplePolicies.checkout.with(change)], at: 30.minutes)
        return story
    }

    @Test func aJourneyKeepsTheVersionThatItOpenedWith() {
        var story = story { $0.steps[0].after = 5.hours }
        #expect(story.tick(at: 1.hours) == [.sent("spot-saved", at: 1.hours)])
    }

    /// A change, what the migrated journey sends at 2 h and at 40 h, and what is skipped.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout Policy) -> Void
        var early: [String] = []
        var late: [String] = []
        var skips: [SkipReason] = []

        init(
            _ name: String, early: [String] = [], late: [String] = [], skips: [SkipReason] = [],
            _ change: @escaping @Sendable (inout Policy) -> Void
        ) {
            testDescription = name
            self.change = change
            self.early = early
            self.late = late
            self.skips = skips
        }
    }

    static let cases = [
        Case("shorter", early: ["spot-saved"], late: ["act-now"]) { $0.steps[0].after = 5.minutes },
        Case("longer", late: ["spot-saved"]) { $0.steps[0].after = 20.hours },
        Case("another template", early: ["hello"], late: ["act-now"]) { $0.steps[0].template = "hello" },
        Case("one step less", early: ["spot-saved"]) { $0.steps.removeLast() },
        Case("one step more", early: ["hello", "spot-saved"], late: ["act-now"]) {
            $0.steps.insert(.init(after: 45.minutes, template: "hello"), at: 0)
        },
        Case("too late under the new wait", late: ["act-now"], skips: [.tooLate]) {
            $0.steps[0] = .init(after: 1.minutes, template: "spot-saved", maxLateness: 10.minutes)
        },
        Case("a required field that is not known", skips: [.missingField, .missingField]) {
            $0.command.fields.append(.init(name: "coupon", source: .pointer("/data/coupon", fallback: nil)))
        },
        Case("consent required", skips: [.noConsent, .noConsent]) { $0.consentRequired = true },
        Case("retention that ends before") { $0.retention = 45.minutes },
        Case("another scope", early: ["spot-saved"], late: ["act-now"]) {
            $0.scope = .product
            $0.steps[0].after = 20.hours
        },
        Case("another name", early: ["spot-saved"], late: ["act-now"]) {
            $0.name = "renamed"
            $0.steps[0].after = 20.hours
        },
        Case("switched off", early: ["hello"], late: ["act-now"]) {
            $0.enabled = false
            $0.steps[0].template = "hello"
        },
    ]

    @Test(arguments: cases)
    func aMigratedJourneyGoesOnAsTheNewVersionSays(_ each: Case) {
        var story = story(each.change)
        story.migrate()
        story.tick(at: 46.minutes)
        story.tick(at: 2.hours)
        #expect(story.reminders.map(\.template) == each.early)
        story.tick(at: 40.hours)
        #expect(story.reminders.map(\.template) == each.early + each.late)
        #expect(story.skips.map(\.reason) == each.skips)
    }

    @Test func stepsThatWereDecidedStayDecided() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 1.hours)
        let changed = ExamplePolicies.checkout.with { policy in
            policy.steps[1] = .init(after: 2.hours, from: .previous, template: "second")
            policy.steps.append(.init(after: 1.hours, from: .previous, template: "third"))
        }
        story.activate([changed], at: 90.minutes)
        story.migrate()
        #expect(story.due(Self.name) == 3.hours)
        story.ticks(every: 1.hours, until: 10.hours)
        #expect(story.reminders.map(\.template) == ["spot-saved", "second", "third"])
        #expect(Set(story.reminders.map(\.journey)).count == 1)
        #expect(story.reminders.map(\.step) == [0, 1, 2])
    }

    @Test func aJourneyWithNoStepLeftUnderTheNewVersionIsFinished() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 1.hours)
        story.activate([ExamplePolicies.oneHour], at: 2.hours)
        story.migrate()
        #expect(story.status(Self.name) == .finished)
        #expect(story.tick(at: 40.hours) == [])
    }

    @Test func aHeldJourneyIsMovedAndKeepsTheEndOfItsHold() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.paymentPending, at: 10.minutes)
        story.activate([ExamplePolicies.checkout.with { $0.steps[0].after = 2.hours }], at: 20.minutes)
        story.migrate()
        #expect(
            story.status(Self.name) == .held(since: Scenario.start + 10.minutes, until: Scenario.start + 1450.minutes))
        story.event(.paymentFailed, at: 30.minutes)
        #expect(story.due(Self.name) == 150.minutes)
    }

    @Test func aKnownConversionThatOnlyTheNewVersionListsEndsTheJourney() {
        var story = Scenario([ExamplePolicies.checkout, ExamplePolicies.lead])
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.policyIssued, at: 20.minutes)
        let changed = ExamplePolicies.checkout.with {
            $0.convertsOn = [.init(.checkoutCompleted), .init(.policyIssued)]
        }
        story.activate([changed, ExamplePolicies.lead], at: 30.minutes)
        story.migrate()
        #expect(story.status(Self.name) == .converted(at: Scenario.start + 20.minutes))
        #expect(story.tick(at: 2.hours) == [])
    }

    @Test func journeysOfAnyOlderVersionMoveToTheNewestAndOnlyOnce() {
        var story = Scenario(ExamplePolicies.oneDay.with { $0.scope = .subject })
        for version in 1...3 {
            story.event(.checkoutStarted, at: version.minutes, subject: "cart-\(version)")
            let wait = (24 + version).hours
            story.activate(
                [ExamplePolicies.oneDay.with { ($0.scope, $0.steps[0].after) = (.subject, wait) }],
                at: version.minutes)
        }
        #expect(Set(story.state.journeys.map(\.policy)).count == 3)
        #expect(story.migrate().count == 3)
        #expect(Set(story.state.journeys.map { story.policies[$0.policy].number }) == [4])
        #expect(story.migrate() == [])
    }

    @Test func whatNoReminderCanComeFromIsNotMoved() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 1.hours)
        story.activate([ExamplePolicies.checkout], at: 2.hours)
        #expect(story.migrate() == [])
        #expect(story.tick(at: 40.hours) == [])
    }

    /// What the list before a migration says is what the ticks after it do.
    @Test(arguments: UInt64(1)...60)
    func theOutlookIsWhatComes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var story = History.story()
        History(seed: seed, events: 25).play(&story)
        let last = story.clock - Scenario.start
        for offset in [0.minutes, 15.minutes, 3.hours] {
            story.event(random.pick([.checkoutStarted, .salesLeadCreated, .offerCreated]), at: last + offset)
        }
        if random.next(2) == 0 { story.event(.paymentPending, at: last + 4.hours) }
        let changed = History.policies.map { policy in
            policy.with {
                $0.steps[0].after = random.pick([1.minutes, 2.hours, 30.hours])
                $0.steps[0].maxLateness = random.pick([1.minutes, 24.hours])
                if random.next(4) == 0 { $0.retention = 1.hours }
                if random.next(4) == 0 { $0.consentRequired = true }
            }
        }
        story.activate(changed, at: last + 4.hours)
        if random.next(4) > 0 { story.migrate() }
        story.tick(at: last - 1.minutes)
        for journey in story.state.journeys where journey.status.isActive {
            let outlook = story.policies.outlook(story.state, journey.reference, from: story.clock)
            #expect(Self.firstStep(of: journey.reference, in: story) == outlook, "seed \(seed)")
        }
    }

    private static func firstStep(of reference: JourneyReference, in story: Scenario) -> Outlook {
        var story = story
        while let journey = story.state.journeys.first(where: { $0.reference == reference }) {
            guard journey.status.isActive, let next = story.next else { return .nothing(journey.status) }
            story.tick(at: max(next, story.clock - Scenario.start))
            var skipped: Outlook?
            for fact in story.last {
                switch fact {
                case .reminderRequested(reference, let step, let due, _):
                    return .step(Int(step), due: due, skip: nil)
                case .reminderSkipped(reference, let step, let due, let reason):
                    skipped = .step(Int(step), due: due, skip: reason)
                default: continue
                }
            }
            if let skipped { return skipped }
        }
        return .nothing(.expired)
    }
}
