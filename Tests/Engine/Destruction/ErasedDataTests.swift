import Foundation
import Journal
import Journey
import RandomTestSupport
import Testing

@testable import Engine

private let start = OfflineHarness.start

/// Erased means gone: what was planted in every field of a person's events is in no file of the data directory any more.
@Suite struct ErasedDataTests {
    private static let yaml = OfflineHarness.memberships.replacingOccurrences(
        of: "brand: {value: Example Academy}",
        with: "brand: {value: Example Academy}\n        checkout_url: {from: /data/checkout/url, fallback: none}")

    /// With segments as small as can be, so that there are several and a search has little to read.
    private static func harness(_ yaml: String = Self.yaml) throws -> OfflineHarness {
        try OfflineHarness(yaml, journal: JournalSettings(segmentBytes: 32 << 10, maximumFrameBytes: 16 << 10))
    }

    /// A person whose every field is a text of its own.
    private struct Planted {
        let name: String
        var prospect: String { "id-\(name)" }
        var email: String { "\(name).mail@example.com" }
        var texts: [PlantedText] {
            [
                prospect, email, "Zoë-\(name)", "product-\(name)", "name-of-\(name)", "subject-\(name)",
                "https://shop/\(name)", "/source/\(name)", "event-\(name)", traceparent, "key-\(name)",
            ].map(PlantedText.init)
        }
        private var traceparent: String {
            let digits = name.utf8.map { String(format: "%02x", $0) }.joined()
            let trace = String((digits + String(repeating: "7", count: 32)).prefix(32))
            return "00-\(trace)-00f067aa0ba902b7-01"
        }

        /// - Parameter email: another address than its own.
        func event(_ type: String = "checkout.started", at time: Instant, email: String? = nil) throws -> String {
            let event: [String: Any] = [
                "specversion": "1.0", "id": "event-\(name)-\(time.milliseconds)", "source": "/source/\(name)",
                "type": type,
                "subject": "subject-\(name)", "traceparent": traceparent, "time": Self.text(time),
                "data": [
                    "tenant": "academy",
                    "prospect": ["id": prospect, "email": email ?? self.email, "firstName": "Zoë-\(name)"],
                    "product": ["id": "product-\(name)", "name": "name-of-\(name)"],
                    "checkout": ["url": "https://shop/\(name)"],
                ],
            ]
            return String(decoding: try JSONSerialization.data(withJSONObject: event), as: UTF8.self)
        }

        static func text(_ time: Instant) -> String {
            ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000))
        }
    }

    private func open(_ person: Planted, at time: Instant, in harness: OfflineHarness) throws {
        try harness.fold(try person.event(at: time), key: "key-\(person.name)", at: time)
    }

    private func isInFiles(_ person: Planted, of harness: OfflineHarness) throws -> [Bool] {
        try person.texts.map { try !$0.places(in: harness.directory).isEmpty }
    }

    private func expectGone(_ person: Planted, of harness: OfflineHarness) throws {
        for text in person.texts { #expect(try text.places(in: harness.directory) == [], "\(person.name)") }
    }

    private func erase(prospect: String, at time: Instant, in harness: OfflineHarness) throws {
        try harness.event("contact.erasure-requested", at: time, prospect: prospect)
    }

    private func erase(email: String, at time: Instant, in harness: OfflineHarness) throws {
        let event: [String: Any] = [
            "specversion": "1.0", "id": UUID().uuidString, "source": "/erase", "type": "contact.erasure-requested",
            "time": Planted.text(time), "data": ["prospect": ["email": email]],
        ]
        let json = String(decoding: try JSONSerialization.data(withJSONObject: event), as: UTF8.self)
        try harness.fold(json, key: email, at: time)
    }

    @Test(arguments: [false, true])
    func nothingOfTheErasedAndTheExpiredIsInAnyFileAndAllOfTheOthersIs(fromSnapshot: Bool) throws {
        let harness = try Self.harness()
        let (jane, joan, june, jack) = (
            Planted(name: "jane"), Planted(name: "joan"), Planted(name: "june"), Planted(name: "jack")
        )
        try open(june, at: start, in: harness)
        try harness.tick(start + .hours(30))
        for person in [jane, joan, jack] { try open(person, at: start + .days(80), in: harness) }
        // What is completed from an older record is a copy of it.
        try harness.event(
            "checkout.updated", at: start + .days(80) + .minutes(2), prospect: jane.prospect,
            data: ["product": ["id": "product-jane", "name": "another name"]])
        try harness.tick(start + .days(80) + .hours(3))
        #expect(harness.reminders.count == 4)
        try harness.engine.makeSnapshots()
        let everyone = [jane, joan, june, jack]
        // All that is kept of a person is found, so that what is missing afterwards is gone.
        for person in everyone { #expect(try isInFiles(person, of: harness).allSatisfy { $0 }, "\(person.name)") }

        try erase(prospect: jane.prospect, at: start + .days(81), in: harness)
        try erase(email: joan.email, at: start + .days(81), in: harness)
        try harness.tick(start + .days(91))
        #expect(try outstanding(harness).erasures == [1, 2])
        #expect(try outstanding(harness).expiries == 1)
        if fromSnapshot { try harness.engine.makeSnapshots() }
        // A start between the fact and the destruction forgets nothing.
        try harness.reopen()
        #expect(try isInFiles(jane, of: harness).allSatisfy { $0 })
        #expect(try harness.engine.destroyPending(at: start + .days(91)) == 4)
        for person in [jane, joan, june] { try expectGone(person, of: harness) }
        #expect(try isInFiles(jack, of: harness).allSatisfy { $0 })
        try harness.commit()
        #expect(try outstanding(harness).erasures == [])
        #expect(try outstanding(harness).expiries == 0)
        #expect(try state(harness).finishedErasures.count == 2)
        try verify(harness)

        // What is older opens nothing, and stores nothing; what is newer does.
        let opened = harness.engine.counters.opened
        for person in [jane, joan] { try open(person, at: start + .days(80) + .hours(12), in: harness) }
        #expect(harness.engine.counters.opened == opened)
        for person in [jane, joan] { try expectGone(person, of: harness) }
        if fromSnapshot { try harness.engine.makeSnapshots() }
        try harness.reopen()
        #expect(try harness.engine.destroyPending(at: start + .days(92)) == 0)
        // Behind the window in which she would not be opened anew in any case.
        try open(jane, at: start + .days(90), in: harness)
        #expect(harness.engine.counters.opened == 1)
        #expect(try isInFiles(jane, of: harness).allSatisfy { $0 })
        try harness.tick(start + .days(92))
        #expect((harness.reminders.last?["data"] as? [String: Any])?["template"] as? String != nil)
    }

    @Test func whatNewerEventsBringBehindTheErasureStays() throws {
        let harness = try Self.harness(Self.yaml.replacingOccurrences(of: "window: 7d", with: "window: 1m"))
        let jane = Planted(name: "jane")
        try harness.together {
            try open(Planted(name: "john"), at: start, in: harness)
            try harness.fold(
                try jane.event(at: start, email: "old.jane@example.com"), key: "key-jane", at: start)
            try erase(prospect: jane.prospect, at: start + .minutes(1), in: harness)
            try open(jane, at: start + .minutes(2), in: harness)
        }
        #expect(try harness.engine.destroyPending(at: start + .minutes(5)) == 1)
        #expect(try PlantedText("old.jane@example.com").places(in: harness.directory) == [])
        #expect(try isInFiles(jane, of: harness).allSatisfy { $0 })
        try harness.tick(start + .hours(2))
        #expect(harness.reminders.count == 2)
    }

    @Test func anAddressIsGoneAlsoWhereItsOwnerHasAnotherOneByNow() throws {
        let harness = try Self.harness()
        try harness.start("p-1", email: "first@example.com")
        let updates = [["email": "second@example.com"], ["firstName": "Bo"], ["email": "third@example.com"]]
        for (index, prospect) in updates.enumerated() {
            try harness.event(
                "checkout.updated", at: start + .minutes(Int64(index + 1)), prospect: "p-1",
                data: ["prospect": prospect])
        }
        #expect(try !PlantedText("second@example.com").places(in: harness.directory).isEmpty)
        try erase(email: "second@example.com", at: start + .minutes(10), in: harness)
        #expect(try harness.engine.destroyPending(at: start + .minutes(11)) == 2)
        #expect(try PlantedText("second@example.com").places(in: harness.directory) == [])
        for kept in ["first@example.com", "third@example.com"] {
            #expect(try !PlantedText(kept).places(in: harness.directory).isEmpty)
        }
        try harness.tick(start + .hours(2))
        #expect(harness.reminders.count == 1)
    }

    /// So many have one address that their erasure takes several frames.
    @Test func anErasureThatSpansFramesIsOneErasureAlsoAfterARestart() throws {
        let harness = try Self.harness()
        try harness.together {
            for number in 0..<300 { try harness.start("p-\(number)", email: "all@example.com") }
        }
        try erase(email: "all@example.com", at: start + .minutes(1), in: harness)
        for _ in 0..<2 {
            #expect(try outstanding(harness).erasures == [301])
            try harness.reopen()
        }
        #expect(try harness.engine.destroyPending(at: start + .minutes(2)) == 300)
        try harness.commit()
        #expect(try outstanding(harness).erasures == [])
        #expect(try state(harness).finishedErasures.map(\.offset) == [300])
        #expect(try PlantedText("all@example.com").places(in: harness.directory) == [])
    }

    @Test func whatIsNotCommittedIsNotDestroyed() throws {
        let harness = try Self.harness()
        let jane = Planted(name: "jane")
        try open(jane, at: start, in: harness)
        try harness.withoutCommit {
            try erase(prospect: jane.prospect, at: start + .minutes(1), in: harness)
        }
        #expect(try harness.engine.destroyPending(at: start + .minutes(2)) == 0)
        #expect(try isInFiles(jane, of: harness).allSatisfy { $0 })
        try harness.commit()
        #expect(try harness.engine.destroyPending(at: start + .minutes(2)) == 1)
        try expectGone(jane, of: harness)
    }

    /// The end of one lead's retention leaves what another one of the same person still needs.
    @Test func whatALeadThatIsLeftNeedsStays() throws {
        let harness = try Self.harness(
            Self.yaml.replacingOccurrences(of: "convertsOn:", with: "scope: product\n    convertsOn:"))
        func open(_ product: String, at time: Instant) throws {
            try harness.event(
                "checkout.started", at: time, prospect: "p-1",
                data: [
                    "prospect": ["email": "p-1@\(product).example"],
                    "product": ["id": product, "name": product + " card"],
                ])
        }
        try open("gold", at: start)
        try harness.tick(start + .days(59))
        try open("silver", at: start + .days(60))
        try harness.tick(start + .days(62))
        try harness.tick(start + .days(91))
        #expect(try harness.engine.destroyPending(at: start + .days(91)) == 1)
        #expect(try PlantedText("p-1@gold.example").places(in: harness.directory) == [])
        #expect(try !PlantedText("p-1@silver.example").places(in: harness.directory).isEmpty)
        try harness.commit()
        // It is completed from its record.
        try harness.event(
            "checkout.updated", at: start + .days(92), prospect: "p-1",
            data: ["product": ["id": "silver", "name": "tin"]])
        try harness.tick(start + .days(151))
        // Of the three one was destroyed before, and is once more.
        #expect(try harness.engine.destroyPending(at: start + .days(151)) == 3)
        #expect(try PlantedText("p-1@silver.example").places(in: harness.directory) == [])
        try verify(harness)
    }

    @Test func whoKeepsAContactListIsToldAlsoAfterACrashBehindTheFact() throws {
        let harness = try Self.harness(
            Self.yaml.replacingOccurrences(of: "templates:", with: "topics: {leads: leads}\ntemplates:"))
        let jane = Planted(name: "jane")
        try open(jane, at: start, in: harness)
        try erase(prospect: jane.prospect, at: start + .minutes(1), in: harness)
        try harness.reopen()
        try harness.engine.destroyPending(at: start + .minutes(2))
        try harness.commit()
        #expect(harness.leads.map(\.type) == ["lead.created", "lead.erased"])
        #expect(harness.leads.last?.json["subject"] as? String == jane.prospect)
        try expectGone(jane, of: harness)
    }

    // MARK: Journals that were set aside

    @Test func journalsThatWereSetAsideAreClearedToo() throws {
        let harness = try Self.harness()
        let (jane, jack) = (Planted(name: "jane"), Planted(name: "jack"))
        for person in [jane, jack] { try open(person, at: start, in: harness) }
        let aside = "\(harness.directory)/\(DataDirectory.asideName(1))"
        try FileManager.default.createDirectory(atPath: aside, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(harness.directory)/shards/0", toPath: "\(aside)/0")
        try erase(prospect: jane.prospect, at: start + .minutes(1), in: harness)
        #expect(try harness.engine.destroyPending(at: start + .minutes(2)) == 2)
        try expectGone(jane, of: harness)
        for text in jack.texts { #expect(try !text.places(in: aside).isEmpty) }
    }

    @Test func oneThatCannotBeReadKeepsAnErasureOutstandingUntilItIsDeleted() throws {
        let harness = try Self.harness()
        let jane = Planted(name: "jane")
        try open(Planted(name: "john"), at: start, in: harness)
        try open(jane, at: start, in: harness)
        let aside = "\(harness.directory)/\(DataDirectory.asideName(1))"
        try FileManager.default.createDirectory(atPath: aside, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(harness.directory)/shards/0", toPath: "\(aside)/0")
        let segment = URL(fileURLWithPath: "\(aside)/0/0000000000004096.segment")
        var bytes = try Data(contentsOf: segment)
        bytes[60] ^= 1
        try bytes.write(to: segment)
        try erase(prospect: jane.prospect, at: start + .minutes(1), in: harness)
        let failure = thrown(DestructionFailure.self) {
            try harness.engine.destroyPending(at: start + .minutes(2))
        }
        #expect(failure?.message.contains("delete \(aside)") == true)
        #expect(try outstanding(harness).erasures == [1])
        try FileManager.default.removeItem(atPath: aside)
        try harness.reopen()
        try harness.engine.destroyPending(at: start + .minutes(3))
        try harness.commit()
        #expect(try outstanding(harness).erasures == [])
        try expectGone(jane, of: harness)
    }

    // MARK: What the journal tells

    private func state(_ harness: OfflineHarness) throws -> JournalState {
        let directory = try DataDirectory.openForReading(harness.directory, fileSystem: POSIXFileSystem())
        return try JournalState(directory, partition: 0, confirmedPosition: .max)
    }

    private func outstanding(_ harness: OfflineHarness) throws -> (erasures: [Int], expiries: Int) {
        let state = try state(harness)
        return (state.outstandingErasures.map(\.prospects), state.outstandingExpiries)
    }

    private func verify(_ harness: OfflineHarness) throws {
        let reader = try JournalReader(
            directory: "\(harness.directory)/shards/0", fileSystem: POSIXFileSystem(), verification: .everything)
        while try reader.next() != nil {}
    }
}
