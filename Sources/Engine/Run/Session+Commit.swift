import Journey
import Kafka
import Telemetry

extension Session {
    /// The one commit point: the frames are durable, then one transaction holds commands, dead letters and offsets.
    func commit(within milliseconds: Int) throws {
        let dirty = shards.values.filter(\.isDirty).sorted { $0.partition < $1.partition }
        guard !dirty.isEmpty else { return }
        for shard in dirty { try shard.seal() }
        for shard in dirty { try shard.journal.sync() }
        try producer.begin()
        try outbox.send(
            through: producer, reminders: context.configuration.topics.reminders,
            deadLetters: context.configuration.topics.deadLetters)
        try producer.sendOffsets(
            offsets(of: dirty), of: consumer,
            timeoutMilliseconds: Int32(min(milliseconds, WorkerLimits.callMilliseconds)))
        try requireFresh()
        try producer.commit(timeoutMilliseconds: Int32(milliseconds))
        for shard in dirty { shard.confirm() }
        context.board.confirmed(dirty.map { ($0.partition, $0.journal.confirmed) }, at: context.time.wall)
        committed()
    }

    func offsets(of shards: [Shard]) -> [PartitionOffset] {
        shards.flatMap { shard in
            let metadata = OffsetMetadata(head: shard.journal.head).text
            return context.topics.enumerated().map { index, topic in
                PartitionOffset(
                    TopicPartition(topic, shard.partition), offset: shard.fold.nextOffsets[index], metadata: metadata)
            }
        }
    }

    /// What was decided from a tick must not be committed once the tick's sample is old: a purchase may have been
    /// acknowledged since. `transaction.timeout.ms` bounds what follows.
    private func requireFresh() throws {
        guard let oldestTick else { return }
        let age = context.time.bootMilliseconds - oldestTick
        guard age > context.configuration.clock.maxAge.milliseconds else { return }
        try producer.abort(timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
        throw SessionEnd.recover("the end offsets that reminders were decided from are \(age) ms old")
    }
}
