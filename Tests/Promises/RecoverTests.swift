import Foundation
import KafkaTestSupport
import Testing

/// The way out of every stop: what the choice says is what happens, and no reminder is sent twice.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct RecoverTests {
    private static let refused = RefusalTests.refused
    /// Long enough for an engine to be killed before anything is due.
    private static let settings = Stage.Settings(partitions: 1, wait: "4s", sessionMilliseconds: 1500)

    private static func openings(_ prefix: String, _ count: Int = 10) -> [Event] {
        (0..<count).map { .opening("\(prefix)-\($0)") }
    }

    private static func foldTen(_ stage: Stage) throws {
        let engine = try stage.run()
        try stage.publish(openings("early"))
        try stage.waitUntilFolded(10)
        try engine.stop()
    }

    /// Everybody was reminded, and once.
    private static func expectReminded(_ stage: Stage, _ people: [String]) throws {
        let engine = try stage.run()
        let marks = try stage.waitUntilAllBeforeNowIsDecided()
        try engine.stop()
        let reminded = try stage.reminded().filter { !marks.contains($0) }
        #expect(reminded.sorted() == people.sorted())
    }

    /// What it was asked without a choice: it explains, changes nothing, and ends with the code of a refusal.
    private static func expectExplained(_ stage: Stage, _ words: [String]) throws {
        let before = try stage.files()
        let committed = try stage.committed()
        let command = try stage.start(command: ["recover"])
        #expect(try command.exitCode() == refused, "\(command.log)")
        for word in words + ["Nothing was changed"] {
            #expect(command.log.contains(word), "no `\(word)` in: \(command.log)")
        }
        #expect(try stage.files() == before)
        #expect(try stage.committed() == committed)
        try stage.expectRefusal(code: refused, ["winback recover"])
    }

    private static func recover(_ stage: Stage, _ choice: String, _ words: [String] = [], _ more: [String] = []) throws
    {
        let command = try stage.start(command: ["recover", "--accept", choice] + more)
        #expect(try command.exitCode() == 0, "\(command.log)")
        for word in words { #expect(command.log.contains(word), "no `\(word)` in: \(command.log)") }
    }

    /// Kills the engine as soon as commands are in the topic: its last frame is durable, and not known to be committed.
    private static func killAfterSending(_ stage: Stage) throws {
        let engine = try stage.run()
        try stage.publish(openings("early"))
        try stage.witness.ask(
            "kill_at_message",
            ["topic": stage.reminders, "pid": Int(engine.process.processIdentifier), "after": 0.5])
        engine.kill()
        #expect(try stage.reminded().count == 10)
    }

    @Test func aKilledEngineOfAForgottenGroupGoesOnAndEveryReminderIsSentOnce() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.killAfterSending(stage)
            try stage.forgetGroup()
            try stage.publish(Self.openings("late"))
            try Self.expectExplained(
                stage, ["offsets-forgotten", "resume", "10 were found in \(stage.reminders) and count as sent"])
            try Self.recover(stage, "resume")
            try Self.recover(stage, "resume", ["Nothing stands in the way"])
            try Self.expectReminded(stage, (Self.openings("early") + Self.openings("late")).map(\.prospect))
        }
    }

    @Test func whatAKilledEngineHadNotSentIsSent() async throws {
        try await Stage.play(Self.settings) { stage in
            let engine = try stage.run()
            try stage.publish(Self.openings("early"))
            try stage.waitUntilFolded(10)
            engine.kill()
            try stage.forgetGroup()
            try Self.recover(stage, "resume")
            try Self.expectReminded(stage, Self.openings("early").map(\.prospect))
        }
    }

    @Test func aGroupThatWasResetIsPutBack() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            try stage.witness.ask("set_offsets", ["group": stage.group, "topic": stage.events, "offsets": ["0": 3]])
            try Self.expectExplained(stage, ["group-reset", "from offset 10"])
            try Self.recover(stage, "resume")
            #expect(try stage.committed()[0].offset == 10)
            try Self.expectReminded(stage, Self.openings("early").map(\.prospect))
        }
    }

    @Test func eventsThatWereDeletedUnreadAreLostWithTheirNumber() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            try stage.publish(Self.openings("unread"))
            try stage.deleteRecords(before: 15)
            try Self.expectExplained(
                stage,
                ["offset-out-of-range", "from offset 15, 5 offsets before it were deleted unread", "10 journeys"])
            try Self.recover(stage, "resume")
            try Self.expectReminded(
                stage, (Self.openings("early") + Self.openings("unread").dropFirst(5)).map(\.prospect))
        }
    }

    @Test func whoMayHaveBoughtInLostEventsCanBeLeftInPeace() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            try stage.publish([.purchase("early-3")] + Self.openings("unread"))
            try stage.deleteRecords(before: 11)
            try Self.recover(stage, "resume-and-withhold", ["1 offsets before it", "of the 10 journeys"])
            try Self.expectReminded(stage, Self.openings("unread").map(\.prospect))
        }
    }

    @Test func offsetsThatABackupHasBroughtBackDoNotSendAnythingAgain() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            let old = try stage.committed()
            let engine = try stage.run()
            _ = try stage.reminded(count: 10)
            try stage.publish(Self.openings("later"))
            try stage.waitUntilFolded(10)
            try engine.stop()
            try stage.commit(old)
            try Self.expectExplained(stage, ["offsets-restored", "from offset 20"])
            try Self.recover(stage, "resume")
            try Self.expectReminded(stage, (Self.openings("early") + Self.openings("later")).map(\.prospect))
        }
    }

    /// The backup was made behind ten of twenty events; behind it come others, in the places of those that are lost.
    @Test func aTopicThatWasRestoredIsReadOnFromWhatItsBackupHadCommitted() async throws {
        try await Stage.play(Self.settings) { stage in
            let engine = try stage.run()
            let early = Self.openings("early").map(\.structured)
            try stage.witness.produce(stage.events, early)
            try stage.waitUntilFolded(10)
            try engine.stop()
            let backup = try stage.committed()
            let second = try stage.run()
            try stage.publish(Self.openings("lost"))
            try stage.waitUntilFolded(10)
            try second.stop()
            try stage.makeEventsAnew()
            try stage.witness.produce(stage.events, early)
            try stage.publish([.purchase("lost-3")] + Self.openings("new"))
            try stage.commit(backup)
            try Self.expectExplained(stage, ["offsets-restored", "from offset 10, which is not the topic"])
            try Self.recover(stage, "resume")
            let people = Self.openings("early") + Self.openings("lost") + Self.openings("new")
            try Self.expectReminded(stage, people.map(\.prospect).filter { $0 != "lost-3" })
        }
    }

    @Test func partitionsThatWereAddedAreExplained() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            try stage.witness.ask("add_partitions", ["topic": stage.events, "count": 3])
            _ = try eventually("three partitions are explained", within: 30) { () throws -> Bool? in
                let command = try stage.start(command: ["recover"])
                let code = try command.exitCode()
                return code == Self.refused && command.log.contains("Make a new topic") ? true : nil
            }
        }
    }

    @Test(arguments: [("", 77), ("resum", 77), ("resume", 0)])
    func somebodyAtATerminalIsAsked(answer: String, code: Int) async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            try stage.witness.ask("set_offsets", ["group": stage.group, "topic": stage.events, "offsets": ["0": 3]])
            let asked = try stage.ask(
                command: ["recover"], question: "or nothing to leave all as it is: ", answer: answer)
            #expect(asked.code == code, "\(asked.said)")
            #expect(try stage.committed()[0].offset == (code == 0 ? 10 : 3))
        }
    }

    @Test func aChoiceThatIsNoWayOutIsRefused() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            try stage.witness.ask("set_offsets", ["group": stage.group, "topic": stage.events, "offsets": ["0": 3]])
            let command = try stage.start(command: ["recover", "--accept", "rebuild"])
            #expect(try command.exitCode() == Self.refused, "\(command.log)")
            #expect(command.log.contains("rebuild is no way out of this: choose from resume"))
        }
    }

    @Test func aRunningEngineIsLeftAlone() async throws {
        try await Stage.play(Self.settings) { stage in
            let engine = try stage.run()
            let command = try stage.start(command: ["recover", "--accept", "resume"])
            #expect(try command.exitCode() == 75)
            #expect(command.log.contains("is in use"))
            try engine.stop()
            let again = try stage.start(command: ["recover"])
            #expect(try again.exitCode() == 0, "\(again.log)")
        }
    }
}
