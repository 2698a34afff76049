import Testing

@testable import Journey

@Suite("What an operator decided, and what was found of an earlier journal")
struct InterventionTests {
    private let checkout = ExamplePolicies.checkout

    private static func reference(_ scenario: Scenario) throws -> JourneyReference {
        try #require(scenario.state.journeys.last).reference
    }

    /// The journey that the opening gives in any history.
    private func reference(id: String) throws -> JourneyReference {
        var scenario = Scenario(checkout)
        scenario.event(.checkoutStarted, at: .zero, id: id)
        return try Self.reference(scenario)
    }

    @Test func whatIsWithheldIsSkippedWithThatReasonAndWhatOpensLaterIsNot() {
        var scenario = Scenario(checkout)
        scenario.event(.checkoutStarted, at: .zero)
        scenario.intervene(.withheld, at: .minutes(1))
        scenario.ticks(every: .minutes(10), until: .days(3))
        #expect(scenario.reminders == [])
        #expect(scenario.skips == [.skipped("spot-saved", .withheld), .skipped("act-now", .withheld)])
        scenario.event(.checkoutStarted, at: .days(10))
        scenario.ticks(every: .minutes(10), until: .days(13))
        #expect(scenario.reminders.map(\.template) == ["spot-saved", "act-now"])
    }

    @Test func aFoundReminderIsNotSentAgainAndTheNextCountsFromIt() throws {
        var scenario = Scenario(checkout)
        scenario.intervene(.rebuilt, at: .days(40))
        let journey = try reference(id: "cart")
        scenario.find(journey, step: 0, emitted: .minutes(90))
        scenario.backlog { $0.event(.checkoutStarted, at: .zero, id: "cart") }
        scenario.tick(at: .hours(3))
        #expect(scenario.reminders == [])
        #expect(scenario.due(checkout.name) == .minutes(90) + .hours(24))
        scenario.ticks(every: .minutes(10), until: .days(3))
        #expect(scenario.reminders.map(\.template) == ["act-now"])
    }

    @Test func activityAfterAFoundReminderDoesNotHideIt() throws {
        var scenario = Scenario(checkout)
        scenario.intervene(.rebuilt, at: .days(40))
        scenario.find(try reference(id: "cart"), step: 0, emitted: .hours(1))
        scenario.backlog {
            $0.event(.checkoutStarted, at: .zero, id: "cart")
            $0.event(.checkoutUpdated, at: .minutes(100), email: .missing, fields: ["/data/product/name"])
        }
        scenario.ticks(every: .minutes(10), until: .hours(20))
        #expect(scenario.reminders == [])
    }

    @Test func stepsBeforeAFoundOneCannotBeSentAnyMore() throws {
        var scenario = Scenario(checkout)
        scenario.intervene(.rebuilt, at: .days(40))
        scenario.find(try reference(id: "cart"), step: 1, emitted: .hours(26))
        scenario.backlog { $0.event(.checkoutStarted, at: .zero, id: "cart") }
        scenario.tick(at: .hours(27))
        #expect(scenario.reminders == [])
        #expect(scenario.skips == [.skipped("spot-saved", .overtaken)])
        #expect(scenario.journey(checkout.name)?.status == .finished)
    }

    @Test func aPurchaseBehindAFoundReminderEndsWhatIsLeft() throws {
        var scenario = Scenario(checkout)
        scenario.intervene(.rebuilt, at: .days(40))
        scenario.find(try reference(id: "cart"), step: 0, emitted: .hours(1))
        scenario.backlog {
            $0.event(.checkoutStarted, at: .zero, id: "cart")
            $0.event(.checkoutCompleted, at: .hours(2))
        }
        scenario.ticks(every: .minutes(10), until: .days(3))
        #expect(scenario.reminders == [])
        #expect(scenario.facts.contains { if case .converted(_, _, afterStep: 1) = $0 { true } else { false } })
    }

    @Test func anOpeningThatWasRemindedOpensWhateverIsForgottenOfTheOneBefore() throws {
        var policy = checkout
        policy.reentryWindow = nil
        var scenario = Scenario(policy)
        scenario.intervene(.rebuilt, at: .days(40))
        // The first was skipped, for a reason that nobody knows any more.
        scenario.find(try reference(id: "second"), step: 0, emitted: .hours(4))
        scenario.backlog {
            $0.event(.checkoutStarted, at: .zero, id: "first")
            $0.event(.checkoutStarted, at: .hours(3), id: "second")
        }
        scenario.tick(at: .hours(5))
        #expect(scenario.reminders == [])
        #expect(scenario.state.journeys.count == 2)
    }

    @Test func aJourneyOfLongAgoDoesNotTakeTheNextOnesPlace() {
        var policy = checkout
        policy.reentryWindow = nil
        policy.anchor = .opened
        var scenario = Scenario(policy)
        scenario.intervene(.rebuilt, at: .days(40))
        scenario.backlog {
            $0.event(.checkoutStarted, at: .zero, id: "first")
            $0.event(.checkoutStarted, at: .days(30), id: "second")
        }
        scenario.tick(at: .days(30) + .hours(1))
        #expect(scenario.reminders.map(\.template) == ["spot-saved"])
    }

    @Test func whatMayHaveBeenSentAndDeletedIsWithheldAndWhatCannotHaveBeenIsSent() {
        var scenario = Scenario(checkout)
        scenario.intervene(.rebuilt, at: .days(40))
        scenario.intervene(.unknown, at: .hours(2))
        scenario.backlog { $0.event(.checkoutStarted, at: .minutes(30)) }
        scenario.tick(at: .hours(3))
        #expect(scenario.skips == [.skipped("spot-saved", .withheld)])
        scenario.ticks(every: .minutes(10), until: .days(2))
        #expect(scenario.reminders.map(\.template) == ["act-now"])
    }
}
