import Foundation
import Journal
import Journey
import Records
import Testing

@testable import Engine

@Suite("Waiting journeys and a changed configuration")
struct EngineMigrationTests {
    private let start = OfflineHarness.start

    private static let changed = OfflineHarness.memberships
        .replacingOccurrences(of: "{after: 1h, template: spot-saved}", with: "{after: 3h, template: act-now}")

    @Test func aChangedConfigurationIsForJourneysThatOpenFromThenOn() throws {
        let harness = try OfflineHarness()
        try harness.start("old")
        try harness.reopen(Self.changed)
        try harness.start("new", at: start + .minutes(10))
        try harness.tick(start + .hours(2))
        #expect(harness.templates() == ["spot-saved"])
    }

    @Test func aMigratedJourneysCommandIsTheNewVersionsUnderTheSameID() throws {
        let kept = try OfflineHarness()
        let moved = try OfflineHarness()
        for harness in [kept, moved] { try harness.start() }
        try moved.reopen(Self.changed, migrating: true)
        for harness in [kept, moved] {
            try harness.tick(start + .hours(2))
            try harness.tick(start + .hours(3))
        }
        #expect(kept.templates() == ["spot-saved"])
        #expect(moved.templates() == ["act-now"])
        #expect(moved.reminders[0]["id"] as? String == kept.reminders[0]["id"] as? String)
        #expect((moved.data(0)["policy"] as? [String: Any])?["version"] as? Int == 2)
        #expect(moved.data(0)["dueAt"] as? String == "2027-01-15T11:00:00.000Z")
        #expect((moved.data(0)["prospect"] as? [String: Any])?["email"] as? String == "p-1@example.com")
    }

    @Test func whoKeepsAContactListIsToldOfTheNewTagsAndOfAConversionThatCountsNow() throws {
        func policies(_ tags: String, _ converts: String) -> String {
            """
            kafka: {bootstrap.servers: "localhost:9092"}
            topics: {leads: leads}
            templates: [spot-saved]
            policies:
              - name: checkout
                opensOn: [checkout.started]
                convertsOn: [\(converts)]
                steps: [{after: 1h, template: spot-saved}]
                command: {tags: [\(tags)]}
              - name: lead
                opensOn: [sales-lead.created]
                convertsOn: [policy.issued]
                steps: [{after: 1h, template: spot-saved}]
                command: {tags: [lead]}
            """
        }
        let harness = try OfflineHarness(policies("cart, old", "checkout.completed"))
        try harness.start("p-1")
        try harness.start("p-2")
        try harness.event("policy.issued", at: start + .minutes(1), prospect: "p-2")
        try harness.reopen(policies("cart, new", "checkout.completed, policy.issued"), migrating: true)
        try harness.reopen(policies("cart, new", "checkout.completed, policy.issued"), migrating: true)
        let events = harness.leads.filter { $0.type != "lead.created" }
        #expect(events.map(\.type).sorted() == ["lead.converted", "lead.refreshed"])
        let refreshed = try #require(events.first { $0.type == "lead.refreshed" })
        #expect(refreshed.added == ["cart", "new"] && refreshed.removed == ["old"])
        #expect((refreshed.data["causedBy"] as? [String: String])?["type"] == "policies.applied")
        let converted = try #require(events.first { $0.type == "lead.converted" })
        #expect(converted.removed == ["cart", "old"])
        #expect((converted.data["causedBy"] as? [String: String])?["type"] == "policy.issued")
        try harness.tick(start + .hours(3))
        #expect(harness.templates() == ["spot-saved"])
    }

    @Test func factsAloneAndASnapshotGiveTheSameStateAfterAMigration() throws {
        let fromJournal = try OfflineHarness()
        let fromSnapshot = try OfflineHarness()
        for harness in [fromJournal, fromSnapshot] {
            for index in 0..<500 { try harness.start("p-\(index)", at: start + .seconds(Int64(index))) }
            try harness.tick(start + .hours(1) + .seconds(99))
            try harness.reopen(Self.changed, migrating: true)
            if harness === fromSnapshot { try harness.engine.makeSnapshots() }
            try harness.reopen()
            try harness.tick(start + .hours(4))
            try harness.tick(start + .hours(30))
        }
        #expect(fromJournal.reminderBytes == fromSnapshot.reminderBytes)
        // Each person has both: a hundred had the first one before.
        #expect(fromJournal.reminders.count == 1000)
        #expect(Set(fromJournal.reminders.compactMap { $0["id"] as? String }).count == 1000)
        #expect(fromJournal.templates().filter { $0 == "spot-saved" }.count == 100)
    }

    @Test func aMigrationThatWasNotCommittedIsDoneAgainAsAWhole() throws {
        let harness = try OfflineHarness()
        for index in 0..<10 { try harness.start("p-\(index)") }
        try harness.reopen(Self.changed, migrating: true, committing: false)
        #expect(try harness.migrations() == 0)
        try harness.reopen(Self.changed, migrating: true)
        #expect(try harness.migrations() == 10)
        try harness.reopen(Self.changed, migrating: true)
        #expect(try harness.migrations() == 10)
        try harness.tick(start + .hours(3))
        #expect(harness.templates() == Array(repeating: "act-now", count: 10))
    }
}

extension OfflineHarness {
    /// How many journeys the journal says were moved.
    func migrations() throws -> Int {
        let reader = try JournalReader(directory: "\(directory)/shards/0", fileSystem: POSIXFileSystem())
        var count = 0
        while let frame = try reader.next() {
            var records = try RecordReader(frame.body, position: frame.position)
            while let record = try records.next() {
                if case .fact(.migrated) = record { count += 1 }
            }
        }
        return count
    }
}
