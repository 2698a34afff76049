import Configuration
import Journal
import Kafka

/// Looks up what a shard's journal holds of its topics, and compares that with what they hold.
struct TopicMemoryReader {
    let directory: DataDirectory
    let topics: [String]
    let mappings: EventMappings
    let reader: any BrokerReader

    /// - Parameters:
    ///   - fold: what the journal adds up to at `head`.
    ///   - insist: asks the broker again, if need be.
    func read(
        _ partition: Int32, _ fold: ShardFold, upTo head: JournalHead,
        _ insist: @escaping (() throws -> Bool) throws -> Bool
    ) throws -> TopicMemory {
        let activated = try fold.activations.map { try PolicyText(text: $0.text) }
        guard activated.allSatisfy({ $0.eventTopics == topics }) else {
            return TopicMemory(isOfTheseTopics: false, lastOffsets: []) { _ in .nothing }
        }
        let lastOffsets = topics.indices.map { fold.nextOffsets[$0] < 0 ? nil : fold.nextOffsets[$0] - 1 }
        let folded = try LastMessages(path: directory.shardPath(partition), fileSystem: directory.fileSystem)
            .find(Set(lastOffsets.indices.filter { lastOffsets[$0] != nil }), upTo: head)
        // Whoever a prospect was when the message was folded: the configuration may have changed behind it.
        let identities = Set(activated.map(\.identity))
        return TopicMemory(isOfTheseTopics: true, lastOffsets: lastOffsets) { topic in
            let place = TopicPartition(topics[topic], partition)
            guard let message = folded[topic] else { return .nothing }
            let found = MessageBatch(capacity: 1)
            let isThere = try insist {
                try reader.record(
                    at: place, offset: message.offset, into: found,
                    timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
            }
            guard isThere, found.offset(0) == message.offset else { return .nothing }
            let isSame = try identities.contains { identity in
                let comparison = try MessageComparison(
                    key: directory.key, topics: topics, mappings: mappings, identity: identity)
                return comparison.isSame(message, found)
            }
            return isSame ? .same : .another
        }
    }
}
