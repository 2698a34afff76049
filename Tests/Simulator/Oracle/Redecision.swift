import Engine
import Journal
import Kafka

/// What an auditor finds who has the journals alone: every decision and every command made once more.
struct Redecision {
    /// - Parameters:
    ///   - commandSource: what commands name as their source.
    ///   - published: how many reminders lie in the topic.
    /// - Returns: in words, what came out otherwise.
    static func differences(
        _ directory: DataDirectory, partitions: Int32, commandSource: String, maximumDuePerTick: Int, published: Int
    ) throws -> [String] {
        var differences: [String] = []
        var commands = 0
        for partition in 0..<partitions {
            let replay = try JournalReplay(
                directory, partition: partition, commandSource: commandSource, maximumDuePerTick: maximumDuePerTick)
            let reader = try JournalReader(
                directory: directory.shardPath(partition), fileSystem: directory.fileSystem)
            while let frame = try reader.next() { try replay.replay(frame) }
            replay.finish()
            differences += replay.differences.map { "partition \(partition), replayed: \($0.what)" }
            commands += replay.tally.commands + replay.tally.foundCommands
        }
        if commands != published {
            differences.append("\(published) reminders were published, and \(commands) are in the journals")
        }
        return differences
    }
}
