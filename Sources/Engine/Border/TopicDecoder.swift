import Configuration
import Contract
import Journey
import Kafka

/// Reads the messages of one event topic, by its mapping.
public final class TopicDecoder {
    public let decoder: EventDecoder
    private let types: [EventType]

    /// The type of the event that was decoded last.
    public var type: EventType { types[decoder.typeIndex] }

    /// - Parameters:
    ///   - pointers: what policies use besides, by the names that they have for it; at most `EventBounds.fieldCount`.
    ///   - lenient: types that only need type, identity and time.
    public init(
        _ mapping: EventMapping, identity: Configuration.Identity, pointers: [String] = [],
        lenient: EventTypeSet = []
    ) throws(ContractError) {
        var shape = mapping.shape
        shape.identity = identity == .email ? .email : .prospect
        shape.fields = mapping.places(of: pointers)
        let names = mapping.names
        types = names.map(\.type)
        decoder = try EventDecoder(
            shape: shape, typeNames: names.map(\.name),
            lenientTypes: Set(names.indices.filter { lenient.contains(names[$0].type) }))
    }

    /// Reads one message where it lies in a batch: for few messages, since it allocates. `nil`: it has no value.
    func decode(_ batch: MessageBatch, _ index: Int) -> DecodeResult? {
        guard let value = batch.value(index) else { return nil }
        var headers = MessageHeaderViews()
        headers.read(batch, index)
        return headers.views.withUnsafeBufferPointer {
            decoder.decode(value: value, headers: $0, messageTimestamp: batch.timestampMilliseconds(index))
        }
    }

    /// A decoder for each of the topics; topics of one shape share theirs.
    static func decoders(
        of topics: [String], _ mappings: EventMappings, identity: Configuration.Identity, pointers: [String],
        lenient: EventTypeSet
    ) throws(ContractError) -> [TopicDecoder] {
        var made: [EventMapping: TopicDecoder] = [:]
        var decoders: [TopicDecoder] = []
        for topic in topics {
            let mapping = mappings.of(topic)
            if let decoder = made[mapping] {
                decoders.append(decoder)
            } else {
                let decoder = try TopicDecoder(mapping, identity: identity, pointers: pointers, lenient: lenient)
                made[mapping] = decoder
                decoders.append(decoder)
            }
        }
        return decoders
    }
}
