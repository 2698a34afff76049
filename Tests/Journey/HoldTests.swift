import Testing

@testable import Journey

@Suite("payment pending")
struct PaymentPending {
    /// A journey that opened at 0 h and is due at 24 h, whatever happens in between but holds.
    private func waitingFromTheOpening() -> Scenario {
        var story = Scenario(ExamplePolicies.oneDay)
        story.event(.checkoutStarted, at: 0.hours)
        return story
    }

    @Test func itHoldsTheTimer() {
        var story = waitingFromTheOpening()
        story.event(.paymentPending, at: 10.hours)
        #expect(story.due("abandoned-checkout") == nil)
        #expect(story.tick(at: 33.hours) == [])
    }

    @Test func aFailureResumesItWithTheTimeThatWasLeft() {
        var story = waitingFromTheOpening()
        story.event(.paymentPending, at: 10.hours)
        story.event(.paymentFailed, at: 12.hours)
        #expect(story.due("abandoned-checkout") == 26.hours)
    }

    @Test func theEndOfTheHoldResumesItWithTheTimeThatWasLeft() {
        var story = waitingFromTheOpening()
        story.event(.paymentPending, at: 10.hours)
        story.tick(at: 34.hours)
        #expect(story.due("abandoned-checkout") == 48.hours)
        #expect(story.tick(at: 48.hours) == [.sent("spot-saved", at: 48.hours)])
    }

    @Test func theEndOfTheHoldCountsFromItsOwnTimeHoweverLateTheTick() {
        var story = waitingFromTheOpening()
        story.event(.paymentPending, at: 10.hours)
        #expect(story.tick(at: 50.hours) == [.sent("spot-saved", at: 50.hours)])
        #expect(story.reminders.map(\.due) == [48.hours])
    }

    @Test func successConverts() {
        var story = waitingFromTheOpening()
        story.event(.paymentPending, at: 10.hours)
        story.event(.checkoutCompleted, at: 11.hours)
        #expect(story.status("abandoned-checkout") == .converted(at: Scenario.start + 11.hours))
        #expect(story.tick(at: 5.days) == [])
    }

    @Test func fromTheLastActivityTheWholeWaitFollowsTheHold() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.paymentPending, at: 20.minutes)
        story.event(.paymentFailed, at: 3.hours)
        #expect(story.due("abandoned-checkout") == 4.hours)
    }

    @Test func activityDuringAHoldDoesNotEndIt() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.paymentPending, at: 20.minutes)
        story.event(.checkoutUpdated, at: 2.hours)
        #expect(story.tick(at: 3.hours) == [])
        story.tick(at: 20.minutes + 24.hours)
        #expect(story.due("abandoned-checkout") == 20.minutes + 25.hours)
    }

    @Test func activityDuringAHoldThatIsReadAfterItsEndChangesNothingOfWhatTheHoldStillCovered() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.paymentPending, at: 20.minutes)
        story.tick(at: 20.minutes + 24.hours)
        story.event(.checkoutUpdated, at: 2.hours)
        #expect(story.due("abandoned-checkout") == 20.minutes + 25.hours)
        story.event(.checkoutUpdated, at: 25.hours)
        #expect(story.due("abandoned-checkout") == 26.hours)
    }

    @Test func aSecondPendingPaymentHoldsFromItsOwnTime() {
        var story = waitingFromTheOpening()
        story.event(.paymentPending, at: 10.hours)
        story.event(.paymentPending, at: 15.hours)
        story.tick(at: 34.hours)
        #expect(story.due("abandoned-checkout") == nil)
        story.tick(at: 39.hours)
        #expect(story.due("abandoned-checkout") == 53.hours)
    }

    @Test func theSamePendingPaymentAgainChangesNothing() {
        var story = waitingFromTheOpening()
        story.event(.paymentPending, at: 10.hours)
        story.event(.paymentPending, at: 10.hours)
        #expect(story.ignored == [.nothingNew])
        story.event(.paymentFailed, at: 12.hours)
        #expect(story.due("abandoned-checkout") == 26.hours)
        story.event(.paymentPending, at: 10.hours)
        story.event(.paymentFailed, at: 12.hours)
        #expect(story.due("abandoned-checkout") == 26.hours)
    }

    @Test func theSamePendingPaymentAgainAfterTheHoldEndedDoesNotHoldAgain() {
        var story = waitingFromTheOpening()
        story.event(.paymentPending, at: 10.hours)
        story.tick(at: 35.hours)
        story.event(.paymentPending, at: 10.hours)
        #expect(story.due("abandoned-checkout") == 48.hours)
    }

    @Test func aFailureThatIsReadBeforeItsPendingPaymentWins() {
        var story = waitingFromTheOpening()
        story.event(.paymentFailed, at: 12.hours)
        story.event(.paymentPending, at: 10.hours)
        #expect(story.due("abandoned-checkout") == 24.hours)
    }

    @Test func aPendingPaymentThatIsReadAfterNewerActivityPausesOnlyWhatFollowsIt() {
        var inOrder = Scenario(ExamplePolicies.oneHour)
        inOrder.event(.checkoutStarted, at: 0.minutes)
        var other = inOrder
        inOrder.event(.paymentPending, at: 10.minutes)
        inOrder.event(.checkoutUpdated, at: 20.minutes)
        other.event(.checkoutUpdated, at: 20.minutes)
        other.event(.paymentPending, at: 10.minutes)
        for var story in [inOrder, other] {
            story.tick(at: 10.minutes + 24.hours)
            #expect(story.due("abandoned-checkout") == 70.minutes + 24.hours)
        }
    }

    @Test func aHoldBetweenTwoStepsDelaysTheSecondByItsOwnTime() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 1.hours)
        story.event(.paymentPending, at: 10.hours)
        story.event(.paymentFailed, at: 13.hours)
        #expect(story.due("abandoned-checkout") == 28.hours)
    }

    @Test func aHoldBeforeTheFirstMailDoesNotDelayTheSecond() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.paymentPending, at: 10.minutes)
        story.ticks(every: 10.minutes, until: 25.hours + 10.minutes)
        #expect(story.reminders == [.sent("spot-saved", at: 25.hours + 10.minutes)])
        #expect(story.due("abandoned-checkout") == 49.hours + 10.minutes)
    }

    @Test func aHoldThatIsReadAfterTheFirstMailCountsFromThatMail() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.minutes)
        story.tick(at: 60.minutes)
        story.event(.paymentPending, at: 50.minutes)
        story.event(.paymentFailed, at: 120.minutes)
        #expect(story.due("abandoned-checkout") == 25.hours + 60.minutes)
    }

    @Test func aPendingPaymentThatIsReadBeforeItsCheckoutHoldsIt() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.paymentPending, at: 5.minutes)
        story.event(.checkoutStarted, at: 0.minutes)
        #expect(story.tick(at: 2.hours) == [])
        story.event(.paymentFailed, at: 3.hours)
        #expect(story.due("abandoned-checkout") == 4.hours)
    }

    @Test func aFailureThatIsReadBeforeItsCheckoutWinsOverItsPendingPayment() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.paymentFailed, at: 5.minutes)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.paymentPending, at: 4.minutes)
        #expect(story.due("abandoned-checkout") == 65.minutes)
    }

    @Test func aPendingPaymentOfTheNextCheckoutIsKeptBesideAFinishedOne() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 1.hours)
        story.event(.paymentPending, at: 5.hours + 1.minutes)
        story.event(.checkoutStarted, at: 5.hours)
        #expect(story.tick(at: 7.hours) == [])
    }

    @Test func aPaymentOlderThanTheCheckoutByMoreThanTheSkewDoesNotHoldIt() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 20.minutes)
        story.event(.paymentPending, at: 10.minutes - 1.milliseconds)
        #expect(story.due("abandoned-checkout") == 80.minutes)
    }

    @Test func aPaymentOfAnotherProductDoesNotHold() {
        var story = Scenario(ExamplePolicies.oneDay.with { $0.scope = .product })
        story.event(.checkoutStarted, at: 0.hours, product: "yoga")
        story.event(.paymentPending, at: 1.hours, product: "dance")
        #expect(story.due("abandoned-checkout") == 24.hours)
    }

    @Test func theMaximumHoldIsThePolicys() {
        var story = Scenario(ExamplePolicies.oneDay.with { $0.holdMaximum = 2.hours })
        story.event(.checkoutStarted, at: 0.hours)
        story.event(.paymentPending, at: 10.hours)
        #expect(story.next == 12.hours)
        story.tick(at: 12.hours)
        #expect(story.due("abandoned-checkout") == 26.hours)
    }
}
