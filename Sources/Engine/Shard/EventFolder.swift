import Configuration
import Contract
import Journey
import Kafka
import Records

/// The way of messages from their bytes to their shard: read (decoded, normalised), then folded, or passed on as dead letters.
///
/// A group of messages is read first, then the memory of all their prospects is read ahead, then each is folded in its
/// turn: a prospect is in nobody's cache, and waiting for one after the other took a sixth of `winback-bench`'s time.
/// Reading is half of the work and depends on nothing that the fold changes, so a helper does what it can of it on another
/// core; what it is and in which order it is folded is the same without one.
///
/// One per worker.
final class EventFolder {
    struct Settings {
        var reading: EventReader.Settings
        /// Whether a thread of its own reads ahead of the fold.
        var readsAhead = false
        var deadLetterBytes = Settings.defaultDeadLetterBytes

        /// What both librdkafka's and the broker's default of a million bytes leave room for beside what we add.
        static let defaultDeadLetterBytes = 950_000
    }

    private let reader: EventReader
    private let helper: ReadingHelper?
    private let groups: EventGroups
    let deadLetter = DeadLetter()
    let topics: [StableText]
    /// How many bytes of a refused message, value, key and headers together, a dead letter may carry.
    let deadLetterBytes: Int

    /// How many groups the helper may be ahead: what it reads in a millisecond, so that the fold goes on while the helper
    /// waits for a processor.
    private static let groupsAhead = 32

    init(key: [UInt8], settings: Settings) throws {
        topics = settings.reading.topics.map { StableText($0) }
        deadLetterBytes = settings.deadLetterBytes
        reader = try EventReader(key: key, settings: settings.reading)
        groups = EventGroups(capacity: settings.readsAhead ? Self.groupsAhead : 1)
        helper =
            settings.readsAhead
            ? ReadingHelper(of: groups, reader: try EventReader(key: key, settings: settings.reading)) : nil
    }

    convenience init(
        key: [UInt8], configuration: Configuration, partitionCount: Int, readsAhead: Bool = false,
        deadLetterBytes: Int = Settings.defaultDeadLetterBytes
    ) throws {
        try self.init(
            key: key,
            settings: Settings(
                reading: EventReader.Settings(
                    topics: configuration.topics.events, policies: configuration.policies,
                    mappings: configuration.events, identity: configuration.identity,
                    requiresIdentityKey: configuration.topics.key == .identity && partitionCount > 1,
                    partitions: PartitionCheck(
                        partitioner: configuration.topics.partitioner, partitionCount: partitionCount),
                    refusesStrays: configuration.topics.partitioner != .auto,
                    refusesUnknownTypes: configuration.unknownEvents == .refuse,
                    publishesLeads: configuration.topics.leads != nil),
                readsAhead: readsAhead, deadLetterBytes: deadLetterBytes))
    }

    /// What was folded or refused so far and is told. Not while a batch is folded.
    var oddities: EngineStatus.Oddities {
        var tally = reader.tally
        if let helper { tally.add(helper.tally) }
        return tally.oddities
    }

    /// Folds a batch in its order, each message into the shard of its partition. Those of partitions without a shard are
    /// passed over: they are somebody else's.
    func fold(_ batch: MessageBatch, into shards: [Shard?], _ outbox: Outbox) throws {
        defer { groups.clear() }
        var start = plan(batch, from: 0, shards)
        while let group = groups.next(reading: reader.read), let first = group.messages.first,
            let shard = shards[Int(batch.partition(first))]
        {
            try fold(group, of: batch, into: shard, outbox)
            groups.advance()
            start = plan(batch, from: start, shards)
        }
        for shard in shards { shard?.endBatch() }
    }

    /// Plans as many groups as there is room for.
    ///
    /// - Returns: the first message that is left.
    private func plan(_ batch: MessageBatch, from start: Int, _ shards: [Shard?]) -> Int {
        var start = start
        while start < batch.count, groups.hasRoom {
            let partition = batch.partition(start)
            var end = start + 1
            while end < min(batch.count, start + EventGroup.capacity), batch.partition(end) == partition { end += 1 }
            if Int(partition) < shards.count, let shard = shards[Int(partition)] {
                groups.plan { $0.plan(start..<end, of: batch, for: shard) }
            }
            start = end
        }
        return start
    }

    private func fold(_ group: EventGroup, of batch: MessageBatch, into shard: Shard, _ outbox: Outbox) throws {
        group.prospects.withUnsafeBufferPointer { shard.fold.prospects.touch($0) }
        var refused = 0
        for place in group.contents.indices {
            let index = group.messages.lowerBound + place
            switch group.contents[place] {
            case .event: try shard.fold(&group.events[place], into: outbox)
            case .tombstone: try shard.pass(self.place(batch, index), .tombstone)
            case .unknownType: try shard.pass(self.place(batch, index), .unknownType)
            case .refused:
                try refuse(group.refusals[refused], batch, index, shard, outbox)
                refused += 1
            }
            try shard.sealIfLarge()
        }
    }

    func place(_ batch: MessageBatch, _ index: Int) -> MessagePlace {
        MessagePlace(
            topic: UInt8(truncatingIfNeeded: batch.topicIndex(index)), offset: batch.offset(index),
            time: Instant(milliseconds: batch.timestampMilliseconds(index)))
    }
}
