import Testing

@testable import Journey

@Suite("consent, address")
struct ConsentAndAddress {
    @Test func noneGivenMeansAllowed() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.hours)
        #expect(story.tick(at: 1.hours).count == 1)
    }

    @Test func withheldConsentSkipsTheReminder() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.hours, consent: .withheld)
        #expect(story.opened == 1)
        #expect(story.tick(at: 1.hours) == [])
        #expect(story.skips == [.skipped("spot-saved", .noConsent)])
    }

    @Test func requiredConsentThatWasNeverGivenSkipsTheReminder() {
        var story = Scenario(ExamplePolicies.oneHour.with { $0.consentRequired = true })
        story.event(.checkoutStarted, at: 0.hours)
        story.tick(at: 1.hours)
        #expect(story.skips == [.skipped("spot-saved", .noConsent)])
    }

    @Test func requiredConsentThatComesInTimeSendsIt() {
        var story = Scenario(ExamplePolicies.oneDay.with { $0.consentRequired = true })
        story.event(.checkoutStarted, at: 0.hours)
        story.event(.checkoutUpdated, at: 1.hours, consent: .given)
        #expect(story.tick(at: 24.hours).count == 1)
    }

    @Test func consentThatIsWithdrawnLaterCounts() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours, consent: .given)
        story.tick(at: 1.hours)
        story.event(.checkoutUpdated, at: 2.hours, consent: .withheld)
        #expect(story.tick(at: 25.hours) == [])
        #expect(story.skips == [.skipped("act-now", .noConsent)])
    }

    @Test func consentThatComesWithAnyEventOfThePersonCounts() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.days, product: "car")
        story.event(.policyIssued, at: 1.days, product: "house", consent: .withheld)
        story.tick(at: 3.days)
        #expect(story.skips == [.skipped("lead-reminder", .noConsent)])
    }

    @Test func consentThatIsReadBeforeTheOpeningCounts() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutUpdated, at: 1.minutes, consent: .withheld)
        story.tick(at: 2.minutes)
        story.event(.checkoutStarted, at: 0.minutes)
        story.tick(at: 1.hours)
        #expect(story.skips == [.skipped("spot-saved", .noConsent)])
    }

    @Test func consentOfSomebodyWhoNeverOpensIsForgottenInTheEnd() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutUpdated, at: 1.minutes, consent: .withheld)
        #expect(!story.state.isEmpty)
        story.tick(at: 5.days)
        #expect(story.state == ProspectState())
    }

    @Test func aMissingAddressSkipsTheReminder() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.hours, email: .missing)
        #expect(story.opened == 1)
        story.tick(at: 1.hours)
        #expect(story.skips == [.skipped("spot-saved", .noAddress)])
    }

    @Test func anAddressThatIsNoneIsTreatedAsMissing() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.hours, email: .of("not an address"))
        story.tick(at: 1.hours)
        #expect(story.skips == [.skipped("spot-saved", .noAddress)])
    }

    @Test func anAddressThatComesInTimeSendsIt() {
        var story = Scenario(ExamplePolicies.oneDay)
        story.event(.checkoutStarted, at: 0.hours, email: .missing, fields: ExamplePolicies.fields)
        story.event(
            .checkoutUpdated, at: 1.hours, email: .of("ada@example.com"), fields: ExamplePolicies.fields)
        #expect(story.tick(at: 24.hours).count == 1)
    }

    @Test func anAddressThatComesAfterTheSkippedStepServesTheNext() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours, email: .missing, fields: ExamplePolicies.fields)
        story.tick(at: 1.hours)
        story.event(
            .checkoutUpdated, at: 2.hours, email: .of("ada@example.com"), fields: ExamplePolicies.fields)
        #expect(story.tick(at: 25.hours) == [.sent("act-now", at: 25.hours)])
    }

    @Test func aNewerAddressThatIsNoneLeavesTheUsableOne() {
        var story = Scenario(ExamplePolicies.oneDay)
        story.event(.checkoutStarted, at: 0.hours)
        let contact = story.state.contact
        story.event(.checkoutUpdated, at: 1.hours, email: .of("oops"), fields: ExamplePolicies.fields)
        #expect(story.state.contact == contact)
        #expect(story.tick(at: 24.hours).count == 1)
    }
}

@Suite("missing optional template field")
struct MissingOptionalTemplateField {
    @Test func aFieldWithAFallbackMayBeMissing() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.hours, fields: [ExamplePolicies.productName, ExamplePolicies.checkoutURL])
        #expect(story.tick(at: 1.hours).count == 1)
    }

    @Test func aFieldWithoutAFallbackSkipsTheReminder() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.hours, fields: [ExamplePolicies.productName, ExamplePolicies.firstName])
        story.tick(at: 1.hours)
        #expect(story.skips == [.skipped("spot-saved", .missingField)])
    }

    @Test func aFieldThatComesInTimeSendsIt() {
        var story = Scenario(ExamplePolicies.oneDay)
        story.event(.checkoutStarted, at: 0.hours, fields: [])
        story.event(.checkoutUpdated, at: 1.hours, email: .of("ada@example.com"), fields: ExamplePolicies.fields)
        #expect(story.tick(at: 24.hours).count == 1)
    }
}
