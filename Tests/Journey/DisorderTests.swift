import Testing

@testable import Journey

@Suite("disorder")
struct Disorder {
    private func opened() -> Scenario {
        var story = Scenario(ExamplePolicies.oneDay)
        story.event(.checkoutStarted, at: 0.hours)
        return story
    }

    @Test func theNewestConsentWins() {
        var story = opened()
        story.event(.checkoutUpdated, at: 2.hours, consent: .withheld)
        story.event(.checkoutUpdated, at: 1.hours, consent: .given)
        #expect(story.state.consent == .withheld)
    }

    @Test func aConsentThatWasConfirmedWinsOverOneFromInBetween() {
        var story = opened()
        story.event(.checkoutUpdated, at: 1.hours, consent: .given)
        story.event(.checkoutUpdated, at: 3.hours, consent: .given)
        story.event(.checkoutUpdated, at: 2.hours, consent: .withheld)
        #expect(story.state.consent == .given)
    }

    @Test func ofTwoConsentsWithOneTimeTheLaterOffsetWins() {
        var story = opened()
        story.event(.checkoutUpdated, at: 1.hours, consent: .given)
        story.event(.checkoutUpdated, at: 1.hours, consent: .withheld)
        #expect(story.state.consent == .withheld)
    }

    @Test func theNewestHoldWins() {
        var story = opened()
        story.event(.paymentPending, at: 3.hours)
        story.event(.paymentFailed, at: 2.hours)
        #expect(story.status("abandoned-checkout")?.isActive == true)
        #expect(story.due("abandoned-checkout") == nil)
    }

    @Test func ofTwoPaymentEventsWithOneTimeTheLaterOffsetWins() {
        var story = opened()
        story.event(.paymentPending, at: 2.hours)
        var other = opened()
        story.event(.paymentFailed, at: 2.hours)
        #expect(story.due("abandoned-checkout") == 24.hours)
        other.event(.paymentFailed, at: 2.hours)
        other.event(.paymentPending, at: 2.hours)
        #expect(other.due("abandoned-checkout") == nil)
    }

    @Test func theNewestDetailsWin() {
        var story = opened()
        story.event(.checkoutUpdated, at: 2.hours, fields: ExamplePolicies.fields + [ExamplePolicies.firstName])
        let newest = story.journey("abandoned-checkout")?.details
        story.event(.checkoutUpdated, at: 1.hours, fields: [])
        story.event(.checkoutUpdated, at: 1.hours, fields: [ExamplePolicies.productName])
        #expect(story.journey("abandoned-checkout")?.details == newest)
    }

    @Test func detailsThatWereConfirmedWinOverThoseFromInBetween() {
        var story = opened()
        let first = story.journey("abandoned-checkout")?.details
        story.event(.checkoutUpdated, at: 3.hours, email: .of("ada@example.com"))
        story.event(.checkoutUpdated, at: 2.hours, email: .of("other@example.com"), fields: ExamplePolicies.fields)
        #expect(story.journey("abandoned-checkout")?.details == first)
        #expect(story.state.contact.record == first?.record)
        #expect(story.state.contact.time == Scenario.start + 3.hours)
    }

    @Test func theNewestAddressWins() {
        var story = opened()
        story.event(.checkoutUpdated, at: 2.hours, email: .of("new@example.com"))
        let contact = story.state.contact
        story.event(.checkoutUpdated, at: 1.hours, email: .of("old@example.com"))
        #expect(story.state.contact == contact)
    }

    @Test func anAddressThatComesBackIsTheAddress() {
        var story = Scenario([ExamplePolicies.oneDay.with { $0.scope = .product }])
        story.event(.checkoutStarted, at: 0.hours, product: "yoga", email: .of("ada@example.com"))
        let first = story.state.contact.record
        story.event(.checkoutStarted, at: 1.hours, product: "dance", email: .of("ada@work.example.com"))
        #expect(story.state.contact.record != first)
        story.event(
            .checkoutUpdated, at: 2.hours, product: "yoga", email: .of("ada@example.com"))
        #expect(story.state.contact.record == first)
    }

    @Test func theNewestActivityWins() {
        var story = Scenario(ExamplePolicies.oneHour)
        story.event(.checkoutStarted, at: 0.minutes)
        story.event(.checkoutUpdated, at: 20.minutes)
        story.event(.checkoutUpdated, at: 10.minutes)
        #expect(story.due("abandoned-checkout") == 80.minutes)
    }
}

@Suite("duplicates from upstream")
struct DuplicatesFromUpstream {
    private static let types: [EventType] = EventType.allCases

    private func policies() -> [Policy] {
        ExamplePolicies.kasko + [ExamplePolicies.checkout, ExamplePolicies.oneDay.with { $0.name = "one-day" }]
    }

    @Test(arguments: EventType.allCases)
    func theSameEventTwiceInARowChangesNothing(_ type: EventType) {
        var story = Scenario(policies())
        story.event(.checkoutStarted, at: 0.hours, product: "car", subject: "a")
        story.event(.salesLeadCreated, at: 0.hours, product: "car", subject: "a")
        story.event(type, at: 30.minutes, product: "car", subject: "a", consent: .given, email: .of("new@example.com"))
        let once = story.state
        story.event(type, at: 30.minutes, product: "car", subject: "a", consent: .given, email: .of("new@example.com"))
        #expect(story.state == once)
        #expect(
            !story.ignored.isEmpty || story.last.allSatisfy { if case .reentrySuppressed = $0 { true } else { false } })
    }

    @Test(arguments: EventType.allCases)
    func theSameEventADayLaterGivesNoReminderMore(_ type: EventType) {
        var story = Scenario(policies())
        story.event(.checkoutStarted, at: 0.hours, product: "car", subject: "a")
        story.event(type, at: 30.minutes, product: "car", subject: "a")
        var twice = story
        story.ticks(every: 30.minutes, until: 4.days)
        for hours in 1...96 {
            twice.tick(at: hours.hours - 30.minutes)
            twice.tick(at: hours.hours)
            if hours % 24 == 1 { twice.event(type, at: 30.minutes, product: "car", subject: "a") }
        }
        #expect(twice.reminders == story.reminders)
        #expect(twice.state == story.state)
    }
}
