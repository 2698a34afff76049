import Configuration
import Contract
import Engine
import Foundation
import Journey
import Leads

/// A `lead.cancelled` event as a message of one of the event topics.
struct CancellationMessage {
    let topic: String
    let key: String
    let message: EventComposer.Message

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
            for name in mapping.typeNames[.leadCancelled] ?? [EventType.leadCancelled.name] {
                fields[.type] = name
                let message = try EventComposer(mapping.shape).compose(fields, time: time)
                guard try Self.says(message, fields, mapping, configuration, time: time) else { continue }
                (self.topic, self.message) = (topic, message)
                return
            }
        }
        throw CommandError(
            .data,
            """
            no event topic's mapping (`events:`) has a place for all that a cancellation says: type, identity, time, and \
            what the lead is about. Publish it as your services do, or map a type to \(EventType.leadCancelled.name)
            """)
    }

    private static func says(
        _ message: EventComposer.Message, _ fields: [EventField: String], _ mapping: EventMapping,
        _ configuration: Configuration, time: Int64
    ) throws -> Bool {
        let reader = try TopicDecoder(mapping, identity: configuration.identity, lenient: EventTypeSet(.leadCancelled))
        let names = message.headers.map { Array($0.name.utf8) }
        let values = message.headers.map { Array($0.value.utf8) }
        return message.value.withUnsafeBytes { value in
            withViews(names, values) { views in
                // A minute later: what the event itself says of its time must be what counts.
                guard
                    case .event = reader.decoder.decode(value: value, headers: views, messageTimestamp: time + 60_000)
                else { return false }
                let event = reader.decoder
                func says(_ field: EventField, _ bytes: UnsafeRawBufferPointer) -> Bool {
                    String(decoding: bytes, as: UTF8.self) == fields[field] ?? ""
                }
                return reader.type == .leadCancelled && says(.tenant, event.tenant)
                    && says(.prospectID, event.prospectID) && says(.product, event.product)
                    && says(.aboutSubject, event.aboutSubject) && (fields[.email] == nil || says(.email, event.email))
                    && abs(event.timeMilliseconds - time) < 1000
            }
        }
    }

    private static func withViews<Value>(
        _ names: [[UInt8]], _ values: [[UInt8]], _ body: (UnsafeBufferPointer<HeaderView>) -> Value
    ) -> Value {
        var views: [HeaderView] = []
        func add(_ index: Int) -> Value {
            guard index < names.count else { return views.withUnsafeBufferPointer(body) }
            return names[index].withUnsafeBytes { name in
                values[index].withUnsafeBytes { value in
                    views.append(HeaderView(name: name, value: value))
                    return add(index + 1)
                }
            }
        }
        return add(0)
    }
}
