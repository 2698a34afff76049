import Testing

@testable import Journey

@Suite("erasure by address")
struct AddressErasureTests {
    private static let name = "abandoned-checkout"

    /// An event that brings an address which is erased until then.
    private func input(_ type: EventType, at time: Span, erased: Span, offset: Int64 = 50) -> Input {
        Input(
            type: type, prospect: ProspectKey(high: 1, low: 1), time: Scenario.start + time, offset: offset,
            seed: JourneyID(high: UInt64(time.milliseconds) | 1 << 62, low: 7), address: .usable,
            details: Details(record: RecordPosition(rawValue: 99), hash: 9, fields: 0b11),
            addressErasedAt: Scenario.start + erased)
    }

    @Test func anErasureThatNamesAnAddressSaysSo() {
        var story = Scenario(ExamplePolicies.checkout)
        let facts = story.fold(
            Input(
                type: .contactErasureRequested, prospect: ProspectKey(high: 1, low: 1), time: Scenario.start + 1.hours,
                addressErasedAt: Scenario.start + 1.hours))
        #expect(facts == [.addressErased(at: Scenario.start + 1.hours)])
        #expect(story.state.erasedAt == Scenario.start + 1.hours)
        let again = story.fold(
            Input(
                type: .contactErasureRequested, prospect: ProspectKey(high: 1, low: 1), time: Scenario.start + 1.hours,
                addressErasedAt: Scenario.start + 1.hours))
        #expect(again == [.ignored(.outOfDate, nil)])
    }

    @Test(arguments: [(59, 0), (60, 0), (61, 1)])
    func anEventWithTheAddressOpensOnlyIfItIsNewer(minute: Int, opened: Int) {
        var story = Scenario(ExamplePolicies.checkout)
        story.fold(input(.checkoutStarted, at: minute.minutes, erased: 60.minutes))
        #expect(story.opened == opened)
        #expect(story.tick(at: 10.hours).count == opened)
        #expect(story.state.contact.isNone == (opened == 0))
    }

    @Test func whoIsSeenWithTheAddressLaterIsThePersonFromThenOn() {
        var story = Scenario(ExamplePolicies.checkout)
        story.fold(input(.checkoutStarted, at: 10.minutes, erased: 60.minutes))
        #expect(story.ignored == [.erased])
        // Without the address, and older than the erasure: it is known whose it is.
        story.event(.checkoutStarted, at: 20.minutes, email: .missing)
        #expect(story.opened == 0)
        story.event(.checkoutStarted, at: 2.hours)
        #expect(story.opened == 1)
    }

    @Test func aJourneyOfThatPersonFromBeforeTheErasureEnds() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 10.minutes, email: .missing, fields: ExamplePolicies.fields)
        story.fold(input(.checkoutUpdated, at: 11.minutes, erased: 60.minutes))
        #expect(story.status(Self.name) == .erased)
        #expect(story.state.journeys.allSatisfy { $0.details.isNone })
        #expect(story.tick(at: 10.hours) == [])
    }

    @Test func whatOpenedAfterTheErasureIsLeftAlone() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 2.hours)
        let before = story.state
        story.fold(input(.checkoutUpdated, at: 11.minutes, erased: 60.minutes))
        #expect(story.last == [.ignored(.erased, nil)])
        #expect(story.state == before)
        #expect(story.tick(at: 3.hours).count == 1)
    }

    @Test func aPurchaseThatIsReadLateCountsAllTheSame() {
        var story = Scenario(ExamplePolicies.checkout)
        story.event(.checkoutStarted, at: 61.minutes)
        story.fold(input(.checkoutCompleted, at: 60.minutes, erased: 60.minutes))
        #expect(story.status(Self.name) == .converted(at: Scenario.start + 60.minutes))
    }
}
