import Configuration
import Contract
import Journey
import Kafka

/// From messages to what their shard folds: decodes and normalises them, a group at a time.
///
/// One thread uses one. It reads messages where they lie and allocates nothing for an event that is accepted.
final class EventReader {
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
    }

    /// By the topic's place in the list.
    private let decoders: [TopicDecoder]
    private var normaliser: Normaliser
    private var headers = MessageHeaderViews()
    /// Types that are folded whatever their key, and only need type, identity and time: they keep reminders from being sent.
    private let ending: EventTypeSet
    private let refusesUnknownTypes: Bool
    /// What reading ahead has read, in sum. Means nothing.
    private var touched: UInt8 = 0

    init(key: [UInt8], settings: Settings) throws {
        ending = Self.endingTypes(of: settings.policies)
        refusesUnknownTypes = settings.refusesUnknownTypes
        decoders = try TopicDecoder.decoders(
            of: settings.topics, settings.mappings, identity: settings.identity,
            pointers: Self.fields(of: settings.policies), lenient: ending)
        normaliser = Normaliser(
            key: key,
            settings: Normaliser.Settings(
                identity: settings.identity, requiresIdentityKey: settings.requiresIdentityKey,
                refusesStrays: settings.refusesStrays,
                usesTenants: settings.policies.contains { !$0.tenants.isEmpty },
                keepsEvents: settings.publishesLeads), partitions: settings.partitions)
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

    /// What has been odd so far about the events that were read.
    var tally: Normaliser.Tally { normaliser.tally }

    /// Reads what is planned.
    func read(_ group: EventGroup) {
        guard let batch = group.batch, !group.messages.isEmpty else { return }
        touched &+= batch.touch(group.messages)
        // Taken out once for messages of one topic, and not retained and released for each.
        var topicIndex = batch.topicIndex(group.messages.lowerBound)
        var topic = decoders[topicIndex]
        for index in group.messages {
            if batch.topicIndex(index) != topicIndex {
                topicIndex = batch.topicIndex(index)
                topic = decoders[topicIndex]
            }
            read(batch, index, by: topic, into: group)
        }
    }

    private func read(_ batch: MessageBatch, _ index: Int, by topic: TopicDecoder, into group: EventGroup) {
        guard let value = batch.value(index) else { return group.addTombstone() }
        let decoder = topic.decoder
        if decoder.readsHeaders { headers.read(batch, index) } else { headers.removeAll() }
        let timestamp = batch.timestampMilliseconds(index)
        let result = headers.views.withUnsafeBufferPointer {
            decoder.decode(value: value, headers: $0, messageTimestamp: timestamp)
        }
        switch result {
        case .event: break
        case .unknownType:
            return refusesUnknownTypes
                ? group.add(Refusal(.unknownType, field: .type)) : group.addUnknownType()
        case .refused(let refusal): return group.add(refusal)
        }
        let message = Normaliser.Message(batch, index, topic: batch.topicIndex(index))
        let refusal = normaliser.normalise(
            decoder, topic.type, message, fields: group.fields, detailed: group.detailed, foldsAnywhere: ending,
            &group.records, into: &group.events[index - group.messages.lowerBound])
        if let refusal { group.add(refusal) } else { group.addEvent() }
    }
}
