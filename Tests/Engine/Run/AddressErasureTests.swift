import Foundation
import Journal
import Journey
import Records
import Testing

@testable import Engine

@Suite("An erasure that names an address")
struct AddressErasureTests {
    private let start = OfflineHarness.start

    @Test func everyoneWithTheAddressIsErasedAndNobodyElse() throws {
        let harness = try OfflineHarness()
        try harness.start("p-1", email: "jane@example.com")
        try harness.start("p-2", email: " Jane@Example.COM ")
        try harness.start("p-3", email: "john@example.com")
        try harness.erase("jane@example.com", at: start + .minutes(10))
        try harness.tick(start + .hours(2))
        #expect(harness.prospects() == ["p-3"])
        #expect(try harness.erased() == ["addressErased": 1, "erased": 2])
    }

    @Test(arguments: [("academy", ["p-2"]), (nil, []), ("other", ["p-1", "p-2"])])
    func withATenantItIsThatTenantsAlone(tenant: String?, reminded: [String]) throws {
        let harness = try OfflineHarness()
        try harness.start("p-1", email: "jane@example.com")
        try harness.event(
            "checkout.started", at: start, prospect: "p-2",
            data: ["tenant": "shop", "prospect": ["email": "jane@example.com"]])
        try harness.erase("jane@example.com", tenant: tenant, at: start + .minutes(10))
        try harness.tick(start + .hours(2))
        #expect(harness.prospects() == reminded)
    }

    @Test func olderEventsThatComeLaterOpenNothingAndNewerOnesDo() throws {
        let harness = try OfflineHarness()
        try harness.erase("jane@example.com", at: start + .minutes(10))
        try harness.start("p-1", at: start + .minutes(5), email: "JANE@example.com")
        try harness.start("p-2", at: start + .minutes(10), email: "jane@example.com")
        #expect(harness.engine.counters.opened == 0)
        #expect(try harness.personalRecords() == 0)
        try harness.start("p-2", at: start + .minutes(11), email: "jane@example.com")
        try harness.start("p-3", at: start + .minutes(5), email: "john@example.com")
        #expect(harness.engine.counters.opened == 2)
        try harness.tick(start + .hours(2))
        #expect(harness.prospects() == ["p-3", "p-2"])
    }

    @Test func whoeverHadTheAddressBeforeAnotherOneIsErased() throws {
        let harness = try OfflineHarness()
        try harness.start("p-1", email: "jane@example.com")
        try harness.event(
            "checkout.updated", at: start + .minutes(1), prospect: "p-1",
            data: ["prospect": ["email": "jane.doe@example.com"]])
        try harness.erase("jane@example.com", at: start + .minutes(10))
        try harness.tick(start + .hours(2))
        #expect(harness.prospects() == [])
    }

    @Test func journalAndSnapshotKnowTheErasureAfterARestart() throws {
        let fromJournal = try OfflineHarness()
        let fromSnapshot = try OfflineHarness()
        for harness in [fromJournal, fromSnapshot] {
            for index in 0..<100 { try harness.start("p-\(index)", email: "a\(index % 10)@example.com") }
            for number in 0..<5 { try harness.erase("a\(number)@example.com", at: start + .minutes(10)) }
            if harness === fromSnapshot { try harness.engine.makeSnapshots() }
            try harness.reopen()
            #expect(harness.engine.nextAction == start + .hours(1))
            // Of the erased, one of the others, and a newer one.
            try harness.start("late", at: start + .minutes(9), email: "a3@example.com")
            try harness.start("other", at: start + .minutes(9), email: "a7@example.com")
            try harness.start("new", at: start + .minutes(11), email: "a3@example.com")
            try harness.tick(start + .hours(2))
        }
        #expect(fromJournal.reminderBytes == fromSnapshot.reminderBytes)
        #expect(fromJournal.reminders.count == 52)
        #expect(!fromJournal.prospects().contains("late"))
        #expect(Set(["other", "new"]).isSubset(of: Set(fromJournal.prospects())))
    }

    @Test func theOrderOfTheErasedDoesNotDependOnTheBatches() throws {
        let single = try OfflineHarness()
        let batched = try OfflineHarness()
        func events(_ harness: OfflineHarness) throws {
            for index in 0..<60 {
                try harness.start("p-\(index)", at: start + .seconds(Int64(index)), email: "a\(index % 3)@example.com")
                if index % 20 == 10 {
                    try harness.erase("a\(index / 20)@example.com", at: start + .seconds(Int64(index)))
                    // Some come to the address that is erased next.
                    for other in [index - 2, index - 3] {
                        try harness.event(
                            "checkout.updated", at: start + .seconds(Int64(index)), prospect: "p-\(other)",
                            data: ["prospect": ["email": "a\(index / 20 + 1)@example.com"]])
                    }
                }
            }
        }
        try events(single)
        try batched.together { try events(batched) }
        for harness in [single, batched] { try harness.tick(start + .hours(2)) }
        #expect(single.reminderBytes == batched.reminderBytes)
        // Of the third of them that has each, those who came before, and one who came to the second address, and one to the third.
        #expect(try single.erased() == ["addressErased": 3, "erased": 4 + 11 + 17])
        #expect(try batched.erased() == single.erased())
        #expect(single.reminders.count == 60 - 32)
    }

    @Test func whoKeepsAContactListIsToldOfEachOfThem() throws {
        let harness = try OfflineHarness(
            OfflineHarness.memberships.replacingOccurrences(
                of: "templates:", with: "topics: {leads: leads}\ntemplates:"))
        try harness.start("p-1", email: "jane@example.com")
        try harness.start("p-2", email: "jane@example.com")
        try harness.erase("jane@example.com", at: start + .minutes(10))
        let erased = harness.leads.filter { $0.type == "lead.erased" }
        #expect(erased.compactMap { $0.json["subject"] as? String }.sorted() == ["p-1", "p-2"])
        #expect(erased.allSatisfy { $0.email == nil && $0.removed == ["abandoned-cart"] })
    }

    @Test func withTheAddressAsIdentityTheOwnersOfTheTenantGoAndTheOthersStay() throws {
        let harness = try OfflineHarness(OfflineHarness.memberships + "\nidentity: email")
        try harness.start("p-1", email: "jane@example.com")
        try harness.start("p-2", email: "john@example.com")
        try harness.erase("jane@example.com", tenant: "academy", at: start + .minutes(10))
        try harness.start("p-1", at: start + .minutes(9), email: "jane@example.com")
        try harness.tick(start + .hours(2))
        #expect(harness.prospects() == ["p-2"])
        #expect(try harness.erased() == ["erased": 1])
    }
}

extension OfflineHarness {
    fileprivate func erase(_ email: String, tenant: String? = nil, at time: Instant) throws {
        var data: [String: Any] = ["prospect": ["email": email]]
        data["tenant"] = tenant
        let event: [String: Any] = [
            "specversion": "1.0", "id": UUID().uuidString, "source": "/erase", "type": "contact.erasure-requested",
            "time": ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)),
            "data": data,
        ]
        let json = try JSONSerialization.data(withJSONObject: event)
        try fold(String(decoding: json, as: UTF8.self), key: email, at: time)
    }

    fileprivate func prospects() -> [String] {
        reminders.indices.map { (data($0)["prospect"] as? [String: Any])?["id"] as? String ?? "?" }
    }

    /// How many facts of each kind of erasure the journal holds.
    fileprivate func erased() throws -> [String: Int] {
        let facts = try records().filter { $0 == "erased" || $0 == "addressErased" }
        return Dictionary(facts.map { ($0, 1) }, uniquingKeysWith: +)
    }
}
