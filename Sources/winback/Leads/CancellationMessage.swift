import Configuration
import Contract
import Engine
import Journey
import Leads

/// A `lead.cancelled` event as a message of one of the event topics.
struct CancellationMessage {
    let topic: String
    let key: String
    let event: ComposedEvent

    /// In the first topic whose mapping can say what the cancellation says: it is read back as the engine reads it.
    init(_ cancellation: LeadCancellation, _ configuration: Configuration, id: String, time: Int64) throws {
        let opening = cancellation.opening
        let usesEmail = configuration.identity == .email || opening.prospectID.isEmpty
        key = opening.key.isEmpty ? (usesEmail ? opening.email : opening.prospectID) : opening.key
        var fields: [EventField: String] = [
            .specVersion: "1.0", .id: id, .source: "\(configuration.commandSource)/leads-cancel",
            .tenant: opening.tenant, .prospectID: opening.prospectID, .product: cancellation.product,
            .aboutSubject: cancellation.subject,
        ]
        // No more than tells who it is: the address where that is the identity, or the key.
        if usesEmail || key == opening.email { fields[.email] = opening.email }
        for topic in configuration.topics.events {
            let mapping = configuration.events.of(topic)
            fields[.type] = mapping.typeNames[.leadCancelled]?.first ?? EventType.leadCancelled.name
            let event = try ComposedEvent(fields, time: time, mapping.shape)
            let isUnderstood = try event.reads(as: mapping, configuration.identity) { [fields] reader in
                Self.says(reader, fields, time)
            }
            guard isUnderstood else { continue }
            (self.topic, self.event) = (topic, event)
            return
        }
        throw CommandError(
            .data,
            """
            no event topic's mapping (`events:`) has a place for all that a cancellation says: type, identity, time, and \
            what the lead is about. Publish it as your services do, or map a type to \(EventType.leadCancelled.name)
            """)
    }

    private static func says(_ reader: TopicDecoder, _ fields: [EventField: String], _ time: Int64) -> Bool {
        let event = reader.decoder
        func says(_ field: EventField, _ bytes: UnsafeRawBufferPointer) -> Bool {
            bytes.elementsEqual((fields[field] ?? "").utf8)
        }
        return reader.type == .leadCancelled && says(.tenant, event.tenant) && says(.prospectID, event.prospectID)
            && says(.product, event.product) && says(.aboutSubject, event.aboutSubject)
            && (fields[.email] == nil || says(.email, event.email)) && abs(event.timeMilliseconds - time) < 2
    }
}
