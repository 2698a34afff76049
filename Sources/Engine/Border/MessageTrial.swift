import Configuration
import Contract
import Journey
import Kafka

/// What the engine would make of a message, by the same decoder and checks, without folding it.
public final class MessageTrial {
    private let decoders: [TopicDecoder]
    private let pointers: [String]
    private let ending: EventTypeSet
    private let refusesUnknownTypes: Bool
    private var normaliser: Normaliser
    private var records = PersonalRecord.Writer(records: 1)

    public enum Verdict {
        /// It has no value: ignored.
        case tombstone
        /// Its type is none of ours: ignored.
        case unknownType
        /// It would go to the dead-letter topic.
        case refused(Refusal)
        case event(Event)
    }

    /// What was read out of it; empty texts are missing.
    public struct Event {
        public var type: EventType
        /// In milliseconds since 1970; never later than the message's.
        public var time: Int64
        public var id = "", source = "", tenant = "", prospectID = "", email = "", product = "", subject = ""
        /// There is an address, and it is none.
        public var hasUnusableAddress = false
        public var consent: Bool?
        /// What policies ask for and the event has not, by the names that policies have for it.
        public var missing: [String] = []
    }

    /// - Parameters:
    ///   - knowsKeys: whether messages have the keys that they have in their topic.
    ///   - partitionCount: of the topics; `nil` if it is not known where messages lie.
    public init(_ configuration: Configuration, knowsKeys: Bool, partitionCount: Int?) throws {
        pointers = EventReader.fields(of: configuration.policies)
        ending = EventReader.endingTypes(of: configuration.policies)
        refusesUnknownTypes = configuration.unknownEvents == .refuse
        decoders = try TopicDecoder.decoders(
            of: configuration.topics.events, configuration.events, identity: configuration.identity,
            pointers: pointers, lenient: ending)
        normaliser = Normaliser(
            key: [UInt8](repeating: 0, count: 32),
            settings: Normaliser.Settings(
                identity: configuration.identity,
                requiresIdentityKey: knowsKeys && configuration.topics.key == .identity && partitionCount != 1,
                refusesStrays: configuration.topics.partitioner != .auto, usesTenants: false),
            partitions: PartitionCheck(
                partitioner: configuration.topics.partitioner, partitionCount: partitionCount ?? 1))
    }

    /// - Parameter index: the message's place in the batch; its topic's index is a place in `topics.events`.
    public func judge(_ batch: MessageBatch, _ index: Int) -> Verdict {
        let topic = decoders[batch.topicIndex(index)]
        guard let result = topic.decode(batch, index) else { return .tombstone }
        switch result {
        case .unknownType: return refusesUnknownTypes ? .refused(Refusal(.unknownType, field: .type)) : .unknownType
        case .refused(let refusal): return .refused(refusal)
        case .event: break
        }
        let message = Normaliser.Message(batch, index, topic: batch.topicIndex(index))
        var normalised = Normaliser.Event.none
        records.removeAll()
        let refusal = normaliser.normalise(
            topic.decoder, topic.type, message, fields: [], detailed: [], foldsAnywhere: ending, &records,
            into: &normalised)
        if let refusal { return .refused(refusal) }
        return .event(event(topic, at: normalised.input.time))
    }

    /// Copied out of the decoder.
    private func event(_ topic: TopicDecoder, at time: Instant) -> Event {
        func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
        let decoder = topic.decoder
        let subject = Normaliser.subject(decoder, topic.type)
        return Event(
            type: topic.type, time: time.milliseconds, id: text(decoder.id), source: text(decoder.source),
            tenant: text(decoder.tenant), prospectID: text(decoder.prospectID), email: text(decoder.email),
            product: text(decoder.product), subject: text(subject),
            hasUnusableAddress: decoder.address == .unusable,
            consent: decoder.consent == .unknown ? nil : decoder.consent == .given,
            missing: pointers.indices.filter { !decoder.field($0).isPresent }.map { pointers[$0] })
    }
}
