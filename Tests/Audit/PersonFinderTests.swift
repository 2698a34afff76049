import Foundation
import Journal
import Journey
import Records
import Testing

@testable import Audit

@Suite struct PersonFinderTests {
    private let start = AuditHarness.start

    private func found(_ harness: AuditHarness, _ question: PersonQuestion) throws -> PersonFinder.Result {
        try PersonFinder(try harness.source(), question, pending: true).find()
    }

    @Test func aPersonIsFoundByEachOfTheirNames() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", "bob")
        try harness.event("checkout.started")
        try harness.tick(start + .hours(1))
        let ann = try #require(try found(harness, AuditHarness.ann).found.first)
        let explanation = try #require(try harness.explanations(stops: false).first)
        let journey = try #require(PersonQuestion.journeyID(explanation.verdicts[0].journey ?? ""))
        for question: PersonQuestion in [
            .prospect(id: "ann", tenant: nil), .email("ann@example.com", tenant: nil),
            .email(" ANN@Example.com", tenant: "academy"), .journey(journey), .command(journey, step: 1),
            .message(topic: 0, partition: 0, offset: 1),
        ] {
            #expect(try found(harness, question).found == [ann], "\(question)")
        }
        for question: PersonQuestion in [
            .prospect(id: "an", tenant: nil), .prospect(id: "ann", tenant: "school"),
            .email("an@example.com", tenant: nil), .journey(JourneyID(high: 1, low: 2)),
            .message(topic: 0, partition: 0, offset: 99),
        ] {
            #expect(try found(harness, question).found == [], "\(question)")
        }
    }

    @Test func aQuestionAboutACommandIsAnsweredForItsStepAlone() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.tick(start + .hours(1))
        let all = try #require(try harness.explanations().first)
        let journey = try #require(PersonQuestion.journeyID(all.verdicts[0].journey ?? ""))
        let one = try #require(try harness.explanations(.command(journey, step: 1)).first)
        #expect(one.verdicts == [all.verdicts[0]])
    }

    @Test func everyTenantsProspectOfAnIDIsFound() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", tenant: "academy")
        try harness.event("checkout.started", tenant: "school")
        #expect(try found(harness, .prospect(id: "ann", tenant: nil)).found.count == 2)
        #expect(try found(harness, .prospect(id: "ann", tenant: "school")).found.count == 1)
    }

    @Test func anErasedPersonIsFoundByWhoeverStillKnowsTheAddressOrID() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.event("contact.erasure-requested", at: start + .minutes(1))
        // Another person's record tells the tenant.
        try harness.event("checkout.started", "bob", at: start + .minutes(2))
        let ann = try found(harness, AuditHarness.ann).found
        #expect(ann.count == 1)
        #expect(try found(harness, .prospect(id: "ann", tenant: nil)).found == ann)
        #expect(try found(harness, .email("ann@example.com", tenant: nil)).found == ann)
    }

    @Test func aMessageThatIsAboutNobodyIsSaidToBe() throws {
        let harness = try AuditHarness()
        try harness.message(nil)
        try harness.message(Array("{\"specversion\":".utf8))
        try harness.message(Array(#"{"specversion":"1.0","id":"1","source":"/x","type":"other","data":{}}"#.utf8))
        func message(_ offset: Int64) throws -> PassedMessage {
            try #require(try found(harness, .message(topic: 0, partition: 0, offset: offset)).message)
        }
        #expect(try message(0).fate == .tombstone)
        #expect(try message(1).outcome == "dead-letter")
        #expect(try message(2).fate == .unknownType)
        #expect(
            try message(1).sentence(topic: "checkout-events").hasPrefix(
                "The message at checkout-events, partition 0, offset 1, published at 2027-01-15 08:00:00 UTC, was refused and"
                    + " went to the dead-letter topic with the reason malformed-json"))
    }

    @Test func idsAreReadAsCommandsHaveThem() {
        let id = "0123456789abcdeffedcba9876543210"
        let journey = JourneyID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
        #expect(PersonQuestion.journeyID(id) == journey)
        #expect(PersonQuestion.commandID(id + "-2")?.step == 2)
        for wrong in ["", "0123", id + "0", "+" + id.dropFirst(), String(id.dropLast()) + "g"] {
            #expect(PersonQuestion.journeyID(wrong) == nil, "\(wrong)")
        }
        for wrong in [id, id + "-0", id + "-256", id + "-", id + "-1-2"] {
            #expect(PersonQuestion.commandID(wrong) == nil, "\(wrong)")
        }
    }
}
