import Foundation
import KafkaTestSupport
import Testing

/// No reminder after a purchase, wherever the purchase lies when the reminder is due.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct PurchaseTests {
    @Test func aPurchaseInTheBacklogOfAStoppedEngineSuppressesTheOverdueReminder() async throws {
        try await Stage.play(Stage.Settings(partitions: 1, wait: "3s")) { stage in
            let engine = try stage.run()
            try stage.publish([.opening("buyer"), .opening("other")])
            let due = Date().addingTimeInterval(3)
            try stage.waitUntilFolded(2)
            try engine.stop()
            try #require(try stage.reminded() == [])
            // So much lies before the purchase that it does not come with the first answer of the broker.
            let padding = String(repeating: "x", count: 200_000)
            let other = Message(key: "p", value: #"{"specversion":"1.0","type":"shop.opened","data":"\#(padding)"}"#)
            try stage.witness.produce(stage.events, Array(repeating: other, count: 50))
            try stage.publish([.purchase("buyer")])
            try waitUntil(due.addingTimeInterval(1))
            let second = try stage.run()
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            #expect(try stage.reminded().filter { !marks.contains($0) } == ["other"])
            try second.stop()
        }
    }

    @Test(arguments: [true, false])
    func aPurchaseBehindAnOpenTransactionHoldsTheReminderBackUntilItIsKnown(commits: Bool) async throws {
        try await Stage.play(Stage.Settings(partitions: 1, wait: "3s")) { stage in
            let engine = try stage.run()
            // Begun before the opening is published, so that it is at the broker long before the reminder is due.
            let shop = "shop-\(stage.group)"
            try stage.witness.ask("begin", ["transaction": shop])
            try stage.publish([.opening("buyer")])
            let due = Date().addingTimeInterval(3)
            try stage.witness.produce(stage.events, [Event.purchase("buyer").structured], transaction: shop)
            try #require(Date() < due, "the machine is too slow for this wait")
            // Behind it lies what is committed, and yet hidden from a read_committed reader.
            try stage.publish([.opening("hidden")])
            try waitUntil(due.addingTimeInterval(3))
            try engine.waitUntilItSays("an open transaction")
            #expect(try stage.reminded() == [])
            try stage.witness.ask("end", ["transaction": shop, "commits": commits])
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            let reminded = try stage.reminded().filter { !marks.contains($0) }.sorted()
            #expect(reminded == (commits ? ["hidden"] : ["buyer", "hidden"]))
            try engine.stop()
        }
    }

    @Test func aPurchaseBehindAnOpenTransactionIsReadBeforeAnythingIsSent() async throws {
        try await Stage.play(Stage.Settings(partitions: 1, wait: "3s")) { stage in
            let engine = try stage.run()
            try stage.publish([.opening("buyer")])
            let due = Date().addingTimeInterval(3)
            let other = "other-\(stage.group)"
            try stage.witness.ask("begin", ["transaction": other])
            try stage.witness.produce(stage.events, [Event.opening("never").structured], transaction: other)
            try stage.publish([.purchase("buyer")])
            try #require(Date() < due, "the machine is too slow for this wait")
            try waitUntil(due.addingTimeInterval(2))
            #expect(try stage.reminded() == [])
            try stage.witness.ask("end", ["transaction": other, "commits": false])
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            #expect(try stage.reminded().filter { !marks.contains($0) } == [])
            try engine.stop()
        }
    }

    private func waitUntil(_ moment: Date) throws {
        _ = try eventually("\(moment)", within: 60) { Date() >= moment ? true : nil }
    }
}
