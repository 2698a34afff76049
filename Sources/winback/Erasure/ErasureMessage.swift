import Configuration
import Contract
import Engine
import Foundation
import Journey

/// Whom to erase, and when that was asked for.
struct ErasureRequest {
    enum Person {
        /// In lower case, without white space around it.
        case address([UInt8])
        case prospect(String)
    }

    var person: Person
    var tenant: String?
    var id: String
    var time: Date
}

/// The event that asks for an erasure, in the shape of its topic's events.
struct ErasureMessage {
    let key: [UInt8]
    private let event: ComposedEvent
    var value: [UInt8] { event.value }
    var headers: [(name: String, value: [UInt8]?)] { event.headers }

    private static let type = EventType.contactErasureRequested

    /// Throws where events of this shape cannot say it.
    init(_ request: ErasureRequest, _ mapping: EventMapping, topic: String) throws {
        let time = Int64(request.time.timeIntervalSince1970 * 1000)
        var fields: [EventField: String] = [
            .specVersion: "1.0", .type: mapping.typeNames[Self.type]?.first ?? Self.type.name, .id: request.id,
            .source: "winback/erase", .tenant: request.tenant ?? "",
        ]
        switch request.person {
        case .address(let address):
            fields[.email] = String(decoding: address, as: UTF8.self)
            key = address
        case .prospect(let id):
            fields[.prospectID] = id
            key = Array(id.utf8)
        }
        event = try ComposedEvent(fields, time: time, mapping.shape)
        guard try event.reads(as: mapping, .prospect, { Self.asks($0, request, time) }) else {
            throw CommandError(
                .data,
                """
                events of \(topic) cannot ask for an erasure in the shape that `events` gives them: map type, time, email and \
                prospect there, or list another topic first under topics.events
                """)
        }
    }

    private static func asks(_ reader: TopicDecoder, _ request: ErasureRequest, _ time: Int64) -> Bool {
        let event = reader.decoder
        guard reader.type == type, event.tenant.elementsEqual((request.tenant ?? "").utf8),
            abs(event.timeMilliseconds - time) < 2
        else { return false }
        switch request.person {
        case .address(let address): return event.prospectID.isEmpty && event.normalisedEmail.elementsEqual(address)
        case .prospect(let id): return event.prospectID.elementsEqual(id.utf8)
        }
    }
}
