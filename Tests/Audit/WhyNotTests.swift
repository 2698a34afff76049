import Journey
import Testing

@testable import Audit

/// For each reason a story in which a reminder was not sent, or no journey opened, and what the auditor is told.
@Suite struct WhyNotTests {
    private static let start = AuditHarness.start

    struct Story: Sendable, CustomTestStringConvertible {
        var outcome: Explanation.Verdict.Outcome
        var reason: String?
        /// The verdict, as it is to be read.
        var text: String
        /// Of the evidence.
        var line: String?
        var policies = AuditHarness.policies
        var happens: @Sendable (AuditHarness) throws -> Void

        var testDescription: String { reason.map { "\(outcome.rawValue): \($0)" } ?? outcome.rawValue }
    }

    private static let checkout =
        "Reminder 1 of 2 (spot-saved) of the abandoned-checkout journey of 2027-01-15 08:00:00"
    private static let lead = "Reminder 1 of 1 (lead-reminder) of the unconverted-lead journey of 2027-01-15 08:00:00"

    private static func policy(_ keys: String) -> String {
        """
        kafka: {bootstrap.servers: "localhost:9092"}
        templates: [spot-saved]
        policies:
          - name: abandoned-checkout
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            steps: [{after: 1h, template: spot-saved}]
        """ + keys.split(separator: "\n").map { "\n    " + $0 }.joined()
    }

    static let stories: [Story] = [
        Story(
            outcome: .waiting,
            text: checkout
                + " has not been sent yet. It is due at 2027-01-15 09:00:00, 1h after the last activity, unless a purchase"
                + " (checkout.completed), a cancellation, an opt-out or an erasure comes first."
        ) { try $0.event("checkout.started") },
        Story(
            outcome: .waiting, reason: "no-address",
            text: checkout
                + " has not been sent yet. It is due at 2027-01-15 09:00:00, but as things stand it will not be sent then,"
                + " because no address was known that a mail could go to."
        ) { try $0.event("checkout.started", email: "none") },
        Story(
            outcome: .held,
            text: checkout
                + " has not been sent yet: a payment is pending, and until it fails, or until 2027-01-16 08:10:00 at most,"
                + " the wait stands still."
        ) {
            try $0.event("checkout.started")
            try $0.event("payment.pending", at: start + .minutes(10))
        },
        Story(
            outcome: .converted,
            text: checkout
                + " was not sent, because the person bought first, at 2027-01-15 08:30:00 (checkout.completed).",
            line: nil
        ) {
            try $0.event("checkout.started")
            try $0.event("checkout.completed", at: start + .minutes(30))
        },
        Story(
            outcome: .cancelled,
            text: checkout + " was not sent, because the lead was cancelled first, at 2027-01-15 08:30:00."
        ) {
            try $0.event("checkout.started")
            try $0.event("lead.cancelled", at: start + .minutes(30))
        },
        Story(
            outcome: .superseded,
            text: lead
                + " was not sent, because the unconverted-offer journey of 2027-01-15 09:00:00 took over first."
        ) {
            try $0.event("sales-lead.created")
            try $0.event("offer.created", at: start + .hours(1))
        },
        Story(
            outcome: .optedOut,
            text: checkout + " was not sent, because the person opted out first, at 2027-01-15 08:30:00."
        ) {
            try $0.event("checkout.started")
            try $0.event("contact.opted-out", at: start + .minutes(30))
        },
        Story(
            outcome: .erased,
            text: checkout
                + " was not sent, because the erasure of the person's data was asked for first, at 2027-01-15 08:30:00."
        ) {
            try $0.event("checkout.started")
            try $0.event("contact.erasure-requested", at: start + .minutes(30))
        },
        Story(
            outcome: .expired,
            text: "Reminder 1 of 1 (spot-saved) of the abandoned-checkout journey of 2027-01-15 08:00:00"
                + " was not sent, because the lead expired first, at 2027-01-20 08:00:00.",
            policies: policy("retention: 3d").replacing("after: 1h", with: "after: 2d")
        ) {
            try $0.event("checkout.started")
            try $0.event("checkout.updated", at: start + .hours(47))
            try $0.tick(start + .days(5))
        },
        Story(
            outcome: .tooLate,
            text: lead
                + " was not sent, because the clock stood at 2027-01-20 08:00:00 when everything published before had been"
                + " read, which is more than 1d later.",
            line: "step 1: {after: 3d, template: lead-reminder, maxLateness: 1d}"
        ) {
            try $0.event("sales-lead.created")
            try $0.tick(start + .days(5))
        },
        Story(
            outcome: .overtaken,
            text: checkout
                + " was not sent, because a later reminder of the journey was due or sent by then, and only the last one goes"
                + " out.",
            line: "step 2: {after: 1d, from: previous, template: act-now}"
        ) {
            try $0.event("checkout.started")
            try $0.tick(start + .days(2))
        },
        Story(
            outcome: .noConsent,
            text: checkout
                + " was not sent, because the person has withheld consent to mails (said by the checkout.started of"
                + " 2027-01-15 08:00:00).",
            line: "consent: optional"
        ) {
            try $0.event("checkout.started", consent: false)
            try $0.tick(start + .hours(1))
        },
        Story(
            outcome: .noConsent,
            text: "Reminder 1 of 1 (spot-saved) of the abandoned-checkout journey of 2027-01-15 08:00:00"
                + " was not sent, because the policy asks for consent to mails, and none was given.",
            line: "consent: required", policies: policy("consent: required")
        ) {
            try $0.event("checkout.started")
            try $0.tick(start + .hours(1))
        },
        Story(
            outcome: .noAddress,
            text: checkout + " was not sent, because no address was known that a mail could go to."
        ) {
            try $0.event("checkout.started", email: "none")
            try $0.tick(start + .hours(1))
        },
        Story(
            outcome: .missingField,
            text: "Reminder 1 of 1 (spot-saved) of the abandoned-checkout journey of 2027-01-15 08:00:00"
                + " was not sent, because its template needs first_name, which no event has brought, and the policy names no"
                + " fallback.",
            line: "fields: {first_name: /data/prospect/firstName}",
            policies: policy("command: {fields: {first_name: /data/prospect/firstName}}")
        ) {
            try $0.event("checkout.started")
            try $0.tick(start + .hours(1))
        },
    ]

    @Test(arguments: stories) func theReasonIsSaid(_ story: Story) throws {
        let harness = try AuditHarness(story.policies)
        try story.happens(harness)
        let explanation = try #require(try harness.explanations().first)
        let verdict = try #require(explanation.verdicts.first { $0.step == 1 })
        #expect(verdict.text == story.text)
        #expect(verdict.outcome == story.outcome)
        #expect(verdict.reason == story.reason)
        if let line = story.line { #expect(verdict.evidence?.lines == [line]) }
        #expect(harness.reminders.allSatisfy { !String(decoding: $0.value, as: UTF8.self).contains("-1\",\"source\"") })
    }

    static let unopened: [Story] = [
        Story(
            outcome: .neverOpened, reason: "duplicate",
            text:
                "The checkout.started of 2027-01-15 08:00:00 opened no abandoned-checkout journey: it is not newer than what"
                + " was known of this policy's last journey, so it is a repetition or was overtaken on its way.",
            line: "opensOn: [checkout.started]"
        ) {
            try $0.event("checkout.started")
            try $0.event("checkout.started")
        },
        Story(
            outcome: .neverOpened, reason: "converted",
            text:
                "The checkout.started of 2027-01-15 08:00:00 opened no abandoned-checkout journey: a purchase of 2027-01-15"
                + " 08:05:00 (checkout.completed) was known, and what started up to 10m after a purchase counts as bought.",
            line: "convertsOn: [checkout.completed]"
        ) {
            try $0.event("checkout.completed", at: start + .minutes(5))
            try $0.event("checkout.started")
        },
        Story(
            outcome: .neverOpened, reason: "cancelled",
            text: "The checkout.started of 2027-01-15 08:00:00 opened no abandoned-checkout journey: a cancellation of"
                + " 2027-01-15 08:05:00 (lead.cancelled) was known, and what started up to 10m after it counts as cancelled.",
            line: "conversion: {skew: 10m}"
        ) {
            try $0.event("lead.cancelled", at: start + .minutes(5))
            try $0.event("checkout.started")
        },
        Story(
            outcome: .neverOpened, reason: "superseded",
            text:
                "The sales-lead.created of 2027-01-15 08:00:00 opened no unconverted-lead journey: the unconverted-offer"
                + " journey of 2027-01-15 09:00:00 (product gold) takes its place.",
            line: "supersedes: [unconverted-lead]"
        ) {
            try $0.event("offer.created", at: start + .hours(1))
            try $0.event("sales-lead.created")
        },
        Story(
            outcome: .neverOpened, reason: "opted-out",
            text:
                "The checkout.started of 2027-01-15 08:30:00 opened no abandoned-checkout journey: the person had opted out of"
                + " reminders at 2027-01-15 08:00:00 and not opted in again."
        ) {
            try $0.event("contact.opted-out")
            try $0.event("checkout.started", at: start + .minutes(30))
        },
        Story(
            outcome: .neverOpened, reason: "before-activation",
            text:
                "The checkout.started of 2027-01-15 07:00:00 opened no abandoned-checkout journey: the policy acts on what"
                + " happens from 2027-01-15 08:00:00 on; it was first put to use at 2027-01-15 08:00:00.",
            line: "backfill: 0s"
        ) { try $0.event("checkout.started", at: start - .hours(1)) },
        Story(
            outcome: .neverOpened, reason: "too-old",
            text:
                "The checkout.started of 2027-01-16 08:00:00 opened no abandoned-checkout journey: it was read when the clock"
                + " stood at 2027-02-04 08:00:00, more than 5d after it happened. A purchase may have been forgotten by then, so"
                + " nothing that old opens.",
            line: "opensOn: [checkout.started]"
        ) {
            try $0.event("sales-lead.created", "bob")
            try $0.tick(start + .days(20))
            try $0.event("checkout.started", at: start + .days(1))
        },
        Story(
            outcome: .neverOpened, reason: "reentry-window",
            text:
                "The checkout.started of 2027-01-17 08:00:00 opened no journey: within 7d of the abandoned-checkout journey of"
                + " 2027-01-15 08:00:00 (product gold), that is until 2027-01-22 08:00:00, no other one opens.",
            line: "reentry: {window: 7d}"
        ) {
            try $0.event("checkout.started")
            try $0.event("checkout.started", at: start + .days(2))
        },
        Story(
            outcome: .neverOpened, reason: "erased",
            text: "The checkout.started of 2027-01-15 08:00:00 opened no journey: it is not newer than the erasure."
        ) {
            try $0.event("contact.erasure-requested", at: start + .minutes(30))
            try $0.event("checkout.started")
        },
        Story(
            outcome: .neverOpened, reason: "does-not-apply",
            text:
                "The checkout.started of 2027-01-15 08:00:00 opened no abandoned-checkout journey: the policy is for other"
                + " tenants or products.",
            line: "appliesTo: {tenants: [school]}", policies: policy("appliesTo: {tenants: [school]}")
        ) { try $0.event("checkout.started") },
        Story(
            outcome: .neverOpened, reason: "not-enabled",
            text:
                "The checkout.started of 2027-01-15 08:00:00 opened no abandoned-checkout journey: the policy is switched off.",
            line: "enabled: false", policies: policy("enabled: false")
        ) { try $0.event("checkout.started") },
    ]

    @Test(arguments: unopened) func thatNoJourneyOpenedIsExplained(_ story: Story) throws {
        let harness = try AuditHarness(story.policies)
        try story.happens(harness)
        let explanation = try #require(try harness.explanations().first)
        let verdict = try #require(explanation.verdicts.first { $0.outcome == .neverOpened })
        #expect(verdict.text == story.text)
        #expect(verdict.reason == story.reason)
        if let line = story.line { #expect(verdict.evidence?.lines.contains(line) == true) }
    }

    @Test func everyReasonForASkippedReminderHasAStory() {
        let told = Set(Self.stories.map(\.outcome))
        // What an operator withheld is told after `winback recover` alone.
        for reason in SkipReason.allCases where reason != .withheld {
            #expect(told.contains(Explanation.Verdict.Outcome(reason)), "\(reason)")
        }
    }

    // MARK: Purchases that end nothing

    private func sentences(_ harness: AuditHarness) throws -> [String] {
        try #require(try harness.explanations().first).sentences.map(\.text)
    }

    @Test func aPurchaseOfAnotherProductIsSaidNotToEndTheJourney() throws {
        let harness = try AuditHarness()
        try harness.event("sales-lead.created")
        try harness.event("policy.issued", product: "silver", at: Self.start + .hours(1))
        #expect(
            try sentences(harness).contains(
                "It did not end the unconverted-lead journey of 2027-01-15 08:00:00 (product gold): that one is about another"
                    + " product."))
    }

    @Test func aPurchaseFromBeforeTheJourneyIsSaidNotToEndIt() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", at: Self.start + .hours(1))
        try harness.event("checkout.completed")
        #expect(
            try sentences(harness).contains(
                "It did not end the abandoned-checkout journey of 2027-01-15 09:00:00 (product gold): that one opened more than"
                    + " 10m after it."))
    }

    @Test func aPurchaseOfAnotherKindIsSaidNotToEndTheJourney() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.event("policy.issued", at: Self.start + .minutes(5))
        #expect(
            try sentences(harness).contains(
                "It did not end the abandoned-checkout journey of 2027-01-15 08:00:00 (product gold): that one ends with"
                    + " checkout.completed."))
    }
}
