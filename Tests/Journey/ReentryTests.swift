import Testing

@testable import Journey

@Suite("a second opening")
struct ASecondOpening {
    @Test func withoutAWindowItIsActivityWhileStepsAreLeft() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.checkoutStarted, at: 30.minutes)
        #expect(story.opened == 0)
        #expect(story.due("abandoned-checkout") == 90.minutes)
    }

    @Test func anOpeningThatWasActivityDoesNotOpenWhenItIsReadAgainAfterTheLastStep() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.checkoutStarted, at: 30.minutes)
        story.tick(at: 90.minutes)
        story.event(.checkoutStarted, at: 30.minutes)
        #expect(story.ignored == [.duplicate])
        story.tick(at: 3.hours)
        #expect(story.reminders.count == 1)
    }

    @Test func withoutAWindowItOpensAnewOnceNoStepIsLeft() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 1.hours)
        story.event(.checkoutStarted, at: 2.hours)
        #expect(story.opened == 1)
        #expect(story.tick(at: 3.hours) == [.sent("spot-saved", at: 3.hours)])
    }

    @Test func insideTheWindowItOpensNothingAndCountsAsActivity() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.checkoutStarted, at: 30.minutes)
        #expect(story.last.contains(.reentrySuppressed(story.state.journeys[0].reference)))
        #expect(story.due("abandoned-checkout") == 90.minutes)
    }

    @Test func insideTheWindowTheSequenceIsNeverRestarted() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        story.ticks(every: 1.hours, until: 30.hours)
        #expect(story.reminders.count == 2)
        story.event(.checkoutStarted, at: 2.days)
        #expect(story.opened == 0)
        story.ticks(every: 1.hours, until: 6.days)
        #expect(story.reminders.count == 2)
    }

    @Test func theWindowIsHalfOpen() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 1.hours)
        story.ticks(every: 1.hours, until: 30.hours)
        var atTheEnd = story
        story.event(.checkoutStarted, at: 1.hours + 7.days - 1.milliseconds)
        #expect(story.opened == 0)
        atTheEnd.event(.checkoutStarted, at: 1.hours + 7.days)
        #expect(atTheEnd.opened == 1)
    }

    @Test func theWindowRunsFromTheCreationAndIsNotMovedByActivity() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.days)
        story.event(.checkoutStarted, at: 6.days)
        story.event(.checkoutStarted, at: 7.days)
        #expect(story.opened == 1)
    }

    @Test func insideTheWindowItRefreshesTheDetails() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.minutes, fields: [])
        story.event(.checkoutStarted, at: 30.minutes)
        #expect(story.tick(at: 90.minutes) == [.sent("spot-saved", at: 90.minutes)])
    }

    @Test func afterTheWindowANewJourneySupersedesTheStepsThatAreLeft() {
        let policy = ExamplePolicies.checkout.with {
            $0.anchor = .opened
            $0.steps = [.init(after: 10.days, template: "spot-saved")]
        }
        var story = Scenario(policy)
        story.event(.checkoutStarted, at: 0.days)
        story.event(.checkoutStarted, at: 8.days)
        #expect(story.opened == 1)
        #expect(story.state.journeys[0].status == .superseded)
        #expect(story.state.journeys[0].status.isListed)
        story.ticks(every: 6.hours, until: 20.days)
        #expect(story.reminders == [.sent("spot-saved", at: 18.days)])
    }
}

@Suite("purchase inside the window")
struct PurchaseInsideTheWindow {
    @Test func theWindowStillHolds() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        story.event(.checkoutCompleted, at: 1.minutes)
        story.tick(at: 3.days)
        story.event(.checkoutStarted, at: 3.days)
        #expect(story.opened == 0)
        story.event(.checkoutStarted, at: 7.days)
        #expect(story.opened == 1)
    }

    @Test func withoutAWindowACheckoutAfterAPurchaseOpens() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.hours)
        story.event(.checkoutCompleted, at: 1.minutes)
        story.event(.checkoutStarted, at: 1.hours)
        #expect(story.opened == 1)
    }
}

@Suite("an opening not newer than the last one of that policy and scope")
struct AnOpeningThatIsNotNewer {
    @Test(arguments: [60.minutes, 59.minutes])
    func isADuplicateOrOutOfOrderAndOpensNothing(_ time: Span) {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 60.minutes)
        story.tick(at: 120.minutes)
        story.event(.checkoutStarted, at: time)
        #expect(story.ignored == [.duplicate])
        #expect(story.tick(at: 5.hours) == [])
    }

    @Test func leavesDetailsThatAreNewerThanItself() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 10.minutes)
        story.event(.checkoutStarted, at: 5.minutes, fields: [])
        #expect(story.ignored == [.duplicate])
        #expect(story.tick(at: 70.minutes) == [.sent("spot-saved", at: 70.minutes)])
    }

    @Test func bringsTheDetailsWhereThereAreNone() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 10.minutes, email: .missing, fields: [])
        story.event(.checkoutStarted, at: 5.minutes)
        #expect(story.ignored == [.duplicate])
        #expect(story.tick(at: 70.minutes) == [.sent("spot-saved", at: 70.minutes)])
    }

    @Test func doesNotMoveTheWait() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 10.minutes)
        story.event(.checkoutStarted, at: 5.minutes)
        #expect(story.due("abandoned-checkout") == 70.minutes)
    }
}

@Suite("a policy is switched on over a topic with history")
struct SwitchedOnOverHistory {
    @Test func openingsFromBeforeTheActivationDoNotOpen() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.salesLeadCreated, at: .zero - 1.milliseconds, product: "car")
        #expect(story.ignored == [.beforeActivation])
        story.event(.salesLeadCreated, at: .zero, product: "car")
        #expect(story.opened == 1)
    }

    @Test func backfillReachesBackAsFarAsItSays() {
        var story = Scenario(ExamplePolicies.lead.with { $0.backfill = 2.days })
        story.event(.salesLeadCreated, at: .zero - 2.days - 1.milliseconds, product: "bike")
        #expect(story.ignored == [.beforeActivation])
        story.event(.salesLeadCreated, at: .zero - 2.days, product: "car")
        #expect(story.tick(at: 1.days) == [.sent("lead-reminder", at: 1.days)])
    }

    @Test func aPurchaseFromJustBeforeTheActivationIsKnown() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.policyIssued, at: .zero - 5.minutes, product: "car")
        story.event(.salesLeadCreated, at: 1.minutes, product: "car")
        #expect(story.ignored == [.converted])
    }

    @Test func aPurchaseFromLongBeforeTheActivationIsNotKept() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.policyIssued, at: .zero - 10.minutes - 1.milliseconds, product: "car")
        #expect(story.ignored == [.noJourney])
        #expect(story.state.isEmpty)
    }

    @Test func aYearOfHistoryGivesNoFlood() {
        var story = Scenario(ExamplePolicies.kasko)
        for day in 1...365 {
            story.event(.salesLeadCreated, at: .zero - day.days, product: "car-\(day)")
            story.event(.offerCreated, at: .zero - day.days, product: "car-\(day)", subject: "offer-\(day)")
        }
        #expect(story.tick(at: 1.hours) == [])
        #expect(story.state == ProspectState())
    }

    @Test func aPolicyThatIsAddedLaterActsFromItsOwnActivation() {
        var story = Scenario(ExamplePolicies.lead)
        story.activate(ExamplePolicies.kasko, at: 5.days)
        story.event(.offerCreated, at: 5.days - 1.milliseconds, product: "car", subject: "offer-1")
        #expect(story.ignored == [.beforeActivation])
        story.event(.salesLeadCreated, at: 4.days, product: "car")
        #expect(story.opened == 1)
    }
}

@Suite("policy changed while waiting")
struct PolicyChangedWhileWaiting {
    @Test func aJourneyKeepsTheVersionItOpenedWith() {
        var story = Scenario(ExamplePolicies.oneDay)
        story.event(.checkoutStarted, at: 0.hours)
        let changed = ExamplePolicies.oneDay.with {
            $0.steps = [.init(after: 2.hours, template: "quick")]
            $0.consentRequired = true
        }
        story.activate([changed], at: 1.hours)
        #expect(story.tick(at: 2.hours) == [])
        #expect(story.tick(at: 24.hours) == [.sent("spot-saved", at: 24.hours)])
    }

    @Test func theNextOpeningUsesTheNewVersionAndTheOldWindow() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.days)
        story.tick(at: 2.days)
        let changed = ExamplePolicies.checkout.with { $0.steps = [.init(after: 2.hours, template: "quick")] }
        story.activate([changed], at: 2.days)
        story.event(.checkoutStarted, at: 3.days)
        #expect(story.opened == 0)
        story.event(.checkoutStarted, at: 8.days)
        #expect(story.tick(at: 8.days + 2.hours) == [.sent("quick", at: 8.days + 2.hours)])
    }

    @Test func anUnchangedPolicyKeepsItsVersion() {
        var story = Scenario(ExamplePolicies.kasko)
        story.activate([ExamplePolicies.lead.with { $0.retention = 30.days }, ExamplePolicies.offer], at: 1.days)
        #expect(story.policies.versions.map(\.number) == [1, 1, 2])
        #expect(story.policies.versions[2].firstActivatedAt == Scenario.start)
    }
}
