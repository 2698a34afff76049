import Configuration
import Contract
import Journey
import Kafka
import Records

/// The way of one message from its bytes to its shard: decode, normalise, fold; or pass it on as a dead letter.
///
/// One per worker. It reads the message where it lies and allocates nothing for an event that is accepted.
final class EventFolder {
    /// What every shard of a worker shares.
    struct Settings {
        var topics: [String]
        var policies: [Policy]
        var identity: EventShape.Identity
        var requiresIdentityKey: Bool
        var refusesUnknownTypes: Bool
        var deadLetterBytes = Settings.defaultDeadLetterBytes

        /// What both librdkafka's and the broker's default of a million bytes leave room for beside what we add.
        static let defaultDeadLetterBytes = 950_000
    }

    private let settings: Settings
    private let decoder: EventDecoder
    private var normaliser: Normaliser
    private var headers: [MessageHeader] = []
    private(set) var headerViews: ContiguousArray<HeaderView> = []
    let deadLetter = DeadLetter()
    let topics: [StableText]
    /// How many bytes of a refused message, value, key and headers together, a dead letter may carry.
    let deadLetterBytes: Int
    private let types: [EventType]
    /// Types that are folded whatever their key, and only need type, identity and time: they keep reminders from being sent.
    private let ending: EventTypeSet

    init(key: [UInt8], settings: Settings) throws {
        self.settings = settings
        topics = settings.topics.map { StableText($0) }
        deadLetterBytes = settings.deadLetterBytes
        types = EventType.allCases
        var ending = EventTypeSet([.contactOptedOut, .contactErasureRequested, .leadCancelled])
        for policy in settings.policies { ending.formUnion(policy.convertsOn) }
        // A type that also opens a journey must be complete: what it opens could not be mailed otherwise.
        for policy in settings.policies { ending.subtract(policy.opensOn) }
        self.ending = ending
        var shape = EventShape.default
        shape.identity = settings.identity
        shape.fields = Self.fields(of: settings.policies)
        decoder = try EventDecoder(
            shape: shape, typeNames: types.map(\.name),
            lenientTypes: Set(types.indices.filter { [types, ending] in ending.contains(types[$0]) }))
        normaliser = Normaliser(
            key: key,
            settings: Normaliser.Settings(
                identity: settings.identity, requiresIdentityKey: settings.requiresIdentityKey,
                usesTenants: settings.policies.contains { !$0.tenants.isEmpty }))
    }

    convenience init(
        key: [UInt8], configuration: Configuration, partitionCount: Int,
        deadLetterBytes: Int = Settings.defaultDeadLetterBytes
    ) throws {
        try self.init(
            key: key,
            settings: Settings(
                topics: configuration.topics.events, policies: configuration.policies,
                identity: configuration.identity == .email ? .email : .prospect,
                requiresIdentityKey: configuration.topics.key == .identity && partitionCount > 1,
                refusesUnknownTypes: configuration.unknownEvents == .refuse, deadLetterBytes: deadLetterBytes))
    }

    /// The JSON pointers that commands are made from, each once, in the order of the configuration.
    static func fields(of policies: [Policy]) -> [String] {
        var seen = Set<String>()
        return policies.flatMap(\.command.pointers).filter { seen.insert($0).inserted }
    }

    var foreignKeys: UInt64 { normaliser.foreignKeys }

    func fold(_ batch: MessageBatch, _ index: Int, into shard: Shard, _ outbox: inout Outbox) throws {
        let topic = UInt8(truncatingIfNeeded: batch.topicIndex(index))
        let offset = batch.offset(index)
        let timestamp = batch.timestampMilliseconds(index)
        let place = MessagePlace(topic: topic, offset: offset, time: Instant(milliseconds: timestamp))
        guard let value = batch.value(index) else {
            try shard.pass(place, .tombstone)
            return
        }
        readHeaders(batch, index)
        let result = headerViews.withUnsafeBufferPointer {
            decoder.decode(value: value, headers: $0, messageTimestamp: timestamp)
        }
        switch result {
        case .event: try foldEvent(batch, index, topic, value, into: shard, &outbox)
        case .unknownType where settings.refusesUnknownTypes:
            try refuse(Refusal(.unknownType, field: .type), batch, index, value, shard, &outbox)
        case .unknownType:
            try shard.pass(place, .unknownType)
        case .refused(let refusal): try refuse(refusal, batch, index, value, shard, &outbox)
        }
    }

    private func foldEvent(
        _ batch: MessageBatch, _ index: Int, _ topic: UInt8, _ value: UnsafeRawBufferPointer, into shard: Shard,
        _ outbox: inout Outbox
    ) throws {
        let message = Normaliser.Message(
            topic: topic, offset: batch.offset(index), key: batch.key(index),
            timestamp: Instant(milliseconds: batch.timestampMilliseconds(index)))
        let normalised = normaliser.normalise(
            decoder, types[decoder.typeIndex], message, fields: shard.fieldSlots, foldsAnywhere: ending)
        switch normalised {
        case .success(let input):
            try shard.fold(input, record: normaliser.record) { normaliser.seed(decoder, input) }
        case .failure(let refusal): try refuse(refusal, batch, index, value, shard, &outbox)
        }
    }

    private func readHeaders(_ batch: MessageBatch, _ index: Int) {
        headerViews.removeAll(keepingCapacity: true)
        batch.headers(index, into: &headers)
        for header in headers {
            headerViews.append(
                HeaderView(
                    name: header.name, value: header.value ?? UnsafeRawBufferPointer(start: nil, count: 0)))
        }
    }
}
