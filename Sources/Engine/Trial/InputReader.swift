import Configuration
import Contract
import Journey
import Kafka

/// Makes inputs of messages, by the engine's own decoder and checks, for decisions that nobody acts on.
///
/// It keeps nothing of a person. An input's record is the place of its message: one more than its offset, and one more again,
/// so that it is neither none nor what stands for details that were not kept.
public final class InputReader {
    /// What is read out of events besides; a field's number is its place.
    public let pointers: [String]
    private let decoders: [TopicDecoder]
    private let ending: EventTypeSet
    private let refusesUnknownTypes: Bool
    private let digest = PublicDigest()
    private let fields: ContiguousArray<FieldSlot>
    private var normaliser: Normaliser
    private var records = PersonalRecord.Writer(records: 1)

    public enum Reading {
        case tombstone, unknownType, refused
        case input(Input)
    }

    /// - Parameters:
    ///   - configuration: whose topics are read.
    ///   - policies: everybody's who decides on the inputs.
    ///   - key: of the trials that do.
    public init(
        _ configuration: Configuration, policies: [Policy], key: [UInt8], partitionCount: Int
    ) throws {
        pointers = EventReader.fields(of: policies)
        guard pointers.count <= EventBounds.fieldCount else {
            throw EngineError(
                .configurationOlder,
                "both sides together read \(pointers.count) fields out of events, and at most \(EventBounds.fieldCount) "
                    + "can be read at a time: try fewer policies at once.")
        }
        ending = EventReader.endingTypes(of: policies)
        refusesUnknownTypes = configuration.unknownEvents == .refuse
        decoders = try TopicDecoder.decoders(
            of: configuration.topics.events, configuration.events, identity: configuration.identity,
            pointers: pointers, lenient: ending)
        fields = ContiguousArray(pointers.indices.map { FieldSlot(slot: $0, number: $0) })
        normaliser = Normaliser(
            key: key,
            settings: Normaliser.Settings(
                identity: configuration.identity,
                requiresIdentityKey: configuration.topics.key == .identity && partitionCount > 1,
                refusesStrays: configuration.topics.partitioner != .auto, usesTenants: true),
            partitions: PartitionCheck(
                partitioner: configuration.topics.partitioner, partitionCount: partitionCount))
    }

    public static let allTypes = EventTypeSet(EventType.allCases)

    /// - Parameter topic: the message's place in `topics.events`.
    public func read(_ batch: MessageBatch, _ index: Int, topic: Int) -> Reading {
        let decoder = decoders[topic]
        guard let result = decoder.decode(batch, index) else { return .tombstone }
        switch result {
        case .unknownType: return refusesUnknownTypes ? .refused : .unknownType
        case .refused: return .refused
        case .event: break
        }
        var event = Normaliser.Event.none
        records.removeAll()
        let refusal = normaliser.normalise(
            decoder.decoder, decoder.type, Normaliser.Message(batch, index, topic: topic), fields: fields,
            detailed: Self.allTypes, foldsAnywhere: ending, &records, into: &event)
        if refusal != nil { return .refused }
        event.input.seed = digest.seed(of: event.record.view, event.input.prospect)
        event.input.details.record = RecordPosition(rawValue: UInt64(batch.offset(index)) + Self.firstPlace)
        return .input(event.input)
    }

    private static let firstPlace: UInt64 = 2

    /// The offset that an input's record stands for.
    public static func offset(of record: RecordPosition) -> Int64 { Int64(record.rawValue) - Int64(firstPlace) }
}
