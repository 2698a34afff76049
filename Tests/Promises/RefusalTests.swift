import Foundation
import Kafka
import KafkaTestSupport
import Testing

/// What stops the start: each says what happened, where, and what to do, and nothing is read or sent.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct RefusalTests {
    /// Refused until an operator decides.
    static let refused: Int32 = 77
    /// Sessions that end soon: a group's offsets can only be altered while it is empty.
    static let settings = Stage.Settings(partitions: 1, sessionMilliseconds: 1500)

    /// Folds ten events and leaves.
    private static func foldTen(_ stage: Stage) throws {
        let engine = try stage.run()
        try stage.publish((0..<10).map { .opening("early-\($0)") })
        try stage.waitUntilFolded(10)
        try engine.stop()
    }

    private static func shard(_ stage: Stage) -> URL { stage.data.appendingPathComponent("shards/0") }

    @Test func aGroupThatSomeoneResetIsNotFollowed() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            try stage.witness.ask(
                "set_offsets", ["group": stage.group, "topic": stage.events, "offsets": ["0": 3]])
            try stage.expectRefusal(
                code: Self.refused, ["Someone reset the group", stage.events, "nothing was read or sent"])
        }
    }

    @Test func anOlderConfigurationIsNotActivatedUnlessThatIsMeant() async throws {
        var settings = Self.settings
        settings.wait = "2h"
        try await Stage.play(settings) { stage in
            try Self.foldTen(stage)
            try stage.change(wait: "3h")
            try stage.run().stop()
            try stage.change(wait: "2h")
            try stage.expectRefusal(code: Self.refused, ["policies are older than the newest", "--rollback"])
            let meant = try stage.start(["--rollback"])
            try meant.waitUntilRunning()
            try meant.stop()
            // It is the newest one now.
            try stage.run().stop()
        }
    }

    @Test func aLostJournalIsNotReplacedByAnEmptyOne() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            for file in try FileManager.default.contentsOfDirectory(
                at: Self.shard(stage), includingPropertiesForKeys: nil)
            {
                try FileManager.default.removeItem(at: file)
            }
            try stage.expectRefusal(code: Self.refused, ["the journal in", "It was lost", "Restore the newest copy"])
        }
    }

    @Test func aLostDataDirectoryIsNotReplacedByANewOne() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            try FileManager.default.removeItem(at: stage.data)
            try stage.expectRefusal(code: Self.refused, ["the journal in", "It was lost", "Restore the newest copy"])
        }
    }

    @Test func aJournalOfAnotherHistoryIsNotUsed() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            let mine = stage.folder.appendingPathComponent("mine")
            try FileManager.default.moveItem(at: stage.data, to: mine)
            // The same group on the same events, but from a time when the group had no offsets: as if it were deleted.
            let other = stage.folder.appendingPathComponent("other-data")
            let engine = try stage.start(data: other, ["--set", "group=\(stage.group)-other"])
            try engine.waitUntilRunning()
            try stage.publish((0..<20).map { .opening("late-\($0)") })
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            #expect(!marks.isEmpty)
            try engine.stop()
            try FileManager.default.moveItem(at: other, to: stage.data)
            try stage.expectRefusal(code: Self.refused, ["has another history there", "belongs to another cluster"])
        }
    }

    @Test func eventsThatWereDeletedBeforeTheyWereReadAreReported() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            try stage.publish((0..<10).map { .opening("unread-\($0)") })
            try stage.deleteRecords(before: 15)
            try stage.expectRefusal(code: Self.refused, ["out of range", "before 15 were deleted", "lose events"])
        }
    }

    @Test(arguments: [0, 5])
    func aTopicMadeAnewThatEndsBeforeTheCommittedOffsetIsNotReadOnFrom(events: Int) async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            let old = try stage.committed()
            try stage.makeEventsAnew()
            // They went with the topic; a backup may bring them back.
            try stage.commit(old)
            try stage.publish((0..<events).map { .opening("anew-\($0)") })
            try stage.expectRefusal(
                code: Self.refused,
                [
                    "committed offset 10", "\(stage.events) partition 0 is out of range", "ends at \(events)",
                    "made anew",
                ])
            #expect(try stage.reminded() == [])
        }
    }

    @Test func aChangedPartitionCountStopsTheStart() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            try stage.witness.ask("add_partitions", ["topic": stage.events, "count": 3])
            let words = ["has 3 partitions", "made for 1", "Way out"]
            // The broker spreads the news to its listeners a moment after it has answered.
            _ = try eventually("three partitions") {
                let reader = try ClusterReader(settings: stage.broker.settings)
                defer { reader.close() }
                return try reader.partitionCount(of: stage.events, timeoutMilliseconds: 5000) == 3 ? true : nil
            }
            try stage.expectRefusal(code: Self.refused, words)
        }
    }

    /// A journal's records name topics by their places in the list.
    @Test func anotherListOfTopicsStopsTheStart() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            let other = stage.events + "-other"
            let admin = try TopicAdmin(settings: stage.broker.settings)
            defer { admin.close() }
            try admin.create([TopicSpec(name: other, partitions: 1)], timeoutMilliseconds: 20_000)
            try stage.expectRefusal(
                code: Self.refused,
                [
                    "from the event topics \(stage.events), as", "\(stage.data.path)/topics says",
                    "topics.events is \(other).",
                ],
                ["--set", "topics.events=\(other)"])
            let engine = try stage.run()
            try stage.publish([.opening("late")])
            try stage.waitUntilFolded(1)
            try engine.stop()
        }
    }

    @Test func partitionsAddedToALiveTopicStopAllTicks() async throws {
        try await Stage.play(Self.settings) { stage in
            let engine = try stage.run()
            try stage.witness.ask("add_partitions", ["topic": stage.events, "count": 2])
            try engine.waitUntilItSays("ticks are stopped")
            var opening = Event.opening("never").structured
            opening.partition = 0
            try stage.witness.produce(stage.events, [opening])
            try stage.waitUntilFolded(1)
            Thread.sleep(forTimeInterval: 4)
            #expect(try stage.reminded() == [])
            try engine.stop()
        }
    }

    @Test func aBrokerThatWasRestoredFromABackupIsNotFollowed() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.foldTen(stage)
            let old = try stage.committed()
            let engine = try stage.run()
            try stage.publish((0..<10).map { .opening("later-\($0)") })
            try stage.waitUntilFolded(10)
            try engine.stop()
            try stage.commit(old)
            try stage.expectRefusal(code: Self.refused, ["restored from a backup", "may have been sent already"])
        }
    }
}
