import Testing

@testable import Journey

@Suite("what opens a journey")
struct WhatOpensAJourney {
    @Test func aSalesLeadOpensAndIsRemindedAfterThreeDays() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        #expect(story.tick(at: 3.days - 1.milliseconds) == [])
        #expect(story.tick(at: 3.days) == [.sent("lead-reminder", at: 3.days)])
    }

    @Test func anOfferOpensAndIsRemindedAfterTwelveHours() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.offerCreated, at: 1.hours, product: "car", subject: "offer-1")
        #expect(story.tick(at: 13.hours - 1.milliseconds) == [])
        #expect(story.tick(at: 13.hours) == [.sent("offer-reminder", at: 13.hours)])
    }

    @Test func aCheckoutIsRemindedAfterAnHourAndADayAfterTheFirstMail() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        story.ticks(every: 7.minutes, until: 3.days)
        #expect(
            story.reminders == [
                .sent("spot-saved", at: 63.minutes), .sent("act-now", at: 1505.minutes),
            ])
        #expect(story.reminders.map(\.due) == [1.hours, 63.minutes + 24.hours])
    }

    @Test func anAddressThatFirstComesWithAnUpdateOpens() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutUpdated, at: 5.minutes, email: .of("ada@example.com"))
        #expect(story.opened == 1)
        #expect(story.due("abandoned-checkout") == 65.minutes)
    }

    @Test func anUpdateWithoutAnAddressOpensNothing() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutUpdated, at: 5.minutes)
        #expect(story.ignored == [.noJourney])
    }

    @Test func aFirstAddressForACheckoutThatOpenedIsAnUpdate() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.minutes, email: .missing)
        story.event(
            .checkoutUpdated, at: 5.minutes, email: .of("ada@example.com"),
            fields: [ExamplePolicies.productName, ExamplePolicies.checkoutURL])
        #expect(story.opened == 0)
        #expect(story.tick(at: 65.minutes) == [.sent("spot-saved", at: 65.minutes)])
    }

    @Test func theStartThatFollowsItsUpdateIsOutOfOrderAndOpensNothing() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutUpdated, at: 5.minutes, email: .of("ada@example.com"))
        story.event(.checkoutStarted, at: 4.minutes)
        #expect(story.ignored == [.duplicate])
        #expect(story.state.journeys.count == 1)
    }

    @Test func aFirstAddressAfterAPurchaseThatWasReadBeforeItsStartOpensNothing() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutCompleted, at: 5.minutes)
        story.event(.checkoutStarted, at: 0.minutes)
        #expect(story.ignored == [.converted])
        story.event(.checkoutUpdated, at: 30.minutes, email: .of("ada@example.com"))
        #expect(story.opened == 0)
        #expect(story.tick(at: 2.days) == [])
    }

    @Test func anEventThatIsPublishedAgainWithANewerTimeAndTheSameIDOpensNothing() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.hours, id: "same")
        story.tick(at: 1.hours)
        story.event(.checkoutStarted, at: 5.hours, id: "same")
        #expect(story.ignored == [.duplicate])
        #expect(story.tick(at: 6.hours) == [])
    }

    @Test func anEventThatNoPolicyRefersToIsIgnored() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.offerCreated, at: 0.hours)
        #expect(story.ignored == [.noPolicy])
    }

    @Test func oneEventOpensAJourneyOfEveryPolicyThatListsIt() {
        var story = Scenario([ExamplePolicies.checkout, ExamplePolicies.oneHour.with { $0.name = "second" }])
        story.event(.checkoutStarted, at: 0.hours)
        #expect(story.opened == 2)
        #expect(story.tick(at: 1.hours).count == 2)
    }
}

@Suite("for whom a policy is")
struct ForWhomAPolicyIs {
    @Test func aPolicyForOneTenantLeavesOthersAlone() {
        let policy = ExamplePolicies.checkout.with { $0.tenants = ["academy"] }
        var story = Scenario(policy)
        story.event(.checkoutStarted, at: 0.hours, tenant: "gym")
        #expect(story.opened == 0)
        story.event(.checkoutStarted, at: 1.hours, tenant: "academy")
        #expect(story.opened == 1)
    }

    @Test func aPolicyForSomeProductsLeavesOthersAlone() {
        let policy = ExamplePolicies.lead.with { $0.products = ["car", "bike"] }
        var story = Scenario(policy)
        story.event(.salesLeadCreated, at: 0.hours, product: "house")
        #expect(story.opened == 0)
        story.event(.salesLeadCreated, at: 0.hours)
        #expect(story.opened == 0)
        story.event(.salesLeadCreated, at: 0.hours, product: "bike")
        #expect(story.opened == 1)
    }

    @Test func aDisabledPolicyOpensNothing() {
        var story = Scenario(ExamplePolicies.lead.with { $0.enabled = false })
        story.event(.salesLeadCreated, at: 0.hours, product: "car")
        #expect(story.opened == 0)
        #expect(story.tick(at: 30.days) == [])
    }

    @Test func aPolicyThatIsDisabledLaterStillEndsAndRemindsItsOpenJourneys() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.salesLeadCreated, at: 0.hours, product: "car")
        story.event(.salesLeadCreated, at: 0.hours, product: "bike")
        story.activate([ExamplePolicies.lead.with { $0.enabled = false }], at: 1.hours)
        story.event(.salesLeadCreated, at: 2.hours, product: "house")
        #expect(story.opened == 0)
        story.event(.policyIssued, at: 2.hours, product: "bike")
        #expect(story.tick(at: 3.days) == [.sent("lead-reminder", at: 3.days)])
    }
}

@Suite("what a journey is about")
struct WhatAJourneyIsAbout {
    @Test func aLeadForEachProductIsAJourneyOfItsOwn() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        story.event(.salesLeadCreated, at: 1.days, product: "house")
        #expect(story.tick(at: 4.days) == [.sent("lead-reminder", at: 4.days), .sent("lead-reminder", at: 4.days)])
    }

    @Test func buyingTheCarPolicyLeavesTheHouseLead() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        story.event(.salesLeadCreated, at: 0.days, product: "house")
        story.event(.policyIssued, at: 1.days, product: "car")
        #expect(story.tick(at: 3.days).count == 1)
    }

    @Test func aConversionThatNamesNothingCountsForAllProductsAndSubjects() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        story.event(.salesLeadCreated, at: 0.days, product: "house")
        story.event(.offerCreated, at: 0.days, product: "bike", subject: "offer-1")
        story.event(.policyIssued, at: 1.hours)
        #expect(story.tick(at: 5.days) == [])
    }

    @Test func aConversionNamingOneOfferLeavesTheOther() {
        var story = Scenario(ExamplePolicies.offer)
        story.event(.offerCreated, at: 0.hours, product: "car", subject: "offer-1")
        story.event(.offerCreated, at: 0.hours, product: "car", subject: "offer-2")
        story.event(.policyIssued, at: 1.hours, product: "car", subject: "offer-1")
        #expect(story.tick(at: 12.hours).count == 1)
    }

    @Test func aConversionNamingAProductButNoSubjectEndsEveryOffer() {
        var story = Scenario(ExamplePolicies.offer)
        story.event(.offerCreated, at: 0.hours, product: "car", subject: "offer-1")
        story.event(.policyIssued, at: 1.hours, product: "house")
        #expect(story.tick(at: 12.hours) == [])
    }

    @Test func aJourneyThatNamesNoProductIsEndedByAnyConversion() {
        var story = Scenario(ExamplePolicies.lead)
        story.event(.salesLeadCreated, at: 0.days)
        story.event(.policyIssued, at: 1.days, product: "car")
        #expect(story.tick(at: 3.days) == [])
    }

    @Test func windowsAreKeptByScope() {
        var story = Scenario(ExamplePolicies.checkout.with { $0.scope = .product })
        story.event(.checkoutStarted, at: 0.days, product: "yoga")
        story.event(.checkoutStarted, at: 1.days, product: "yoga")
        #expect(story.opened == 0)
        story.event(.checkoutStarted, at: 1.days, product: "dance")
        #expect(story.opened == 1)
    }

    @Test func aProspectHasOneJourneyWhateverTheProduct() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.days, product: "yoga")
        story.event(.checkoutStarted, at: 1.minutes, product: "dance")
        #expect(story.state.journeys.count == 1)
        story.event(.checkoutCompleted, at: 2.minutes, product: "chess")
        #expect(story.tick(at: 1.days) == [])
    }

    @Test func activityForOneProductMovesOnlyItsJourney() {
        var story = Scenario(ExamplePolicies.checkout.with { $0.scope = .product })
        story.event(.checkoutStarted, at: 0.minutes, product: "yoga")
        story.event(.checkoutStarted, at: 0.minutes, product: "dance")
        story.event(.checkoutUpdated, at: 30.minutes, product: "dance")
        #expect(story.tick(at: 60.minutes).count == 1)
        #expect(story.tick(at: 90.minutes).count == 1)
    }
}
