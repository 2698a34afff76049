import Foundation
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

    @Test func remindersComeInTheOrderInWhichTheyAreDue() throws {
        let harness = try OfflineHarness()
        for index in (0..<30).reversed() { try harness.start("p-\(index)", at: start + .seconds(Int64(index))) }
        try harness.tick(start + .hours(2))
        let dues = harness.reminders.indices.map { harness.data($0)["dueAt"] as? String ?? "" }
        #expect(dues == dues.sorted())
        #expect(dues.count == 30)
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
