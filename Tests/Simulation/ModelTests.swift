import Testing

@testable import Simulator

/// The oracle itself, in small tables: what is given, how time passes, and what must come of it.
@Suite struct ModelTests {
    private static let minute = PlainPolicy.minute
    private static let hour = PlainPolicy.hour
    private static let day = PlainPolicy.day

    /// A partition of one prospect, with times from the activation on.
    private struct Given {
        var model = Model(partitionCount: 1)
        private var count = 0

        init() { model.activate(PlainConfiguration(), at: 0) }

        /// - Returns: what was decided, as texts without the names of journeys' events.
        @discardableResult
        mutating func event(
            _ type: String, at time: Int64, read: Int64? = nil, _ change: (inout Happening) -> Void = { _ in }
        ) -> [String] {
            count += 1
            var happening = Happening(publishedAt: read ?? time, time: time, type: type, id: "\(count)")
            happening.prospect = "p"
            happening.email = "p@example.com"
            change(&happening)
            return model.read(happening).decisions.map(\.description).sorted()
        }

        @discardableResult
        mutating func tick(_ clock: Int64) -> [String] { model.tick(clock).decisions.map(\.description).sorted() }
    }

    @Test func aCheckoutThatIsLeftGetsBothSteps() {
        var given = Given()
        #expect(given.event("checkout.started", at: 0) == ["abandoned-checkout of 1: opened at 0"])
        #expect(given.tick(Self.hour - 1) == [])
        #expect(given.tick(Self.hour + 7) == ["abandoned-checkout of 1: step 1, due 3600000, sent at 3600007"])
        // The second is counted from the first's emission.
        #expect(given.tick(25 * Self.hour) == [])
        #expect(given.tick(25 * Self.hour + 7) == ["abandoned-checkout of 1: step 2, due 90000007, sent at 90000007"])
        #expect(given.model.reminders.map(\.template) == ["spot-saved", "act-now"])
    }

    @Test func aPurchaseEndsWhatOpenedUpToTheSkewAfterIt() {
        for (after, decided) in [
            (10 * Self.minute, ["abandoned-checkout of 1: converted"]), (10 * Self.minute + 1, []),
        ] {
            var given = Given()
            given.event("checkout.started", at: after)
            #expect(given.event("checkout.completed", at: 0, read: after + 1) == decided)
        }
    }

    @Test func anOpeningUpToTheSkewAfterAKnownPurchaseDoesNotOpen() {
        for (after, decided) in [
            (10 * Self.minute, "abandoned-checkout: does not open: converted"),
            (10 * Self.minute + 1, "abandoned-checkout of 2: opened at 600001"),
        ] {
            var given = Given()
            given.event("checkout.completed", at: 0)
            #expect(given.event("checkout.started", at: after) == [decided])
        }
    }

    @Test func atTheVeryEndOfTheWindowAnotherOpens() {
        for (after, decided) in [
            (7 * Self.day - 1, "abandoned-checkout of 1: its window keeps another from opening"),
            (7 * Self.day, "abandoned-checkout of 2: opened at 604800000"),
        ] {
            var given = Given()
            given.event("checkout.started", at: 0)
            given.tick(Self.hour)
            given.tick(25 * Self.hour)
            #expect(given.event("checkout.started", at: after) == [decided])
        }
    }

    @Test func theWindowRunsFromTheOpeningWhateverCameSince() {
        var given = Given()
        given.event("checkout.started", at: 0)
        given.event("checkout.updated", at: 6 * Self.day)
        given.tick(6 * Self.day + Self.hour)
        given.tick(7 * Self.day - 1)
        #expect(
            given.event("checkout.started", at: 7 * Self.day).contains("abandoned-checkout of 3: opened at 604800000"))
    }

    @Test func aPaymentThatFailsGivesBackTheTimeThatWasLeft() {
        var given = Given()
        given.event("sales-lead.created", at: 0)
        given.event("payment.pending", at: 5 * Self.hour)
        given.event("payment.failed", at: 7 * Self.hour)
        #expect(given.tick(74 * Self.hour - 1) == [])
        #expect(given.tick(74 * Self.hour).count == 1)
    }

    @Test func aPaymentThatStaysPendingHoldsForADay() {
        var given = Given()
        given.event("sales-lead.created", at: 0)
        given.event("payment.pending", at: 5 * Self.hour)
        #expect(given.tick(29 * Self.hour) == ["unconverted-lead of 1: resumed"])
        #expect(given.tick(96 * Self.hour).first?.hasSuffix("sent at 345600000") == true)
    }

    @Test func ofTwoStepsThatAreDueAtOnceTheLastIsSent() {
        var given = Given()
        given.event("checkout.started", at: 0) {
            ($0.tenant, $0.consent, $0.firstName, $0.subject) = ("club", true, "Ada", "cart")
        }
        let decided = given.tick(6 * Self.hour + 1).filter { $0.hasPrefix("club") }
        #expect(
            decided == [
                "club of 1: step 1, due 7200000, skipped: overtaken",
                "club of 1: step 2, due 21600000, sent at 21600001",
            ])
    }

    @Test func whatIsLaterThanItMayBeIsSkippedAndTheNextCountsFromWhenItWasDue() {
        var given = Given()
        given.event("sales-lead.created", at: 0)
        #expect(given.tick(96 * Self.hour + 1) == ["unconverted-lead of 1: step 1, due 259200000, skipped: too-late"])
        given = Given()
        given.event("checkout.started", at: 0) { $0.email = nil }
        given.tick(Self.hour + 7)
        given.event("checkout.updated", at: 2 * Self.hour)
        #expect(given.tick(25 * Self.hour) == ["abandoned-checkout of 1: step 2, due 90000000, sent at 90000000"])
    }

    @Test func anOfferTakesOverFromTheLeadAlsoWhenItIsReadFirst() {
        var given = Given()
        given.event("sales-lead.created", at: 0) { $0.product = "car" }
        #expect(
            given.event("offer.created", at: Self.hour) { $0.product = "car" } == [
                "unconverted-lead of 1: superseded", "unconverted-offer of 2: opened at 3600000",
            ])
        given = Given()
        given.event("offer.created", at: Self.hour) { $0.product = "car" }
        #expect(
            given.event("sales-lead.created", at: 0) { $0.product = "car" }
                == ["unconverted-lead: does not open: superseded"])
        #expect(
            given.event("sales-lead.created", at: 1) { $0.product = "house" } == ["unconverted-lead of 3: opened at 1"])
    }

    @Test func onlyAnOptInLiftsAnOptOut() {
        var given = Given()
        given.event("checkout.started", at: 0)
        #expect(given.event("contact.opted-out", at: 1) == ["person: opted out"])
        #expect(given.event("sales-lead.created", at: 2) == ["unconverted-lead: does not open: opted-out"])
        given.event("contact.opted-in", at: 3)
        #expect(given.event("sales-lead.created", at: 2) == ["unconverted-lead: does not open: opted-out"])
        #expect(given.event("sales-lead.created", at: 4) == ["unconverted-lead of 6: opened at 4"])
        #expect(given.tick(Self.hour) == [])
    }

    @Test func nothingOlderThanAnErasureOpens() {
        var given = Given()
        given.event("sales-lead.created", at: 0)
        #expect(given.event("contact.erasure-requested", at: 10) == ["person: erased"])
        #expect(given.event("offer.created", at: 10) == [])
        #expect(given.tick(72 * Self.hour) == [])
        #expect(given.event("offer.created", at: 11).count == 1)
    }

    @Test func whatIsMissingIsSkippedWithItsReason() {
        var given = Given()
        given.event("checkout.started", at: 0) { ($0.tenant, $0.email, $0.firstName) = ("club", nil, nil) }
        func reasons() -> [String] { given.tick(2 * Self.hour).filter { $0.hasPrefix("club") } }
        #expect(reasons() == ["club of 1: step 1, due 7200000, skipped: no-consent"])
        given.event("checkout.updated", at: 3 * Self.hour) { ($0.tenant, $0.email, $0.consent) = ("club", nil, true) }
        given.tick(9 * Self.hour)
        given.event("checkout.updated", at: 10 * Self.hour) { ($0.tenant, $0.consent) = ("club", true) }
        #expect(given.tick(13 * Self.hour) == ["club of 1: step 3, due 46800000, skipped: missing-field"])
    }

    @Test func aMessageThatIsNoEventHasItsFate() {
        var model = Model(partitionCount: 2)
        model.activate(PlainConfiguration(), at: 0)
        func fate(_ change: (inout Happening) -> Void) -> Model.Fate {
            var happening = Happening(publishedAt: 0, time: 0, type: "checkout.started", id: "1")
            happening.prospect = "p"
            change(&happening)
            var model = model
            return model.read(happening).fate
        }
        #expect(fate { _ in } == .folded)
        #expect(fate { $0.body = .tombstone } == .tombstone)
        #expect(fate { $0.body = .malformed("[]") } == .refused)
        #expect(fate { $0.type = "shop.opened" } == .unknownType)
        #expect(fate { $0.key = "q" } == .refused)
        #expect(fate { ($0.key, $0.type) = ("q", "checkout.completed") } == .folded)
        #expect(fate { $0.prospect = nil } == .refused)
    }
}
