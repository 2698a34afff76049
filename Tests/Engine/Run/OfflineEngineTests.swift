import Foundation
import Journal
import Journey
import Testing

@testable import Engine

@Suite("From an event's bytes to a command's")
struct OfflineEngineTests {
    private let start = OfflineHarness.start

    @Test func aCheckoutThatIsAbandonedIsRemindedAfterAnHourAndADayLater() throws {
        let harness = try OfflineHarness()
        try harness.start()
        try harness.tick(start + .minutes(59))
        #expect(harness.templates() == [])
        try harness.tick(start + .hours(1))
        #expect(harness.templates() == ["spot-saved"])
        try harness.tick(start + .hours(25))
        #expect(harness.templates() == ["spot-saved", "act-now"])
        try harness.tick(start + .days(5))
        #expect(harness.templates() == ["spot-saved", "act-now"])
    }

    @Test func aPurchaseInTheBacklogWinsOverAReminderThatWasDueBeforeIt() throws {
        let harness = try OfflineHarness()
        try harness.start()
        try harness.event("checkout.completed", at: start + .hours(2))
        try harness.tick(start + .hours(3))
        #expect(harness.templates() == [])
        #expect(harness.engine.counters.converted == 1)
    }

    @Test func aCommandCarriesWhatAMailWorkerNeeds() throws {
        let harness = try OfflineHarness()
        try harness.start()
        try harness.tick(start + .hours(1))
        let data = harness.data(0)
        #expect((data["prospect"] as? [String: Any])?["email"] as? String == "p-1@example.com")
        #expect((data["fields"] as? [String: Any])?["membership_name"] as? String == "Gold")
        #expect((data["fields"] as? [String: Any])?["brand"] as? String == "Example Academy")
        #expect(data["tenant"] as? String == "academy")
        #expect(data["campaign"] as? String == "winback")
    }

    @Test func anUpdateOfOneFieldKeepsTheOthers() throws {
        let harness = try OfflineHarness()
        try harness.start()
        try harness.event(
            "checkout.updated", at: start + .minutes(1), data: ["product": ["id": "gold", "name": "Gold plus"]])
        try harness.tick(start + .hours(2))
        let data = harness.data(0)
        #expect((data["fields"] as? [String: Any])?["membership_name"] as? String == "Gold plus")
        #expect((data["fields"] as? [String: Any])?["first_name"] as? String == "Ann")
        #expect((data["prospect"] as? [String: Any])?["email"] as? String == "p-1@example.com")
    }

    @Test func anAddressAloneReplacesTheAddressAndKeepsTheFields() throws {
        let harness = try OfflineHarness()
        try harness.start()
        try harness.event(
            "checkout.updated", at: start + .minutes(1), data: ["prospect": ["email": "new@example.com"]])
        try harness.tick(start + .hours(2))
        let data = harness.data(0)
        #expect((data["prospect"] as? [String: Any])?["email"] as? String == "new@example.com")
        #expect((data["fields"] as? [String: Any])?["first_name"] as? String == "Ann")
        #expect((data["fields"] as? [String: Any])?["membership_name"] as? String == "Gold")
    }

    @Test func whatIsSaidAgainInPartIsNotStoredAgain() throws {
        let harness = try OfflineHarness()
        try harness.start()
        for minute in 1...3 {
            try harness.event(
                "payment.pending", at: start + .minutes(Int64(minute)),
                data: ["prospect": ["email": "p-1@example.com"], "product": ["id": "gold"]])
        }
        #expect(try harness.personalRecords() == 1)
        try harness.event("payment.failed", at: start + .minutes(4))
        try harness.tick(start + .hours(2))
        let data = harness.data(0)
        #expect((data["prospect"] as? [String: Any])?["email"] as? String == "p-1@example.com")
        #expect((data["fields"] as? [String: Any])?["first_name"] as? String == "Ann")
    }

    @Test func aKeyThatNoCommandCouldHaveIsRefusedUnlessTheEventEndsSomething() throws {
        let harness = try OfflineHarness()
        let key = String(repeating: "k", count: 100_000)
        try harness.event("checkout.started", at: start, prospect: "p-1", key: key)
        #expect(harness.deadLetters == 1)
        try harness.start("p-2")
        try harness.event("checkout.completed", at: start + .minutes(5), prospect: "p-2", key: key)
        #expect(harness.deadLetters == 1)
        #expect(harness.engine.counters.converted == 1)
    }

    @Test func aRestartGoesOnWhereTheJournalEnds() throws {
        let harness = try OfflineHarness()
        for index in 0..<50 { try harness.start("p-\(index)", at: start + .seconds(Int64(index))) }
        try harness.tick(start + .hours(1) + .seconds(24))
        #expect(harness.reminders.count == 25)
        try harness.reopen()
        try harness.tick(start + .hours(2))
        #expect(harness.reminders.count == 50)
        #expect(Set(harness.reminders.compactMap { $0["id"] as? String }).count == 50)
    }

    @Test func aSnapshotGivesTheSameStateAsTheJournal() throws {
        let harness = try OfflineHarness()
        for index in 0..<200 { try harness.start("p-\(index)", at: start + .seconds(Int64(index))) }
        try harness.tick(start + .hours(1) + .seconds(99))
        try harness.engine.makeSnapshots()
        try harness.start("late", at: start + .hours(2))
        try harness.reopen()
        try harness.tick(start + .hours(3))
        #expect(harness.reminders.count == 201)
        #expect(Set(harness.reminders.compactMap { $0["id"] as? String }).count == 201)
    }

    @Test func eventsOfOneBatchAreFoldedInTheirOrder() throws {
        let single = try OfflineHarness()
        let batched = try OfflineHarness()
        func events(_ harness: OfflineHarness) throws {
            for index in 0..<90 {
                let prospect = "p-\(index % 40)"
                let time = start + .seconds(Int64(index))
                switch index % 5 {
                case 0, 1, 3: try harness.start(prospect, at: time)
                case 2:
                    try harness.event(
                        "checkout.updated", at: time, prospect: prospect,
                        data: ["prospect": ["email": "\(index)@example.com"], "product": ["name": "No \(index)"]])
                default: try harness.event("checkout.completed", at: time, prospect: prospect)
                }
                if index % 11 == 0 { try harness.fold("{", at: time) }
            }
        }
        try events(single)
        try batched.together { try events(batched) }
        for harness in [single, batched] { try harness.tick(start + .hours(2)) }
        #expect(single.reminderBytes.count > 20)
        #expect(single.reminderBytes == batched.reminderBytes)
        #expect(single.deadLetters == batched.deadLetters && single.deadLetters == 9)
        #expect(single.engine.counters == batched.engine.counters)
    }

    @Test func commandsAreTheSameBytesWhateverTheBatches() throws {
        let one = try OfflineHarness()
        let other = try OfflineHarness()
        for harness in [one, other] {
            for index in 0..<20 {
                try harness.start("p-\(index)", at: start + .seconds(Int64(index)))
                if harness === other && index % 7 == 3 { try harness.reopen() }
            }
            try harness.tick(start + .hours(2))
        }
        #expect(one.reminderBytes == other.reminderBytes)
        #expect(one.reminderBytes.count == 20)
    }

    @Test func aCommandHasOneIDWheneverItIsDecided() throws {
        let ids = try [start + .hours(1), start + .hours(5)].map { clock in
            let harness = try OfflineHarness()
            try harness.start(at: start)
            try harness.tick(clock)
            return try #require(harness.reminders.first?["id"] as? String)
        }
        #expect(ids[0] == ids[1])
    }

    /// Events and ticks may share a frame, which has begun under the clock before the tick.
    @Test func theJournalTellsTheClockUnderWhichWasDecided() throws {
        let harness = try OfflineHarness()
        try harness.start(at: start)
        try harness.together(before: start + .hours(1)) { try harness.start("p-2", at: start + .minutes(1)) }
        #expect(harness.reminders.count == 1)
        let directory = try DataDirectory.openForReading(harness.directory, fileSystem: POSIXFileSystem())
        let restorer = Restorer(
            path: directory.shardPath(0), key: directory.key, fileSystem: POSIXFileSystem(), topicCount: 1,
            log: .silent)
        #expect(try restorer.restoreToEnd { _, _, _ in }.0.clock == start + .hours(1))
    }

    @Test func remindersComeInTheOrderInWhichTheyAreDue() throws {
        let harness = try OfflineHarness()
        for index in (0..<30).reversed() { try harness.start("p-\(index)", at: start + .seconds(Int64(index))) }
        try harness.tick(start + .hours(2))
        let dues = harness.reminders.indices.map { harness.data($0)["dueAt"] as? String ?? "" }
        #expect(dues == dues.sorted())
        #expect(dues.count == 30)
    }

    /// Activity has moved their timers on, so that they come up before they are due, all at once.
    @Test func whatOneTickCannotDecideIsDecidedByTheNextOnesInOrder() throws {
        let harness = try OfflineHarness(maximumDuePerTick: 7)
        for index in 0..<40 {
            try harness.start("p-\(index)", at: start)
            try harness.event(
                "checkout.updated", at: start + .minutes(Int64(40 - index)), prospect: "p-\(index)")
        }
        var ticks = 0
        while harness.reminders.count < 40 && ticks < 12 {
            ticks += 1
            #expect(try harness.tick(start + .hours(3) + Span(milliseconds: Int64(ticks))) <= 7)
        }
        #expect(ticks == 6)
        let dues = harness.reminders.indices.map { harness.data($0)["dueAt"] as? String ?? "" }
        #expect(dues == dues.sorted())
    }

    @Test(arguments: ["{", "[]", "{\"specversion\":\"1.0\"}", "{\"type\":\"checkout.started\"}", "\u{0}"])
    func aBrokenMessageIsADeadLetterAndTheNextOneIsFolded(value: String) throws {
        let harness = try OfflineHarness()
        try harness.fold(value)
        try harness.start()
        #expect(harness.deadLetters == 1)
        #expect(harness.engine.counters.opened == 1)
    }

    @Test func anAddressThatNoMailCanReachIsCounted() throws {
        let harness = try OfflineHarness()
        try harness.start("p-1")
        #expect(harness.engine.counters.unusableAddresses == 0)
        try harness.start("p-2", email: "nobody")
        #expect(harness.engine.counters.unusableAddresses == 1)
        #expect(harness.deadLetters == 0)
    }
}
