import Journal
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
        let memory = TopicMemoryReader(
            directory: context.directory, topics: context.topics, mappings: context.configuration.events, reader: reader
        )
        return try memory.read(partition, try restorer(path).restore(to: head), upTo: head) { [self] ask in
            try insist("looking at the last message that was folded", ask)
        }
    }
}
