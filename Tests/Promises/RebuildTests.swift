import Foundation
import KafkaTestSupport
import RandomTestSupport
import Testing

/// A journal that is gone or of no use is rebuilt from the events, and from what the reminder topic says was sent.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct RebuildTests {
    private static let refused = RefusalTests.refused
    private static let settings = Stage.Settings(partitions: 2, wait: "5s", sessionMilliseconds: 1500)

    private static func people(_ prefix: String, _ numbers: Range<Int>) -> [String] {
        numbers.map { "\(prefix)-\($0)" }
    }

    /// Ten people have been reminded when the engine leaves, ten wait, and three of these buy behind it.
    private static func leave(_ stage: Stage) throws {
        let engine = try stage.run()
        try stage.publish(people("early", 0..<10).map { .opening($0) })
        _ = try stage.reminded(count: 10)
        try stage.publish(people("late", 0..<10).map { .opening($0) })
        try stage.waitUntilFolded(20)
        try engine.stop()
        try stage.publish(people("late", 0..<3).map { .purchase($0) })
    }

    private static func segment(_ stage: Stage, shard: Int) -> URL {
        stage.data.appendingPathComponent("shards/\(shard)/0000000000004096.segment")
    }

    /// Writes over some bytes of the first frame, and tells what the file holds now.
    @discardableResult
    private static func damage(_ stage: Stage, shard: Int) throws -> Data {
        let file = try FileHandle(forUpdating: segment(stage, shard: shard))
        defer { try? file.close() }
        try file.seek(toOffset: 300)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 16))
        return try Data(contentsOf: segment(stage, shard: shard))
    }

    private static func recover(_ stage: Stage, _ more: [String] = []) throws -> String {
        let command = try stage.start(command: ["recover", "--accept", "rebuild"] + more)
        #expect(try command.exitCode() == 0, "\(command.log)")
        return command.log
    }

    private static func expectEveryReminderOnce(_ stage: Stage) throws {
        let engine = try stage.run()
        let marks = try stage.waitUntilAllBeforeNowIsDecided()
        try engine.stop()
        #expect(!marks.isEmpty)
        let reminded = try stage.reminded().filter { !$0.hasPrefix("mark-") }
        #expect(reminded.sorted() == (people("early", 0..<10) + people("late", 3..<10)).sorted())
    }

    @Test func aLostDataDirectoryIsRebuiltAndNobodyIsRemindedTwice() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.leave(stage)
            try FileManager.default.removeItem(at: stage.data)
            let command = try stage.start(command: ["recover"])
            #expect(try command.exitCode() == Self.refused, "\(command.log)")
            #expect(!FileManager.default.fileExists(atPath: stage.data.path))
            let log = try Self.recover(stage)
            for words in ["journal-behind", "10 commands are in", "23 offsets", "when the first journey opened"] {
                #expect(log.contains(words), "no `\(words)` in \(log)")
            }
            try Self.expectEveryReminderOnce(stage)
            // Also behind a snapshot and a further start nothing is sent again.
            try Self.expectEveryReminderOnce(stage)
        }
    }

    @Test func whatOpenedBeforeThePolicyActedIsNotOpenedByARebuild() async throws {
        try await Stage.play(Self.settings) { stage in
            try stage.publish(Self.people("history", 0..<10).map { .opening($0) })
            try Self.leave(stage)
            try FileManager.default.removeItem(at: stage.data.appendingPathComponent("shards"))
            _ = try Self.recover(stage)
            try Self.expectEveryReminderOnce(stage)
        }
    }

    @Test func aDamagedJournalIsSetAsideAndTheOthersStay() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.leave(stage)
            let damaged = try Self.damage(stage, shard: 1)
            let other = try Data(contentsOf: Self.segment(stage, shard: 0))
            let log = try Self.recover(stage)
            for words in ["journal-damaged, partition 1", "partitions 1; what there is of their files is moved"] {
                #expect(log.contains(words), "no `\(words)` in \(log)")
            }
            let files = try stage.files()
            let aside = files.first { $0.key.hasPrefix("shards.before-") && $0.key.hasSuffix(".segment") }
            #expect(aside?.value == damaged)
            #expect(files["shards/0/0000000000004096.segment"] == other)
            try Self.expectEveryReminderOnce(stage)
        }
    }

    /// What no topic holds any more is known from the copy, and what came since from the topics.
    @Test func anOlderCopyIsCompletedAndKeepsWhatItKnows() async throws {
        let settings = Stage.Settings(partitions: 1, wait: "5s", sessionMilliseconds: 1500)
        try await Stage.play(settings) { stage in
            let engine = try stage.run()
            try stage.publish([Event(type: "contact.opted-out", prospect: "quiet")])
            try stage.publish(Self.people("early", 0..<5).map { .opening($0) })
            try stage.waitUntilFolded(6)
            try engine.stop()
            let copy = stage.folder.appendingPathComponent("copy")
            try FileManager.default.copyItem(at: stage.data, to: copy)
            let second = try stage.run()
            try stage.publish(Self.people("early", 5..<10).map { .opening($0) })
            _ = try stage.reminded(count: 10)
            try stage.publish((Self.people("late", 0..<10) + ["quiet"]).map { .opening($0) })
            try stage.waitUntilFolded(16)
            try second.stop()
            try stage.publish(Self.people("late", 0..<3).map { .purchase($0) })
            try stage.deleteRecords(before: 6)
            try FileManager.default.removeItem(at: stage.data)
            try FileManager.default.moveItem(at: copy, to: stage.data)
            let log = try Self.recover(stage)
            for words in [
                "journal-behind", "its journal is kept up to position", "from offset 6", "10 commands are in",
            ] {
                #expect(log.contains(words), "no `\(words)` in \(log)")
            }
            try Self.expectEveryReminderOnce(stage)
        }
    }

    @Test func aRebuildThatIsKilledAnywhereIsDoneAgain() async throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["WINBACK_SEED"] ?? "") ?? .random(in: 0..<1 << 32)
        print("aRebuildThatIsKilledAnywhereIsDoneAgain: WINBACK_SEED=\(seed)")
        let settings = Stage.Settings(partitions: 1, wait: "8s", sessionMilliseconds: 1500)
        try await Stage.play(settings) { stage in
            var random = SeededGenerator(seed: seed)
            try Self.leave(stage)
            try Self.damage(stage, shard: 0)
            // Nothing but the damaged journal tells that there ever was one.
            try stage.forgetGroup()
            let mark = stage.data.appendingPathComponent("rebuild").path
            for _ in 0..<5 {
                let command = try stage.start(command: ["recover", "--accept", "rebuild"])
                _ = try eventually("a rebuild begins or is over", every: 0.001) {
                    FileManager.default.fileExists(atPath: mark) || !command.isRunning ? true : nil
                }
                Thread.sleep(forTimeInterval: .random(in: 0...0.03, using: &random))
                command.kill()
            }
            let last = try stage.start(command: ["recover"])
            if try last.exitCode() == Self.refused {
                #expect(last.log.contains("rebuild-interrupted"), "\(last.log)")
                try stage.expectRefusal(code: Self.refused, ["Run `winback recover` again"])
                _ = try Self.recover(stage)
            }
            try Self.expectEveryReminderOnce(stage)
        }
    }
}
