import Testing

@testable import Journey

@Suite("conversion")
struct Conversion {
    @Test func aPurchaseEndsTheJourneyAndNoReminderFollows() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.checkoutCompleted, at: 30.minutes)
        #expect(story.status("abandoned-checkout") == .converted(at: Scenario.start + 30.minutes))
        story.ticks(every: 1.hours, until: 5.days)
        #expect(story.reminders == [])
    }

    @Test func aPurchaseAfterTheFirstMailStopsTheSecondAndSaysAfterWhichStep() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 1.hours)
        story.event(.checkoutCompleted, at: 2.hours)
        let reference = story.state.journeys[0].reference
        #expect(story.last.contains(.converted(reference, at: Scenario.start + 2.hours, afterStep: 1)))
        #expect(story.tick(at: 25.hours) == [])
    }

    @Test func aPurchaseEndsTheJourneysOfEveryPolicyThatListsIt() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.offerCreated, at: 0.hours, product: "house", subject: "offer-1")
        story.event(.salesLeadCreated, at: 0.hours, product: "car")
        story.event(.policyIssued, at: 1.hours)
        #expect(story.state.journeys.allSatisfy { $0.status == .converted(at: Scenario.start + 1.hours) })
        #expect(story.tick(at: 4.days) == [])
    }

    @Test func aTypeThatAPolicyDoesNotListDoesNotEndItsJourney() {
        var story = Scenario([ExamplePolicies.checkout, ExamplePolicies.lead])
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.policyIssued, at: 1.minutes)
        #expect(story.tick(at: 1.hours) == [.sent("spot-saved", at: 1.hours)])
    }

    @Test func aPurchaseThatIsReadAfterAnOpeningUpToTheSkewLaterEndsIt() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 20.minutes)
        story.event(.checkoutCompleted, at: 10.minutes)
        #expect(story.tick(at: 2.hours) == [])
    }

    @Test func aPurchaseOneMillisecondOlderThanTheSkewEndsNothing() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 20.minutes)
        story.event(.checkoutCompleted, at: 10.minutes - 1.milliseconds)
        #expect(story.tick(at: 80.minutes) == [.sent("spot-saved", at: 80.minutes)])
    }

    @Test func theSkewIsASetting() {
        var story = Scenario(ExamplePolicies.checkout, skew: .zero)
        story.event(.checkoutStarted, at: 20.minutes + 1.milliseconds)
        story.event(.checkoutCompleted, at: 20.minutes)
        #expect(story.tick(at: 90.minutes).count == 1)
    }

    @Test func aLeadWithoutStepsLeftConvertsToo() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        story.tick(at: 3.days)
        story.event(.policyIssued, at: 5.days, product: "car")
        #expect(story.status("unconverted-lead") == .converted(at: Scenario.start + 5.days))
    }

    @Test func aCancelledLeadIsNotReminded() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        story.event(.leadCancelled, at: 1.days, product: "car")
        #expect(story.status("unconverted-lead") == .cancelled(at: Scenario.start + 1.days))
        #expect(story.tick(at: 3.days) == [])
    }

    @Test func aPurchaseWithoutAddressConsentOrFieldsCounts() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.minutes)
        story.fold(
            Input(
                type: .checkoutCompleted, prospect: ProspectKey(high: 1, low: 1), time: Scenario.start + 1.minutes))
        #expect(story.tick(at: 1.hours) == [])
    }
}

@Suite("conversion that arrives before the opening event")
struct ConversionBeforeTheOpening {
    @Test(arguments: [0.minutes, 30.minutes, 40.minutes])
    func anOpeningUpToTheSkewAfterAKnownPurchaseDoesNotOpen(_ opening: Span) {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutCompleted, at: 30.minutes)
        story.event(.checkoutStarted, at: opening)
        #expect(story.ignored == [.converted])
        #expect(story.tick(at: 5.hours) == [])
    }

    @Test func anOpeningOneMillisecondLaterOpens() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutCompleted, at: 30.minutes)
        story.event(.checkoutStarted, at: 40.minutes + 1.milliseconds)
        #expect(story.opened == 1)
    }

    @Test func aKnownPurchaseOfAnotherProductDoesNotMatter() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.policyIssued, at: 1.hours, product: "house")
        story.event(.salesLeadCreated, at: 0.hours, product: "car")
        #expect(story.opened == 1)
    }

    @Test func aKnownPurchaseThatNamesNothingCountsForAll() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.policyIssued, at: 1.hours)
        story.event(.salesLeadCreated, at: 0.hours, product: "car")
        #expect(story.ignored == [.converted])
    }

    @Test func aKnownCancellationCountsLikeAPurchase() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.leadCancelled, at: 1.hours, product: "car")
        story.event(.salesLeadCreated, at: 0.hours, product: "car")
        #expect(story.ignored == [.cancelled])
    }

    @Test func aPurchaseIsRememberedUntilEveryOpeningThatItCouldPreventIsTooOld() {
        // The lead's longest path: three days, a hold of one and a lateness of one.
        let memory = 5.days
        var story = Scenario(ExamplePolicies.lead)
        story.event(.policyIssued, at: 1.hours, product: "car")
        story.tick(at: 1.hours + 10.minutes + memory)
        var inTime = story
        inTime.event(.salesLeadCreated, at: 1.hours + 10.minutes, product: "car")
        #expect(inTime.ignored == [.converted])
        story.tick(at: 1.hours + 10.minutes + memory + 1.milliseconds)
        #expect(story.state == ProspectState())
        story.event(.salesLeadCreated, at: 1.hours + 10.minutes, product: "car")
        #expect(story.ignored == [.tooOld])
    }

    @Test func anOpeningOlderThanTheMemoryNeverOpens() {
        var story = Scenario(ExamplePolicies.lead)
        story.tick(at: 10.days)
        var inTime = story
        inTime.event(.salesLeadCreated, at: 5.days, product: "car")
        #expect(inTime.opened == 1)
        story.event(.salesLeadCreated, at: 5.days - 1.milliseconds, product: "car")
        #expect(story.ignored == [.tooOld])
    }

    @Test func beforeTheFirstTickOnlyTheActivationCounts() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        #expect(story.opened == 1)
    }
}

@Suite("offer after lead")
struct OfferAfterLead {
    @Test func anOfferEndsTheLeadsStepsAndTheLeadStaysListed() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        story.event(.offerCreated, at: 1.days, product: "car", subject: "offer-1")
        #expect(story.status("unconverted-lead") == .superseded)
        #expect(story.status("unconverted-lead")?.isListed == true)
        story.ticks(every: 1.hours, until: 5.days)
        #expect(story.reminders == [.sent("offer-reminder", at: 36.hours)])
    }

    @Test func anOfferForAnotherProductLeavesTheLead() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        story.event(.offerCreated, at: 0.days, product: "house", subject: "offer-1")
        story.ticks(every: 1.hours, until: 5.days)
        #expect(story.reminders == [.sent("offer-reminder", at: 12.hours), .sent("lead-reminder", at: 3.days)])
    }

    @Test func anOfferThatNamesNoProductEndsEveryLead() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        story.event(.salesLeadCreated, at: 0.days, product: "house")
        story.event(.offerCreated, at: 1.hours, subject: "offer-1")
        #expect(story.state.journeys.count { $0.status == .superseded } == 2)
    }

    @Test func aLeadThatIsReadAfterItsOfferDoesNotOpen() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.offerCreated, at: 1.hours, product: "car", subject: "offer-1")
        story.event(.salesLeadCreated, at: 0.hours, product: "car")
        #expect(story.ignored == [.superseded])
        story.event(.salesLeadCreated, at: 1.hours + 10.minutes, product: "car")
        #expect(story.ignored == [.superseded])
        story.ticks(every: 1.hours, until: 5.days)
        #expect(story.reminders == [.sent("offer-reminder", at: 13.hours)])
    }

    @Test func aLeadThatIsClearlyNewerThanTheOfferOpensInEitherOrder() {
        var story = Scenario(ExamplePolicies.kasko)
        var other = story
        let newer = 1.hours + 10.minutes + 1.milliseconds
        story.event(.offerCreated, at: 1.hours, product: "car", subject: "offer-1")
        story.event(.salesLeadCreated, at: newer, product: "car")
        other.event(.salesLeadCreated, at: newer, product: "car")
        other.event(.offerCreated, at: 1.hours, product: "car", subject: "offer-1")
        for var story in [story, other] {
            #expect(story.status("unconverted-lead") == .waiting)
            story.ticks(every: 1.hours, until: 5.days)
            #expect(story.reminders.map(\.template) == ["offer-reminder", "lead-reminder"])
        }
    }

    @Test func anOfferIsRememberedAsLongAsItsLeadCouldOpen() {
        var story = Scenario(ExamplePolicies.kasko.map { $0.with { $0.retention = 2.days } })
        story.event(.offerCreated, at: 0.hours, product: "car", subject: "offer-1")
        story.tick(at: 5.days + 10.minutes)
        story.event(.salesLeadCreated, at: 10.minutes, product: "car")
        #expect(story.ignored == [.superseded])
        story.tick(at: 5.days + 10.minutes + 1.milliseconds)
        story.event(.salesLeadCreated, at: 10.minutes, product: "car")
        #expect(story.ignored == [.tooOld])
    }

    @Test func eachOfferHasItsOwnReminder() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.offerCreated, at: 0.hours, product: "car", subject: "offer-1")
        story.event(.offerCreated, at: 1.hours, product: "car", subject: "offer-2")
        story.ticks(every: 1.hours, until: 2.days)
        #expect(story.reminders == [.sent("offer-reminder", at: 12.hours), .sent("offer-reminder", at: 13.hours)])
    }
}
