import Foundation
import Journey
import Testing

@testable import Engine

@Suite("From events to lead events")
struct LeadEventTests {
    private let start = OfflineHarness.start

    private static let policies = """
        kafka: {bootstrap.servers: "localhost:9092"}
        topics: {leads: leads}
        templates: [lead-reminder, offer-reminder, spot-saved]
        policies:
          - name: unconverted-lead
            opensOn: [sales-lead.created]
            convertsOn: [policy.issued]
            scope: product
            steps: [{after: 3d, template: lead-reminder}]
            command: {campaign: insurance, tags: [prospect, lead]}
          - name: unconverted-offer
            opensOn: [offer.created]
            convertsOn: [policy.issued]
            scope: subject
            supersedes: [unconverted-lead]
            steps: [{after: 12h, template: offer-reminder}]
            command: {tags: [prospect, offer]}
          - name: abandoned-checkout
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            consent: required
            reentry: {window: 7d}
            steps: [{after: 1h, template: spot-saved}]
            command:
              tags: [abandoned-cart]
              fields:
                first_name: /data/prospect/firstName
                membership_name: {from: /data/product/name, fallback: your membership}
                brand: {value: Academy}
        """

    private func harness() throws -> OfflineHarness { try OfflineHarness(Self.policies) }

    @Test func aLeadIsCreatedRefreshedAndConverted() throws {
        let harness = try harness()
        try harness.start(consent: true)
        try harness.event(
            "checkout.updated", at: start + .minutes(5), id: "u-1",
            data: ["product": ["id": "gold", "name": "Gold plus"]])
        try harness.tick(start + .hours(2))
        try harness.event("checkout.completed", at: start + .hours(3), id: "order-1")
        let events = harness.leads
        #expect(events.map(\.type) == ["lead.created", "lead.refreshed", "lead.converted"])
        #expect(Set(events.map(\.id)).count == 3)
        #expect(Set(events.map { $0.data["journey"] as? String }).count == 1)
        #expect(harness.leadEvents.map(\.key) == ["p-1", "p-1", "p-1"])
        #expect(events.map(\.email) == ["p-1@example.com", "p-1@example.com", "p-1@example.com"])
        #expect(events.map(\.added) == [["abandoned-cart"], ["abandoned-cart"], []])
        #expect(events.map(\.removed) == [[], [], ["abandoned-cart"]])
        #expect(events[0].fields == ["first_name": "Ann", "membership_name": "Gold", "brand": "Academy"])
        #expect(events[1].fields["membership_name"] == "Gold plus")
        #expect(events[1].fields["first_name"] == "Ann")
        #expect(events[2].data["afterStep"] as? Int == 1)
        let cause = try #require(events[2].data["causedBy"] as? [String: String])
        #expect(
            cause == [
                "type": "checkout.completed", "source": "/checkout", "id": "order-1",
                "time": "2027-01-15T11:00:00.000Z",
            ])
        #expect(events[2].json["time"] as? String == "2027-01-15T11:00:00.000Z")
        #expect((events[1].data["causedBy"] as? [String: String])?["id"] == "u-1")
    }

    @Test func aMissingFieldWithoutFallbackIsLeftOut() throws {
        let harness = try harness()
        try harness.event("checkout.started", at: start, data: ["prospect": ["email": "p-1@example.com"]])
        #expect(harness.leads[0].fields == ["membership_name": "your membership", "brand": "Academy"])
    }

    @Test func theAddressComesWithConsentAndGoesWithIt() throws {
        let harness = try harness()
        try harness.start()
        try harness.event("checkout.updated", at: start + .minutes(1), data: ["consent": true])
        try harness.event("checkout.updated", at: start + .minutes(2), data: ["consent": false])
        #expect(harness.leads.map(\.type) == ["lead.created", "lead.refreshed", "lead.refreshed"])
        #expect(harness.leads.map(\.email) == [nil, "p-1@example.com", nil])
        #expect(harness.leads.map { $0.data["consent"] as? Bool } == [nil, true, false])
        // Whoever has no id is known by the address alone.
        let mail = try self.harness()
        try mail.event("sales-lead.created", at: start, prospect: "", data: ["prospect": ["email": "a@example.com"]])
        try mail.event(
            "contact.erasure-requested", at: start + .hours(1), prospect: "",
            data: ["prospect": ["email": "a@example.com"]])
        #expect(mail.leads.map(\.email) == ["a@example.com", "a@example.com"])
        #expect(mail.leadEvents.map(\.key) == ["a@example.com", "a@example.com"])
    }

    @Test func anErasureSaysNoMoreThanWhoItIsAbout() throws {
        let harness = try harness()
        try harness.start(consent: true)
        try harness.event("checkout.completed", at: start + .hours(1))
        try harness.event("contact.erasure-requested", at: start + .hours(2))
        let erased = try #require(harness.leads.last)
        #expect(erased.type == "lead.erased")
        #expect(erased.removed == ["abandoned-cart"])
        #expect(Set(erased.data.keys) == ["tenant", "prospect", "policy", "journey", "tags"])
        #expect(erased.data["prospect"] as? [String: String] == ["id": "p-1"])
        let text = String(decoding: try #require(harness.leadEvents.last).bytes, as: UTF8.self)
        for word in ["@", "Ann", "Gold", "e-0"] { #expect(!text.contains(word), "\(word) in \(text)") }
    }

    @Test func aTagStaysWhileAnotherLeadBearsIt() throws {
        let harness = try harness()
        func lead(_ type: String, _ product: String, _ subject: String, _ hours: Int64) throws {
            try harness.event(
                type, at: start + .hours(hours),
                data: ["prospect": ["email": "p-1@example.com"], "product": ["id": product], "subject": subject])
        }
        try lead("sales-lead.created", "pet", "l-1", 0)
        try lead("sales-lead.created", "bike", "l-2", 1)
        try lead("offer.created", "pet", "o-1", 2)
        try lead("policy.issued", "bike", "o-2", 3)
        try lead("policy.issued", "pet", "o-1", 4)
        #expect(
            harness.leads.map(\.type) == [
                "lead.created", "lead.created", "lead.superseded", "lead.created", "lead.converted", "lead.converted",
                "lead.converted",
            ])
        #expect(
            harness.leads.map(\.removed) == [
                [], [], [], [], ["lead"], ["prospect", "lead"], ["prospect", "offer"],
            ])
        #expect(harness.leads[2].data["supersededBy"] as? String == harness.leads[3].data["journey"] as? String)
    }

    @Test func cancelledOptedOutAndExpiredLeadsLoseTheirTags() throws {
        let harness = try harness()
        for (index, prospect) in ["p-1", "p-2", "p-3"].enumerated() {
            try harness.start(prospect, at: start + .minutes(Int64(index)))
        }
        try harness.event("lead.cancelled", at: start + .hours(1), prospect: "p-1")
        try harness.event("contact.opted-out", at: start + .hours(1), prospect: "p-2")
        for day in 1...91 { try harness.tick(start + .days(Int64(day))) }
        let ends = harness.leads.dropFirst(3)
        #expect(ends.map(\.type) == ["lead.ended", "lead.ended", "lead.expired"])
        #expect(ends.map { $0.data["reason"] as? String } == ["cancelled", "opted-out", nil])
        #expect(ends.map(\.removed) == [["abandoned-cart"], ["abandoned-cart"], ["abandoned-cart"]])
        // The time is the end of the retention, whichever tick decided it.
        #expect(ends.last?.json["time"] as? String == "2027-04-15T08:02:00.000Z")
    }

    @Test func theBytesAreTheSameWhateverTheBatches() throws {
        let single = try harness()
        let batched = try harness()
        let restarted = try harness()
        func events(_ harness: OfflineHarness) throws {
            for index in 0..<120 {
                let prospect = "p-\(index % 17)"
                let time = start + .minutes(Int64(index))
                switch index % 8 {
                case 0, 1, 3: try harness.start(prospect, at: time, consent: index % 3 == 0)
                case 2:
                    try harness.event(
                        "checkout.updated", at: time, prospect: prospect,
                        data: ["prospect": ["email": "\(index)@example.com"]])
                case 4:
                    try harness.event(
                        index % 5 < 2 ? "lead.cancelled" : "checkout.completed", at: time, prospect: prospect)
                case 5: try harness.event("contact.erasure-requested", at: time, prospect: prospect)
                default: try harness.event("sales-lead.created", at: time, prospect: prospect)
                }
                if harness === restarted && index == 69 { try harness.reopen() }
            }
        }
        try events(single)
        try batched.together { try events(batched) }
        try events(restarted)
        for harness in [single, batched, restarted] { try harness.tick(start + .days(100)) }
        #expect(
            Set(single.leads.map(\.type)) == [
                "lead.created", "lead.refreshed", "lead.converted", "lead.ended", "lead.expired", "lead.erased",
            ])
        #expect(single.leadEvents.map(\.bytes) == batched.leadEvents.map(\.bytes))
        #expect(single.leadEvents.map(\.bytes) == restarted.leadEvents.map(\.bytes))
        #expect(Set(single.leads.map(\.id)).count == single.leads.count)
    }

    @Test func withoutATopicForThemNothingIsSaidOfLeads() throws {
        let harness = try OfflineHarness()
        try harness.start()
        try harness.event("checkout.completed", at: start + .hours(1))
        #expect(harness.leadEvents.isEmpty)
    }

    @Test func theJournalIsTheSameWithAndWithoutATopicForLeads() throws {
        let with = try harness()
        let without = try OfflineHarness(Self.policies.replacingOccurrences(of: "topics: {leads: leads}\n", with: ""))
        for harness in [with, without] {
            try harness.start(consent: true)
            try harness.event("checkout.completed", at: start + .hours(1))
        }
        #expect(without.leadEvents.isEmpty && with.leadEvents.count == 2)
        #expect(try with.records() == without.records())
    }
}

/// A lead event as a connector reads it.
struct SeenLeadEvent {
    let json: [String: Any]
    var type: String { json["type"] as? String ?? "" }
    var id: String { json["id"] as? String ?? "" }
    var data: [String: Any] { json["data"] as? [String: Any] ?? [:] }
    var email: String? { (data["prospect"] as? [String: String])?["email"] }
    var fields: [String: String] { data["fields"] as? [String: String] ?? [:] }
    private var tags: [String: [String]] { data["tags"] as? [String: [String]] ?? [:] }
    var added: [String] { tags["add"] ?? ["none"] }
    var removed: [String] { tags["remove"] ?? ["none"] }
}

extension OfflineHarness {
    var leads: [SeenLeadEvent] {
        leadEvents.compactMap { event in
            (try? JSONSerialization.jsonObject(with: event.bytes) as? [String: Any]).map { SeenLeadEvent(json: $0) }
        }
    }
}
