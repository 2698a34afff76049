import Foundation
import Kafka
import KafkaTestSupport
import RandomTestSupport
import Testing

/// A file that is published under a name is published once, whatever happens to the command.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct PublishResumeTests {
    private static func table(_ rows: Int) -> String {
        "type,id,prospect,first_name\n"
            + (0..<rows).map { "checkout.started,e-\($0),p-\($0),\"Ann\nof \($0)\"\n" }.joined()
    }

    private static func ids(_ stage: Stage, count: Int) throws -> [String] {
        try stage.witness.read(stage.events, count: count).compactMap { $0.json["id"] as? String }
    }

    /// In the topic, whatever becomes of them.
    private static func records(_ stage: Stage) throws -> Int64 {
        let reader = try ClusterReader(settings: stage.broker.settings)
        defer { reader.close() }
        let all = (0..<stage.partitions).map { TopicPartition(stage.events, $0) }
        return try reader.endOffsets(of: all, timeoutMilliseconds: 10_000).values.reduce(0, +)
    }

    @Test func noEventIsSentTwiceOrLeftOutHoweverOftenTheCommandIsKilled() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("noEventIsSentTwiceOrLeftOutHoweverOftenTheCommandIsKilled: seed \(seed)")
        try await Stage.play(Stage.Settings(partitions: 3)) { stage in
            var generator = SeededGenerator(seed: seed)
            let count = 8_000
            let file = stage.folder.appendingPathComponent("events.csv")
            try Data(Self.table(count).utf8).write(to: file)
            // Slow enough that all kills come in the middle, also where each comes a second late.
            let words = ["publish", file.path, "--resume", "import", "--rate", "2000"]
            for _ in 0..<5 {
                let wanted = try Self.records(stage) + Int64.random(in: 100...500, using: &generator)
                let command = try stage.start(command: words)
                // Within a transaction, or between two.
                _ = try eventually("\(wanted) records", within: 60, every: 0.005) {
                    try Self.records(stage) >= wanted || !command.isRunning ? true : nil
                }
                #expect(command.isRunning, "seed \(seed): it ended before it could be killed: \(command.log)")
                command.kill()
            }
            let last = try stage.start(command: words)
            #expect(try last.exitCode(within: 60) == 0, "\(last.log)")
            #expect(last.log.contains("going on behind line "), "\(last.log)")
            let ids = try Self.ids(stage, count: count)
            #expect(ids.count == count, "seed \(seed)")
            #expect(Set(ids) == Set((0..<count).map { "e-\($0)" }), "seed \(seed)")

            let again = try stage.start(command: words)
            #expect(try again.exitCode() == 0, "\(again.log)")
            #expect(try Self.ids(stage, count: count).count == count)
        }
    }

    @Test func aFileThatGrewIsGoneOnWithAndAnotherOneIsRefused() async throws {
        try await Stage.play { stage in
            let file = stage.folder.appendingPathComponent("events.csv")
            let words = ["publish", file.path, "--resume", "daily"]
            try Data(Self.table(10).utf8).write(to: file)
            #expect(try stage.start(command: words).exitCode() == 0)
            try Data(Self.table(13).utf8).write(to: file)
            #expect(try stage.start(command: words).exitCode() == 0)
            #expect(try Self.ids(stage, count: 13).sorted() == (0..<13).map { "e-\($0)" }.sorted())

            try Data(Self.table(13).replacing("p-3", with: "p-4").utf8).write(to: file)
            let refused = try stage.start(command: words)
            #expect(try refused.exitCode() == 65, "\(refused.log)")
            #expect(refused.log.contains("is not the file that was published under this name"), "\(refused.log)")
            #expect(try Self.ids(stage, count: 13).count == 13)
        }
    }
}
