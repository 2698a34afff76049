import Foundation
import Kafka
import KafkaTestSupport
import Testing

/// Offsets that the broker has forgotten: the engine goes on where its journal proves where, and nowhere else.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct ForgottenGroupTests {
    private static let refused = RefusalTests.refused
    private static let settings = RefusalTests.settings
    private static let wentOn = "the broker had forgotten the group's offsets"
    private static let forgotten = "The broker has no committed offset"

    private static func foldTen(_ stage: Stage, _ prefix: String = "early") throws {
        let engine = try stage.run()
        try stage.publish((0..<10).map { .opening("\(prefix)-\($0)") })
        try stage.waitUntilFolded(10)
        try engine.stop()
    }

    /// What may be the last thing in a partition, as of now.
    private static func lastMessages() -> [Message] {
        [
            Event.opening("structured").structured, Event.opening("binary").binary,
            Event(type: "payment.failed", prospect: "of no use").structured, Message(key: "gone", value: nil),
            Event(type: "shop.opened", prospect: "unknown").structured, Message(key: "bad", value: "{"),
        ]
    }

    @Test func aForgottenGroupGoesOnByItselfAndEveryReminderIsSentOnce() async throws {
        let used = Self.lastMessages().count
        // Of one partition nothing is known but that nothing was folded from it.
        let settings = Stage.Settings(
            partitions: Int32(used + 1), wait: "5s", sessionMilliseconds: Self.settings.sessionMilliseconds)
        try await Stage.play(settings) { stage in
            func publish(_ name: String, _ last: [Message]) throws {
                let messages = last.indices.flatMap { partition -> [Message] in
                    [Event.opening("\(name)-\(partition)").structured, last[partition]].map { message in
                        var message = message
                        message.partition = partition
                        return message
                    }
                }
                try stage.witness.produce(stage.events, messages)
            }
            let engine = try stage.run()
            try publish("early", Self.lastMessages())
            try stage.waitUntilFolded(2 * used)
            try engine.stop()
            try #require(try stage.reminded() == [])
            try stage.forgetGroup()
            // Meanwhile there is more, and one of the early ones buys.
            var purchase = Event.purchase("early-0").structured
            purchase.partition = 0
            try publish("late", [purchase])
            let second = try stage.run()
            #expect(second.log.contains(Self.wentOn))
            let committed = try stage.committed()
            #expect(committed.last?.offset == 0)
            #expect(committed.allSatisfy { $0.metadata?.hasPrefix("winback/1 ") == true })
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            try second.stop()
            let reminded = try stage.reminded().filter { !marks.contains($0) }
            let early = (1..<used).map { "early-\($0)" }
            #expect(reminded.sorted() == (early + ["binary", "late-0", "structured"]).sorted())
            #expect(try stage.witness.read(stage.deadLetters).count == 1)
            // The broker knows the group again, and nothing is left to be told.
            let third = try stage.run()
            #expect(!third.log.contains(Self.wentOn))
            try third.stop()
        }
    }

    @Test func aChangedConfigurationIsNoObstacle() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            // Known by their addresses from now on; nothing is folded under it.
            let changed = try stage.start(["--set", "identity=email"])
            try changed.waitUntilRunning()
            try changed.stop()
            try stage.forgetGroup()
            let again = try stage.start(["--set", "identity=email"])
            try again.waitUntilItSays(Self.wentOn)
            try again.waitUntilRunning()
            try again.stop()
        }
    }

    @Test func aJournalWhoseLastCommitIsUncertainDoesNotGoOn() async throws {
        try await Stage.play(Self.settings) { stage in
            let engine = try stage.run()
            try stage.publish((0..<10).map { .opening("early-\($0)") })
            try stage.waitUntilFolded(10)
            engine.kill()
            try stage.forgetGroup()
            try stage.expectRefusal(
                code: Self.refused, [Self.forgotten, "is known to have been committed", "may have been sent or not"])
        }
    }

    @Test func aLastMessageThatWasDeletedProvesNothing() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            try stage.forgetGroup()
            try stage.publish((0..<10).map { .opening("unread-\($0)") })
            try stage.deleteRecords(before: 10)
            try stage.expectRefusal(
                code: Self.refused, [Self.forgotten, "offset 9 of \(stage.events)", "now begins at 10"])
        }
    }

    @Test func anotherGroupDoesNotGoOnFromThisOnesJournal() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            let engine = try stage.start(["--set", "group=\(stage.group)-other"])
            #expect(try engine.exitCode(within: 40) == Self.refused, "\(engine.log.suffix(2000))")
            #expect(engine.log.contains("was last used with group \(stage.group)"))
            // Nothing has changed for the group itself.
            let own = try stage.run()
            try own.stop()
        }
    }

    @Test(arguments: [0, 5, 20], [true, false])
    func aTopicMadeAnewIsNotReadOnFrom(events: Int, deletesGroup: Bool) async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            if deletesGroup { try stage.forgetGroup() }
            try stage.makeEventsAnew()
            try stage.publish((0..<events).map { .opening("anew-\($0)") })
            // With a topic the broker deletes the offsets that were committed for it.
            _ = try eventually("no offsets") { try stage.committed()[0].offset == nil ? true : nil }
            try stage.expectRefusal(
                code: Self.refused,
                [
                    Self.forgotten, "offset 9 of \(stage.events)", "made anew",
                    events < 10 ? "the topic ends at \(events)" : "is another one now",
                ])
            #expect(try stage.reminded() == [])
        }
    }
}
