import Configuration
import Journal

/// Compares the topics with what the configuration names and the data directory was made for.
struct TopicCheck {
    let configuration: Configuration
    let reader: any BrokerReader

    /// How many partitions each event topic has.
    ///
    /// - Parameter directory: `nil` where there is none yet.
    func partitionCount(_ directory: DataDirectory?) throws -> Int {
        if let directory { try checkTopics(directory) }
        var counts: [Int] = []
        for topic in configuration.topics.events + configuration.topics.written {
            guard
                let count = try reader.partitionCount(topic, timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
            else {
                throw EngineError(
                    .topicMissing,
                    "There is no topic \(topic) on \(configuration.bootstrapServers). Make the missing topics with: winback topics create"
                )
            }
            counts.append(count)
        }
        let events = counts.prefix(configuration.topics.events.count)
        guard let count = events.first, events.allSatisfy({ $0 == count }) else {
            throw EngineError(
                .topicsUnequal,
                """
                The event topics have different partition counts: \
                \(zip(configuration.topics.events, events).map { "\($0) \($1)" }.joined(separator: ", ")). A shard is \
                partition p of all of them, so the counts must be equal: make them anew with `winback topics create`.
                """)
        }
        if let highest = try directory?.shards().max(), Int(highest) + 1 != count {
            throw PartitionCounts.changed(configuration.topics.events[0], from: Int(highest) + 1, to: count)
        }
        return count
    }

    /// A journal names topics by their places in the list, and a committed offset stands for all of them together.
    private func checkTopics(_ directory: DataDirectory) throws {
        let now = configuration.topics.events
        guard let known = try directory.eventTopics(), known != now else { return }
        throw EngineError(
            .topicsChanged,
            """
            The journals in \(directory.path) were written from the event topics \(known.joined(separator: ", ")), as \
            \(directory.path)/topics says, and the configuration's topics.events is \(now.joined(separator: ", ")). A \
            journal belongs to one list of topics, in one order: put the list back, or begin anew with another data directory \
            and another group. Nothing was read or sent, and no file was changed.
            """)
    }
}
