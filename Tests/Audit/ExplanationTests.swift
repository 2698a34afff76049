import Foundation
import Journal
import Journey
import Testing

@testable import Audit
@testable import Engine

/// Whole answers, word for word: whoever changes a wording sees here what an auditor will read.
@Suite struct ExplanationTests {
    private let start = AuditHarness.start

    @Test func aReminderAndThePurchaseAfterItAreToldInOrder() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", firstName: "Ann", subject: "cart-7")
        try harness.tick(start + .hours(1))
        try harness.event("checkout.completed", at: start + .hours(2))
        let explanation = try #require(try harness.explanations().first)
        let journey = try #require(explanation.verdicts.first?.journey)
        #expect(
            explanation.sentences.map(\.text) == [
                "A checkout was started (checkout.started), product gold, about cart-7.",
                "It opened a journey under the policy abandoned-checkout: reminder 1 of 2 (spot-saved) is due at 2027-01-15"
                    + " 09:00:00, 1h after the last activity, unless something ends or moves the journey before.",
                "Reminder 1 of 2 (spot-saved) went out as command \(journey)-1: it was due at 2027-01-15 09:00:00. All that had"
                    + " been published up to 2027-01-15 09:00:00 had been read, and nothing in it kept the reminder back.",
                "A checkout was completed (checkout.completed), product gold.",
                "It counts as a purchase and ended the abandoned-checkout journey of 2027-01-15 08:00:00 (product gold), after"
                    + " reminder 1.",
                "It is remembered: whatever started up to 10m after it, and is read later, opens no journey that it would have"
                    + " ended.",
            ])
        #expect(
            explanation.verdicts.map(\.text) == [
                "Reminder 1 of 2 (spot-saved) of the abandoned-checkout journey of 2027-01-15 08:00:00 was sent at 2027-01-15"
                    + " 09:00:00 as command \(journey)-1.",
                "Reminder 2 of 2 (act-now) of the abandoned-checkout journey of 2027-01-15 08:00:00 was not sent, because the"
                    + " person bought first, at 2027-01-15 10:00:00 (checkout.completed).",
            ])
        #expect(
            explanation.notes.map(\.text) == [
                "Another abandoned-checkout journey can open from 2027-01-22 08:00:00 on."
            ])
        let published = try #require(harness.reminders.first)
        #expect(String(decoding: published.value, as: UTF8.self).contains("\"id\":\"\(journey)-1\""))
    }

    @Test func eachSentenceHasItsEvidence() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.event("checkout.updated", at: start + .minutes(30))
        let explanation = try #require(try harness.explanations().first)
        let opened = explanation.sentences[1]
        #expect(opened.evidence.topic == "checkout-events")
        #expect(opened.evidence.partition == 0)
        #expect(opened.evidence.offset == 0)
        #expect(opened.evidence.event == "e-0-0 of /checkout")
        #expect(opened.evidence.policy == "abandoned-checkout")
        #expect(opened.evidence.version == 1)
        #expect(
            opened.evidence.lines == [
                "opensOn: [checkout.started]", "anchor: lastActivity", "step 1: {after: 1h, template: spot-saved}",
            ])
        let moved = try #require(explanation.sentences.first { $0.text.contains("counted as activity") })
        #expect(moved.text.hasSuffix("is now due at 2027-01-15 09:30:00, 1h after the last activity."))
        #expect(moved.evidence.offset == 1)
        for sentence in explanation.sentences { #expect(sentence.evidence.position >= 4096) }
    }

    @Test func aPurchaseThatWasPublishedTooLateIsSaidToHaveBeen() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.tick(start + .hours(1))
        try harness.event("checkout.completed", at: start + .minutes(50))
        let explanation = try #require(try harness.explanations().first)
        #expect(
            explanation.sentences.contains {
                $0.text.hasSuffix(
                    "It was published only after that reminder had gone out at 2027-01-15 09:00:00, though it happened"
                        + " before.")
            })
    }

    @Test func theAnswerForProgramsReadsBackAsTheSame() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.tick(start + .hours(1))
        let explanation = try #require(try harness.explanations().first)
        let bytes = try JSONEncoder().encode(explanation)
        #expect(try JSONDecoder().decode(Explanation.self, from: bytes) == explanation)
        let object = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        let verdict = try #require((object["verdicts"] as? [[String: Any]])?.first)
        #expect(verdict["outcome"] as? String == "sent")
        #expect(verdict["dueAt"] as? String == "2027-01-15T09:00:00.000Z")
        let sentence = try #require((object["sentences"] as? [[String: Any]])?.first)
        #expect((sentence["evidence"] as? [String: Any])?["offset"] as? Int == 0)
    }

    @Test func askedAsOfAnEarlierInstantWhatCameLaterIsLeftOut() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.tick(start + .hours(1))
        try harness.event("checkout.completed", at: start + .hours(2))
        func outcomes(_ asOf: Instant) throws -> [Explanation.Verdict.Outcome] {
            try harness.explanations(asOf: asOf).first?.verdicts.map(\.outcome) ?? []
        }
        #expect(try outcomes(start - .seconds(1)) == [])
        #expect(try outcomes(start) == [.waiting, .waiting])
        #expect(try outcomes(start + .hours(1)) == [.sent, .waiting])
        #expect(try outcomes(start + .hours(2)) == [.sent, .converted])
    }

    @Test func whatIsNotCommittedCountsOnlyWhereItIsAskedFor() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.event("checkout.started", "bob")
        // Its commit is told by the next frame, which there is not.
        try harness.event("checkout.completed", at: start + .minutes(5))
        let confirmed = try #require(try harness.explanations(stops: false).first)
        #expect(confirmed.verdicts.map(\.outcome) == [.waiting, .waiting])
        #expect(confirmed.sentences.allSatisfy { !$0.isPending })
        #expect(confirmed.notes.contains { $0.text.hasSuffix("--pending shows it.") })
        let all = try #require(try harness.explanations(pending: true, stops: false).first)
        #expect(all.verdicts.map(\.outcome) == [.converted, .converted])
        #expect(all.sentences.last?.isPending == true)
        #expect(all.sentences.first?.isPending == false)
    }

    @Test func ofAnErasedPersonNothingIsShownAndEverythingExplained() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", firstName: "Ann", subject: "cart-7")
        try harness.event("contact.erasure-requested", at: start + .minutes(30))
        for asOf in [nil, start + .minutes(1)] {
            let explanation = try #require(try harness.explanations(asOf: asOf).first)
            #expect(explanation.person.isErased)
            #expect(explanation.person.email == nil)
            let text = String(decoding: try JSONEncoder().encode(explanation), as: UTF8.self)
            for secret in ["ann", "Ann", "cart-7", "e-0-0"] { #expect(!text.contains(secret), "\(secret)") }
        }
        let explanation = try #require(try harness.explanations().first)
        #expect(explanation.sentences[0].text.hasSuffix("What it said of the person has been erased."))
        #expect(explanation.verdicts.map(\.outcome) == [.erased, .erased])
    }

    @Test func aMovedPolicyIsToldWithItsVersions() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        let changed = AuditHarness.policies.replacing(
            "after: 1h, template: spot-saved", with: "after: 2h, template: spot-saved")
        try harness.reopen(changed, migrates: true)
        let explanation = try #require(try harness.explanations().first)
        #expect(
            explanation.sentences.last?.text
                == "The abandoned-checkout journey of 2027-01-15 08:00:00 (product gold) moved to version 2 of its policy:"
                + " reminder 1 of 2 (spot-saved) is due at 2027-01-15 10:00:00.")
        #expect(explanation.verdicts.first?.version == 2)
    }
}
