import Configuration
import Contract
import Journey
import Kafka
import Records

/// Says whether a message of a topic is the one that a record of the journal was made from.
///
/// The journal holds no message, but what follows from one: an event is decoded and normalised once more, and must give
/// the same hashes and times, and the same id, source and key where those were kept. Of any other message its timestamp
/// was kept, and whether it had a value.
final class MessageComparison {
    /// By the topic's place in the list.
    private let decoders: [TopicDecoder]
    private var normaliser: Normaliser
    private var records = PersonalRecord.Writer(records: 1)
    private static let types = EventTypeSet(EventType.allCases)

    /// - Parameters:
    ///   - key: the data directory's.
    ///   - topics: the list that the journal was written from.
    ///   - identity: who a prospect was when the message was folded.
    init(key: [UInt8], topics: [String], mappings: EventMappings, identity: Configuration.Identity) throws {
        // The message was accepted once, under rules that may have changed since.
        decoders = try TopicDecoder.decoders(
            of: topics, mappings, identity: identity, pointers: [], lenient: Self.types)
        normaliser = Normaliser(
            key: key,
            settings: Normaliser.Settings(identity: identity, requiresIdentityKey: false, usesTenants: false))
    }

    /// - Parameter message: a batch that holds the one message.
    func isSame(_ folded: FoldedMessage, _ message: MessageBatch) -> Bool {
        guard message.count == 1, message.offset(0) == folded.offset else { return false }
        let timestamp = Instant(milliseconds: message.timestampMilliseconds(0))
        switch folded {
        case .event(let input, let record):
            guard let event = normalise(message, topic: input.topic) else { return false }
            let again = event.input
            return again.type == input.type && again.prospect == input.prospect && again.time == input.time
                && again.product == input.product && again.subject == input.subject && again.consent == input.consent
                && again.address == input.address && Self.isEvent(event.record.view, of: record)
        case .tombstone(let place): return message.value(0) == nil && place.time == timestamp
        case .other(let place): return message.value(0) != nil && place.time == timestamp
        }
    }

    /// What the fold would make of the message; `nil` if that is no event.
    private func normalise(_ message: MessageBatch, topic: UInt8) -> Normaliser.Event? {
        let reader = decoders[Int(topic)]
        guard case .event = reader.decode(message, 0) else { return nil }
        let place = Normaliser.Message(message, 0, topic: Int(topic))
        var event = Normaliser.Event.none
        records.removeAll()
        let refusal = normaliser.normalise(
            reader.decoder, reader.type, place, fields: [], detailed: Self.types, foldsAnywhere: Self.types,
            &records, into: &event)
        return refusal == nil ? event : nil
    }

    /// Whether the record, where one was kept, says of the event what the message just normalised says.
    private static func isEvent(_ again: PersonalRecord.View, of record: [UInt8]) -> Bool {
        if record.isEmpty { return true }
        let tags: [PersonalRecord.Tag] = [.source, .id, .type, .time, .traceparent, .key]
        return record.withUnsafeBytes { bytes in
            let kept = PersonalRecord.View(bytes: bytes)
            return tags.allSatisfy { kept.item($0).equals(again.item($0)) }
        }
    }
}
