import Testing

@testable import Journey

@Suite("retention")
struct Retention {
    @Test func aLeadStaysListedForNinetyDaysFromItsCreation() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 1.hours)
        story.ticks(every: 1.hours, until: 30.hours)
        story.tick(at: 90.days + 1.hours - 1.milliseconds)
        #expect(story.status("abandoned-checkout") == .finished)
        #expect(story.status("abandoned-checkout")?.isListed == true)
        story.tick(at: 90.days + 1.hours)
        #expect(story.facts.contains { if case .expired = $0 { true } else { false } })
        #expect(story.state == ProspectState())
    }

    @Test func aLeadThatConvertsLeavesTheTableAtOnceAndItsDataAtTheSameAge() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.days)
        story.event(.checkoutCompleted, at: 1.days)
        #expect(story.status("abandoned-checkout")?.isListed == false)
        story.tick(at: 90.days - 1.milliseconds)
        #expect(story.journey("abandoned-checkout")?.details.isNone == false)
        story.tick(at: 90.days)
        #expect(story.state == ProspectState())
    }

    @Test func theWindowOutlivesTheDataAsASkeleton() {
        var story = Scenario(ExamplePolicies.checkout.with { $0.retention = 4.days })
        story.event(.checkoutStarted, at: 0.days)
        story.tick(at: 4.days)
        #expect(story.status("abandoned-checkout") == .expired)
        #expect(story.journey("abandoned-checkout")?.details.isNone == true)
        #expect(story.journey("abandoned-checkout")?.opening == RecordPosition.none)
        #expect(story.state.contact.isNone)
        story.event(.checkoutStarted, at: 6.days)
        #expect(story.opened == 0)
        // Three days and an hour is the policy's memory: an opening from inside the window may be read that late.
        let tooOld = 7.days + ExamplePolicies.checkout.longestPath + 10.minutes
        story.tick(at: tooOld)
        story.event(.checkoutStarted, at: 7.days - 1.milliseconds)
        #expect(story.opened == 0)
        #expect(!story.state.isEmpty)
        story.tick(at: tooOld + 1.milliseconds)
        #expect(story.state == ProspectState())
    }

    @Test func nothingIsForgottenBeforeItsOpeningIsTooOldToOpenAgain() {
        // The memory of the lead's policy is five days, and its retention shorter.
        var story = Scenario(ExamplePolicies.lead.with { $0.retention = 1.hours })
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        story.tick(at: 5.days)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        #expect(story.ignored == [.duplicate])
        story.tick(at: 5.days + 10.minutes + 1.milliseconds)
        #expect(story.state == ProspectState())
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        #expect(story.ignored == [.tooOld])
    }

    @Test func aReminderThatWouldComeAfterTheRetentionIsNotSent() {
        var story = Scenario(ExamplePolicies.checkout.with { $0.retention = 25.hours })
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 2.hours)
        #expect(story.tick(at: 26.hours) == [])
        #expect(story.status("abandoned-checkout") == .expired)
    }

    @Test func anExpiredLeadKeepsTheAddressForOneThatIsLeft() {
        var story = Scenario([
            ExamplePolicies.checkout,
            ExamplePolicies.oneDay.with { policy in
                policy.name = "brief"
                policy.retention = 1.hours
            },
        ])
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.checkoutUpdated, at: 30.minutes)
        #expect(story.tick(at: 90.minutes) == [.sent("spot-saved", at: 90.minutes)])
    }

    @Test func aHoldDoesNotOutliveTheRetention() {
        var story = Scenario(ExamplePolicies.oneDay.with { $0.retention = 15.hours })
        story.event(.checkoutStarted, at: 0.hours)
        story.event(.paymentPending, at: 10.hours)
        story.tick(at: 15.hours)
        #expect(story.status("abandoned-checkout") == .expired)
    }

    @Test func aWithheldConsentOutlivesTheDataWhileAnythingIsRemembered() {
        var story = Scenario(ExamplePolicies.oneHour.with { $0.retention = 2.hours })
        story.event(.checkoutStarted, at: 0.hours)
        story.event(.checkoutUpdated, at: 90.minutes, consent: .withheld)
        story.tick(at: 3.hours)
        story.event(.checkoutStarted, at: 4.hours)
        story.tick(at: 5.hours)
        #expect(story.skips == [.skipped("spot-saved", .noConsent)])
    }
}
