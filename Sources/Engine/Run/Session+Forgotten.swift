import Configuration
import Journal
import Journey
import Kafka
import Telemetry

extension Session {
    /// As many as a line of the log is to hold.
    private static let shownOffsets = 16

    /// Tells the broker again what it has forgotten, of all shards or of none.
    func commitForgottenOffsets(_ plans: [Recovered]) throws {
        let offsets = plans.filter { if case .renew = $0.plan { true } else { false } }.flatMap { self.offsets(of: $0) }
        if offsets.isEmpty { return }
        try producer.begin()
        try producer.sendOffsets(
            offsets, of: try consumer.groupMetadata(),
            timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
        try producer.commit(timeoutMilliseconds: Int32(WorkerLimits.transactionMilliseconds))
        context.log.warning(
            "the broker had forgotten the group's offsets; the journal has told them, and the topics still hold its last messages",
            [
                "group": .text(context.configuration.group),
                "partitions": .number(offsets.count),
                "first": .text(
                    offsets.prefix(Self.shownOffsets).map { "\($0.partition) \($0.offset)" }.joined(separator: ", ")),
            ])
    }

    /// What the journal holds of its topics, and how that is compared with what they hold.
    func memory(of partition: Int32, _ path: String, _ head: JournalHead) throws -> TopicMemory {
        let fold = try restorer(path).restore(to: head)
        let activated = try fold.activations.map { try PolicyText(text: $0.text) }
        guard activated.allSatisfy({ $0.eventTopics == context.topics }) else {
            return TopicMemory(isOfTheseTopics: false, lastOffsets: []) { _ in .nothing }
        }
        let lastOffsets = context.topics.indices.map { fold.nextOffsets[$0] < 0 ? nil : fold.nextOffsets[$0] - 1 }
        let folded = try LastMessages(path: path, fileSystem: context.directory.fileSystem)
            .find(Set(lastOffsets.indices.filter { lastOffsets[$0] != nil }), upTo: head)
        // Whoever a prospect was when the message was folded: the configuration may have changed behind it.
        let identities = Set(activated.map(\.identity))
        return TopicMemory(isOfTheseTopics: true, lastOffsets: lastOffsets) { [self] topic in
            let place = TopicPartition(context.topics[topic], partition)
            guard let message = folded[topic] else { return .nothing }
            let found = MessageBatch(capacity: 1)
            let isThere = try insist("looking at the last message that was folded") {
                try reader.record(
                    at: place, offset: message.offset, into: found,
                    timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
            }
            guard isThere, found.offset(0) == message.offset else { return .nothing }
            let isSame = try identities.contains { identity in
                let comparison = try MessageComparison(key: context.directory.key, identity: identity)
                return comparison.isSame(message, found)
            }
            return isSame ? .same : .another
        }
    }
}
