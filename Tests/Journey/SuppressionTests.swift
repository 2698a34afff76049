import Testing

@testable import Journey

@Suite("opt-out")
struct OptOut {
    @Test func itEndsAllJourneysAtOnce() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.hours, product: "car")
        story.event(.offerCreated, at: 0.hours, product: "house", subject: "offer-1")
        story.event(.contactOptedOut, at: 1.hours)
        #expect(story.state.journeys.allSatisfy { $0.status == .optedOut })
        #expect(story.tick(at: 3.days) == [])
    }

    @Test func openingsAreIgnoredUntilANewerOptIn() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactOptedOut, at: 1.hours)
        story.event(.checkoutStarted, at: 2.hours, consent: .given)
        #expect(story.ignored == [.optedOut])
        story.event(.contactOptedIn, at: 3.hours)
        story.event(.checkoutStarted, at: 4.hours)
        #expect(story.opened == 1)
    }

    @Test func anOpeningFromBeforeTheOptInStaysIgnoredWhenItIsReadAgain() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactOptedOut, at: 1.hours)
        story.event(.checkoutStarted, at: 2.hours)
        story.event(.contactOptedIn, at: 3.hours)
        story.event(.checkoutStarted, at: 2.hours)
        #expect(story.ignored == [.optedOut])
    }

    @Test func anOptInOfSomebodyWhoNeverOptedOutIgnoresNothing() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactOptedIn, at: 3.hours)
        story.event(.checkoutStarted, at: 2.hours)
        #expect(story.opened == 1)
    }

    @Test func neitherConsentNorAPurchaseLiftsIt() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactOptedOut, at: 1.hours)
        story.event(.checkoutUpdated, at: 2.hours, consent: .given)
        story.event(.checkoutCompleted, at: 3.hours, consent: .given)
        story.event(.checkoutStarted, at: 4.hours)
        #expect(story.ignored == [.optedOut])
    }

    @Test(arguments: [1.hours, 1.hours - 1.milliseconds])
    func anOptInThatIsNotNewerLiftsNothing(_ time: Span) {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactOptedOut, at: 1.hours)
        story.event(.contactOptedIn, at: time)
        #expect(story.ignored == [.outOfDate])
        story.event(.checkoutStarted, at: 2.hours)
        #expect(story.ignored == [.optedOut])
    }

    @Test func anOptOutAtTheTimeOfTheOptInWinsInEitherOrder() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactOptedIn, at: 1.hours)
        story.event(.contactOptedOut, at: 1.hours)
        story.event(.checkoutStarted, at: 2.hours)
        #expect(story.ignored == [.optedOut])
    }

    @Test func anOptOutOlderThanTheOptInIsOutOfDate() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactOptedIn, at: 2.hours)
        story.event(.contactOptedOut, at: 1.hours)
        #expect(story.ignored == [.outOfDate])
        story.event(.checkoutStarted, at: 3.hours)
        #expect(story.opened == 1)
    }

    @Test func anOptInDoesNotBringBackWhatWasEnded() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        story.event(.contactOptedOut, at: 10.minutes)
        story.event(.contactOptedIn, at: 20.minutes)
        #expect(story.tick(at: 5.hours) == [])
    }

    @Test func itIsNeverForgotten() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        story.event(.contactOptedOut, at: 10.minutes)
        story.tick(at: 1000.days)
        #expect(!story.state.isEmpty)
        story.event(.checkoutStarted, at: 1000.days)
        #expect(story.ignored == [.optedOut])
    }
}

@Suite("erasure")
struct Erasure {
    @Test func itEndsAllJourneysAndLeavesNoReferenceToData() {
        var story = Scenario(ExamplePolicies.kasko)
        story.event(.salesLeadCreated, at: 0.hours, product: "car", consent: .given)
        story.event(.offerCreated, at: 0.hours, product: "house", subject: "offer-1")
        story.event(.contactErasureRequested, at: 1.hours)
        #expect(story.state.contact.isNone)
        #expect(story.state.consent == .unknown)
        for journey in story.state.journeys {
            #expect(journey.status == .erased)
            #expect(journey.details.isNone)
            #expect(journey.opening == .none)
        }
        #expect(story.tick(at: 3.days) == [])
    }

    @Test(arguments: [EventType.checkoutStarted, .checkoutUpdated, .paymentPending])
    func olderEventsStoreAndOpenNothing(_ type: EventType) {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactErasureRequested, at: 1.hours)
        let erased = story.state
        story.event(type, at: 1.hours, consent: .given, email: .of("ada@example.com"))
        #expect(story.ignored == [.erased])
        #expect(story.state == erased)
    }

    @Test func aNewerEventOpensAgain() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactErasureRequested, at: 1.hours)
        story.event(.checkoutStarted, at: 1.hours + 1.milliseconds)
        #expect(story.opened == 1)
    }

    @Test func theSameRequestAgainLeavesWhatCameSince() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactErasureRequested, at: 1.hours)
        story.event(.checkoutStarted, at: 2.hours)
        story.event(.contactErasureRequested, at: 1.hours)
        #expect(story.ignored == [.outOfDate])
        #expect(story.tick(at: 3.hours).count == 1)
    }

    @Test func aRequestThatIsReadLateDestroysWhatIsThere() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 2.hours)
        story.event(.contactErasureRequested, at: 1.hours)
        #expect(story.status("abandoned-checkout") == .erased)
        #expect(story.tick(at: 3.hours) == [])
    }

    @Test func anOptOutFromBeforeItThatIsReadAfterItStillCounts() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactErasureRequested, at: 2.hours)
        story.event(.contactOptedOut, at: 1.hours)
        story.event(.checkoutStarted, at: 3.hours)
        #expect(story.ignored == [.optedOut])
    }

    @Test func aPurchaseFromJustBeforeItStillEndsWhatOpenedJustAfter() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactErasureRequested, at: 60.minutes)
        var other = story
        story.event(.checkoutStarted, at: 65.minutes)
        story.event(.checkoutCompleted, at: 58.minutes)
        #expect(story.tick(at: 5.hours) == [])
        other.event(.checkoutCompleted, at: 58.minutes)
        other.event(.checkoutStarted, at: 65.minutes)
        #expect(other.ignored == [.converted])
    }

    @Test func aPurchaseFromLongBeforeItIsNotStored() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.contactErasureRequested, at: 60.minutes)
        let erased = story.state
        story.event(.checkoutCompleted, at: 40.minutes)
        #expect(story.ignored == [.erased])
        #expect(story.state == erased)
    }

    @Test func theErasureItselfIsNeverForgottenAndNothingElseStays() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 0.hours)
        story.event(.contactErasureRequested, at: 1.hours)
        story.tick(at: 100.days)
        var expected = ProspectState()
        expected.erasedAt = Scenario.start + 1.hours
        #expect(story.state == expected)
    }
}
