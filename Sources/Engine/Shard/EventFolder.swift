import Configuration
import Contract
import Journey
import Kafka
import Records

/// The way of messages from their bytes to their shard: decode, normalise, fold; or pass them on as dead letters.
///
/// A group of messages is decoded first, then the memory of all their prospects is read ahead, then each is folded in its
/// turn: a prospect is in nobody's cache, and waiting for one after the other took a sixth of `winback-bench`'s time.
///
/// One per worker. It reads messages where they lie and allocates nothing for an event that is accepted.
final class EventFolder {
    /// What every shard of a worker shares.
    struct Settings {
        var topics: [String]
        var policies: [Policy]
        var mappings = EventMappings()
        var identity: Configuration.Identity
        var requiresIdentityKey: Bool
        var partitions = PartitionCheck(partitioner: .any, partitionCount: 1)
        /// Whether what lies in another partition than its key's is a dead letter.
        var refusesStrays = false
        var refusesUnknownTypes: Bool
        var publishesLeads = false
        var deadLetterBytes = Settings.defaultDeadLetterBytes

        /// What both librdkafka's and the broker's default of a million bytes leave room for beside what we add.
        static let defaultDeadLetterBytes = 950_000
    }

    private let settings: Settings
    /// By the topic's place in the list.
    private let decoders: [TopicDecoder]
    private var normaliser: Normaliser
    private var headers: [MessageHeader] = []
    private(set) var headerViews: ContiguousArray<HeaderView> = []
    let deadLetter = DeadLetter()
    let topics: [StableText]
    /// How many bytes of a refused message, value, key and headers together, a dead letter may carry.
    let deadLetterBytes: Int
    /// Types that are folded whatever their key, and only need type, identity and time: they keep reminders from being sent.
    private let ending: EventTypeSet

    /// Messages of a group, all of one partition.
    private static let groupCount = 32
    private var group: ContiguousArray<Decoded> = []
    /// By the message's place in the group; in memory of its own, where it is filled and changed without a copy.
    private let events: UnsafeMutablePointer<Normaliser.Event>
    private var prospects: ContiguousArray<ProspectKey> = []
    private var refusals: [Refusal] = []

    /// What decoding has found a message to be.
    private enum Decoded {
        /// It is in `events`.
        case event
        case tombstone, unknownType
        /// The next of `refusals`.
        case refused
    }

    init(key: [UInt8], settings: Settings) throws {
        self.settings = settings
        events = .allocate(capacity: Self.groupCount)
        events.initialize(repeating: .none, count: Self.groupCount)
        topics = settings.topics.map { StableText($0) }
        deadLetterBytes = settings.deadLetterBytes
        ending = Self.endingTypes(of: settings.policies)
        decoders = try TopicDecoder.decoders(
            of: settings.topics, settings.mappings, identity: settings.identity,
            pointers: Self.fields(of: settings.policies), lenient: ending)
        normaliser = Normaliser(
            key: key,
            settings: Normaliser.Settings(
                identity: settings.identity, requiresIdentityKey: settings.requiresIdentityKey,
                refusesStrays: settings.refusesStrays,
                usesTenants: settings.policies.contains { !$0.tenants.isEmpty },
                keepsEvents: settings.publishesLeads), partitions: settings.partitions, records: Self.groupCount)
    }

    deinit { events.deallocate() }

    convenience init(
        key: [UInt8], configuration: Configuration, partitionCount: Int,
        deadLetterBytes: Int = Settings.defaultDeadLetterBytes
    ) throws {
        try self.init(
            key: key,
            settings: Settings(
                topics: configuration.topics.events, policies: configuration.policies,
                mappings: configuration.events, identity: configuration.identity,
                requiresIdentityKey: configuration.topics.key == .identity && partitionCount > 1,
                partitions: PartitionCheck(
                    partitioner: configuration.topics.partitioner, partitionCount: partitionCount),
                refusesStrays: configuration.topics.partitioner != .auto,
                refusesUnknownTypes: configuration.unknownEvents == .refuse,
                publishesLeads: configuration.topics.leads != nil, deadLetterBytes: deadLetterBytes))
    }

    static func endingTypes(of policies: [Policy]) -> EventTypeSet {
        var ending = EventTypeSet([.contactOptedOut, .contactErasureRequested, .leadCancelled])
        for policy in policies { ending.formUnion(policy.convertsOn) }
        // A type that also opens a journey must be complete: what it opens could not be mailed otherwise.
        for policy in policies { ending.subtract(policy.opensOn) }
        return ending
    }

    /// The JSON pointers that commands are made from, each once, in the order of the configuration.
    static func fields(of policies: [Policy]) -> [String] {
        var seen = Set<String>()
        return policies.flatMap(\.command.pointers).filter { seen.insert($0).inserted }
    }

    /// What was folded or refused so far and is told.
    var oddities: EngineStatus.Oddities { normaliser.oddities }

    /// Folds a batch in its order, each message into the shard of its partition. Those of partitions without a shard are
    /// passed over: they are somebody else's.
    func fold(_ batch: MessageBatch, into shards: [Shard?], _ outbox: Outbox) throws {
        var start = 0
        while start < batch.count {
            let partition = batch.partition(start)
            var end = start + 1
            while end < min(batch.count, start + Self.groupCount), batch.partition(end) == partition { end += 1 }
            if Int(partition) < shards.count, let shard = shards[Int(partition)] {
                try fold(batch, start..<end, into: shard, outbox)
            }
            start = end
        }
        for shard in shards { shard?.endBatch() }
    }

    private func fold(
        _ batch: MessageBatch, _ messages: Range<Int>, into shard: Shard, _ outbox: Outbox
    ) throws {
        normaliser.beginGroup()
        group.removeAll(keepingCapacity: true)
        prospects.removeAll(keepingCapacity: true)
        refusals.removeAll(keepingCapacity: true)
        batch.touch(messages)
        let detailed = shard.fold.policies.detailedTypes
        for place in 0..<messages.count {
            group.append(decode(batch, messages.lowerBound + place, shard.fieldSlots, detailed, into: &events[place]))
        }
        prospects.withUnsafeBufferPointer { shard.fold.prospects.touch($0) }
        var refused = 0
        for place in 0..<messages.count {
            let index = messages.lowerBound + place
            switch group[place] {
            case .event: try shard.fold(&events[place], into: outbox)
            case .tombstone: try shard.pass(self.place(batch, index), .tombstone)
            case .unknownType: try shard.pass(self.place(batch, index), .unknownType)
            case .refused:
                try refuse(refusals[refused], batch, index, shard, outbox)
                refused += 1
            }
            try shard.sealIfLarge()
        }
    }

    private func decode(
        _ batch: MessageBatch, _ index: Int, _ fields: ContiguousArray<FieldSlot>, _ detailed: EventTypeSet,
        into event: inout Normaliser.Event
    ) -> Decoded {
        guard let value = batch.value(index) else { return .tombstone }
        let topic = decoders[batch.topicIndex(index)]
        let decoder = topic.decoder
        if decoder.readsHeaders { readHeaders(batch, index) } else { headerViews.removeAll(keepingCapacity: true) }
        let timestamp = batch.timestampMilliseconds(index)
        let result = headerViews.withUnsafeBufferPointer {
            decoder.decode(value: value, headers: $0, messageTimestamp: timestamp)
        }
        switch result {
        case .event: break
        case .unknownType:
            return settings.refusesUnknownTypes ? refused(Refusal(.unknownType, field: .type)) : .unknownType
        case .refused(let refusal): return refused(refusal)
        }
        let message = Normaliser.Message(batch, index, topic: batch.topicIndex(index))
        let refusal = normaliser.normalise(
            decoder, topic.type, message, fields: fields, detailed: detailed,
            foldsAnywhere: ending, into: &event)
        if let refusal { return refused(refusal) }
        prospects.append(event.input.prospect)
        return .event
    }

    private func refused(_ refusal: Refusal) -> Decoded {
        refusals.append(refusal)
        return .refused
    }

    func place(_ batch: MessageBatch, _ index: Int) -> MessagePlace {
        MessagePlace(
            topic: UInt8(truncatingIfNeeded: batch.topicIndex(index)), offset: batch.offset(index),
            time: Instant(milliseconds: batch.timestampMilliseconds(index)))
    }

    /// Fills `headerViews`.
    func readHeaders(_ batch: MessageBatch, _ index: Int) {
        headerViews.removeAll(keepingCapacity: true)
        batch.headers(index, into: &headers)
        for header in headers {
            headerViews.append(
                HeaderView(
                    name: header.name, value: header.value ?? UnsafeRawBufferPointer(start: nil, count: 0)))
        }
    }
}
