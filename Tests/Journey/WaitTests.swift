import Testing

@testable import Journey

@Suite("from when does the wait run")
struct FromWhenTheWaitRuns {
    @Test func activityMovesAWaitFromTheLastActivity() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.checkoutUpdated, at: 40.minutes)
        #expect(story.tick(at: 60.minutes) == [])
        #expect(story.tick(at: 100.minutes) == [.sent("spot-saved", at: 100.minutes)])
    }

    @Test func activityDoesNotMoveAWaitFromTheOpening() {
        var story = Scenario(ExamplePolicies.oneDay)
        story.event(.checkoutStarted, at: 0.hours)
        story.event(.checkoutUpdated, at: 23.hours)
        #expect(story.tick(at: 24.hours) == [.sent("spot-saved", at: 24.hours)])
    }

    @Test(arguments: [EventType.checkoutUpdated, .paymentFailed, .checkoutStarted])
    func isActivity(_ type: EventType) {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(type, at: 30.minutes)
        #expect(story.due("abandoned-checkout") == 90.minutes)
    }

    @Test func aPendingPaymentIsActivity() {
        var story = Scenario(ExamplePolicies.checkout.with { $0.holdMaximum = 2.hours })
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.paymentPending, at: 30.minutes)
        story.tick(at: 150.minutes)
        #expect(story.due("abandoned-checkout") == 210.minutes)
    }

    @Test func aTypeThatActivityOnListsIsActivityAndOthersAreNot() {
        let policy = ExamplePolicies.checkout.with { $0.activityOn = EventTypeSet(.offerCreated) }
        var story = Scenario([policy, ExamplePolicies.lead])
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.offerCreated, at: 30.minutes)
        #expect(story.due("abandoned-checkout") == 90.minutes)
        story.event(.salesLeadCreated, at: 40.minutes)
        #expect(story.due("abandoned-checkout") == 90.minutes)
    }

    @Test func activityDoesNotMoveAStepThatCountsFromTheFirstMail() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.minutes)
        story.tick(at: 1.hours)
        story.event(.checkoutUpdated, at: 2.hours)
        #expect(story.due("abandoned-checkout") == 25.hours)
    }

    @Test func activityMovesASecondStepThatCountsFromTheAnchor() {
        var story = Scenario(
            ExamplePolicies.checkout.with { $0.steps[1] = .init(after: 24.hours, template: "act-now") })
        story.event(.checkoutStarted, at: 0.minutes)
        story.tick(at: 1.hours)
        #expect(story.due("abandoned-checkout") == 24.hours)
        story.event(.checkoutUpdated, at: 2.hours)
        #expect(story.due("abandoned-checkout") == 26.hours)
    }
}

@Suite("units")
struct Units {
    @Test func aDayIsTwentyFourHoursAndAnHourSixtyMinutes() {
        #expect(Span.days(3) == Span.hours(72))
        #expect(Span.minutes(90) == Span.hours(1) + Span.minutes(30))
        #expect(Span.hours(1) == Span.seconds(3600))
        #expect(Span.seconds(1) == Span(milliseconds: 1000))
    }
}

@Suite("steps")
struct Steps {
    @Test func aStepFromPreviousCountsFromTheTickThatEmittedTheFirst() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 5.hours)
        #expect(story.tick(at: 29.hours - 1.milliseconds) == [])
        #expect(story.tick(at: 29.hours) == [.sent("act-now", at: 29.hours)])
    }

    @Test func anyNumberOfStepsIsSentEachOnce() {
        let policy = ExamplePolicies.oneDay.with { policy in
            policy.steps = (1...20).map { .init(after: $0.days, template: "step-\($0)") }
        }
        var story = Scenario(policy)
        story.event(.checkoutStarted, at: 0.hours)
        story.ticks(every: 1.hours, until: 30.days)
        #expect(story.reminders == (1...20).map { .sent("step-\($0)", at: $0.days) })
        #expect(story.status("abandoned-checkout") == .finished)
    }

    @Test func aReminderOfExactlyTheMaximumLatenessIsSent() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        #expect(story.tick(at: 4.days) == [.sent("lead-reminder", at: 4.days)])
    }

    @Test func aReminderOneMillisecondLaterThanItsMaximumLatenessIsSkipped() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        #expect(story.tick(at: 4.days + 1.milliseconds) == [])
        #expect(story.skips == [.skipped("lead-reminder", .tooLate)])
        #expect(story.status("unconverted-lead") == .finished)
    }

    @Test func eachStepHasItsOwnMaximumLateness() {
        var story = Scenario(ExamplePolicies.oneHour.with { $0.steps[0].maxLateness = 10.minutes })
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 70.minutes + 1.milliseconds)
        #expect(story.skips == [.skipped("spot-saved", .tooLate)])
    }

    @Test func theReminderSaysWhenItWasDueAndWhenItWasEmitted() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 90.minutes)
        #expect(story.reminders.map(\.due) == [60.minutes])
        #expect(story.reminders.map(\.emitted) == [90.minutes])
    }
}

@Suite("a step that was skipped")
struct AStepThatWasSkipped {
    @Test func theNextStepFromPreviousCountsFromTheMomentItWasDue() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours, email: .missing)
        story.tick(at: 3.hours)
        #expect(story.skips == [.skipped("spot-saved", .noAddress)])
        #expect(story.due("abandoned-checkout") == 25.hours)
    }

    @Test func aTooLateFirstStepLeavesTheSecondItsOwnTime() {
        var story = Scenario(ExamplePolicies.checkout.with { $0.steps[0].maxLateness = 1.hours })
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 10.hours)
        #expect(story.skips == [.skipped("spot-saved", .tooLate)])
        #expect(story.tick(at: 25.hours) == [.sent("act-now", at: 25.hours)])
    }
}

@Suite("two steps of a journey due at one tick")
struct TwoStepsDueAtOneTick {
    @Test func onlyTheLastIsSent() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        #expect(story.tick(at: 25.hours) == [.sent("act-now", at: 25.hours)])
        #expect(story.skips == [.skipped("spot-saved", .overtaken)])
    }

    @Test func oneMillisecondEarlierTheFirstIsSentAndTheSecondCountsFromIt() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        #expect(story.tick(at: 25.hours - 1.milliseconds) == [.sent("spot-saved", at: 25.hours - 1.milliseconds)])
        #expect(story.due("abandoned-checkout") == 49.hours - 1.milliseconds)
    }

    @Test func ofThreeTheTwoEarlierAreOvertaken() {
        let policy = ExamplePolicies.oneDay.with { policy in
            policy.steps = (1...3).map { .init(after: $0.days, template: "step-\($0)", maxLateness: 10.days) }
        }
        var story = Scenario(policy)
        story.event(.checkoutStarted, at: 0.hours)
        #expect(story.tick(at: 4.days) == [.sent("step-3", at: 4.days)])
        #expect(story.skips == [.skipped("step-1", .overtaken), .skipped("step-2", .overtaken)])
    }

    @Test func aLastStepThatIsTooLateItselfLeavesNoReminder() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        #expect(story.tick(at: 25.hours + 24.hours + 1.milliseconds) == [])
        #expect(story.skips.map(\.reason) == [.overtaken, .tooLate])
    }
}

@Suite("whose time")
struct WhoseTime {
    @Test func theWaitRunsFromTheEventsOwnTimeHoweverLateItIsRead() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.tick(at: 30.minutes)
        story.event(.checkoutStarted, at: 0.minutes)
        #expect(story.tick(at: 60.minutes) == [.sent("spot-saved", at: 60.minutes)])
    }
}

@Suite("the partition clock")
struct ThePartitionClock {
    @Test func aPurchaseInTheBacklogWinsOverAReminderThatWasDueBeforeIt() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        story.tick(at: 1.days)
        // The engine stands from day 1 to day 3.5; the purchase of day 3.2 is read before the next tick.
        story.event(.policyIssued, at: 77.hours, product: "car")
        #expect(story.tick(at: 84.hours) == [])
        #expect(story.status("unconverted-lead") == .converted(at: Scenario.start + 77.hours))
    }

    @Test func everythingDueAtATickFiresInOrderOfDueTime() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.salesLeadCreated, at: 3.hours, product: "bike")
        story.event(.salesLeadCreated, at: 1.hours, product: "car")
        story.event(.salesLeadCreated, at: 2.hours, product: "house")
        #expect(story.tick(at: 80.hours).map(\.due) == [73.hours, 74.hours, 75.hours])
    }

    @Test func aTickBeforeAnythingIsDueDecidesNothing() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.salesLeadCreated, at: 0.hours, product: "car")
        story.tick(at: 1.hours)
        #expect(story.last == [])
        #expect(story.next == 3.days)
    }
}
