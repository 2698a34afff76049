import Foundation
import Journal
import Journey
import Records
import Testing

@testable import Audit
@testable import Engine

/// All journeys and all commands, as tables have them.
@Suite struct TableTests {
    private let start = AuditHarness.start

    private func journeys(
        _ harness: AuditHarness, asOf: Instant = .distantFuture, _ filter: JourneyList.Filter = JourneyList.Filter(),
        pending: Bool = true
    ) throws -> [String] {
        var rows: [String] = []
        try JourneyList(try harness.source(), asOf: asOf, filter, pending: pending).visit { row, person in
            rows.append(
                "\(person?.prospectID ?? "?") \(row.version.policy.name) \(row.status.name) \(row.stepsDone)/\(row.steps)"
            )
        }
        return rows
    }

    @Test func journeysAreShownAsTheyStoodAtAnInstant() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.event("sales-lead.created", "bob", at: start + .minutes(1))
        try harness.tick(start + .hours(1))
        try harness.event("checkout.completed", at: start + .hours(2))
        #expect(try journeys(harness, asOf: start - .seconds(1)) == [])
        #expect(try journeys(harness, asOf: start) == ["ann abandoned-checkout waiting 0/2"])
        #expect(
            try journeys(harness, asOf: start + .hours(1))
                == ["ann abandoned-checkout waiting 1/2", "bob unconverted-lead waiting 0/1"])
        #expect(
            try journeys(harness, asOf: start + .hours(2))
                == ["ann abandoned-checkout converted 1/2", "bob unconverted-lead waiting 0/1"])
        #expect(try journeys(harness) == (try journeys(harness, asOf: start + .hours(2))))
    }

    @Test func filtersLeaveOutWhatWasNotAskedFor() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.event("sales-lead.created", "bob", tenant: "school", at: start + .minutes(1))
        var filter = JourneyList.Filter()
        filter.policy = "unconverted-lead"
        #expect(try journeys(harness, filter) == ["bob unconverted-lead waiting 0/1"])
        filter = JourneyList.Filter()
        filter.statuses = ["converted"]
        #expect(try journeys(harness, filter) == [])
        filter = JourneyList.Filter()
        filter.tenant = "academy"
        #expect(try journeys(harness, filter) == ["ann abandoned-checkout waiting 0/2"])
        filter = JourneyList.Filter()
        filter.people = Set(
            try PersonFinder(try harness.source(), .prospect(id: "bob", tenant: nil), pending: true).find().found)
        #expect(try journeys(harness, filter) == ["bob unconverted-lead waiting 0/1"])
    }

    @Test func whatIsNotCommittedIsMarkedOrLeftOut() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.event("checkout.started", "bob")
        #expect(try journeys(harness, pending: false) == ["ann abandoned-checkout waiting 0/2"])
        var pending: [String] = []
        try JourneyList(try harness.source(), pending: true).visit { row, person in
            if row.isPending { pending.append(person?.prospectID ?? "?") }
        }
        #expect(pending == ["bob"])
    }

    @Test func commandsAreThoseThatWerePublished() throws {
        let harness = try AuditHarness()
        for person in ["ann", "bob", "eve"] { try harness.event("checkout.started", person) }
        try harness.event("sales-lead.created", "dan")
        try harness.tick(start + .hours(1))
        try harness.event("checkout.completed", "bob", at: start + .hours(2))
        try harness.tick(start + .days(4))
        var rows: [(CommandRow, PersonalData?)] = []
        try CommandList(try harness.source(), pending: true).visit { rows.append(($0, $1)) }
        let hash = KeyedHash(key: try harness.source().directory.key)
        let published = harness.reminders
        #expect(rows.count == published.count)
        #expect(rows.count == 4)
        for ((row, person), command) in zip(rows, published) {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(command.value)) as? [String: Any])
            #expect(row.id == object["id"] as? String)
            let data = try #require(object["data"] as? [String: Any])
            #expect(row.template == data["template"] as? String)
            #expect(row.due.iso == data["dueAt"] as? String)
            #expect(row.emitted.iso == data["emittedAt"] as? String)
            #expect(row.expires.iso == data["expiresAt"] as? String)
            #expect(person?.email == (data["prospect"] as? [String: Any])?["email"] as? String)
            let digest = command.key.withUnsafeBytes { key in
                command.value.withUnsafeBytes { hash.commandDigest(key: key, value: $0) }
            }
            #expect(row.digest == digest)
        }
    }

    @Test func commandsOfTheErasedAreListedWithoutTheirNames() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.tick(start + .hours(1))
        try harness.event("contact.erasure-requested", at: start + .hours(2))
        var emails: [String?] = []
        try CommandList(try harness.source(), pending: true).visit { emails.append($1?.email) }
        #expect(emails == [nil])
        var filter = CommandList.Filter()
        filter.tenant = "academy"
        #expect(try CommandList(try harness.source(), filter, pending: true).visit { _, _ in } == 1)
    }

    @Test func ofAnErasureInTheFrameOfTheOpeningNothingIsShownEither() throws {
        let harness = try AuditHarness()
        try harness.event("sales-lead.created", "bob")
        try harness.inOneFrame {
            try harness.event("checkout.started")
            try harness.event("contact.erasure-requested", at: start + .minutes(1))
        }
        try harness.stop()
        let lookup = try PeopleLookup(try harness.source(), partition: 0, progress: { _ in })
        var shown: [String?] = []
        for (name, record) in try records(harness) {
            shown.append(try lookup.person(name, PersonRecords(opening: record, contact: record))?.prospectID)
        }
        #expect(shown == ["bob", nil])
    }

    /// Every record that openings have brought.
    private func records(_ harness: AuditHarness) throws -> [(ProspectKey, RecordPosition)] {
        var records: [(ProspectKey, RecordPosition)] = []
        try JournalWalk(try harness.source(), partition: 0).frames(pending: true) { step in
            var reader = try RecordReader(step.frame.body, position: step.frame.position)
            while let record = try reader.next() {
                if case .input(let input) = record, input.details.record != .none {
                    records.append((input.prospect, input.details.record))
                }
            }
        }
        return records
    }

    @Test func commandsAreFilteredByTimePolicyAndTemplate() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started")
        try harness.tick(start + .hours(1))
        try harness.tick(start + .hours(25))
        func count(_ change: (inout CommandList.Filter) -> Void) throws -> Int {
            var filter = CommandList.Filter()
            change(&filter)
            var count = 0
            try CommandList(try harness.source(), filter, pending: true).visit { _, _ in count += 1 }
            return count
        }
        #expect(try count { _ in } == 2)
        #expect(try count { $0.from = start + .hours(2) } == 1)
        // The end is not in it.
        #expect(try count { $0.until = start + .hours(1) } == 0)
        #expect(try count { $0.template = "act-now" } == 1)
        #expect(try count { $0.policy = "unconverted-lead" } == 0)
    }
}
