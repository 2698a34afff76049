import Contract
import Foundation
import Terminal

/// Writes events in the shape that the messages of a topic have: for what a command publishes on an operator's behalf.
///
/// Each field goes to the first of its places; one that is a constant, or that the shape has no place for, is not written.
/// Whether that says what it should is known by decoding it.
struct EventComposer {
    /// A message's value, and its headers.
    struct Message: Sendable, Equatable {
        var value: [UInt8]
        var headers: [Header]
    }

    struct Header: Sendable, Equatable {
        var name: String
        var value: String
    }

    private let shape: EventShape

    init(_ shape: EventShape) { self.shape = shape }

    /// - Parameters:
    ///   - fields: as texts; empty ones are left out. The time comes beside them.
    ///   - time: in milliseconds since 1970.
    func compose(_ fields: [EventField: String], time: Int64) throws -> Message {
        var object: [String: Any] = [:]
        let isCloudEvent = shape.format == .cloudEvents
        var headers = [
            Header(name: "content-type", value: isCloudEvent ? "application/cloudevents+json" : "application/json")
        ]
        var texts = fields
        if shape.timeFormat == .rfc3339 { texts[.time] = TimeText.utc(time, .milliseconds) }
        for (field, text) in texts where !text.isEmpty {
            put(text, shape.places[field]?.first, &object, &headers, text)
        }
        switch shape.timeFormat {
        case .rfc3339: break
        case .unixSeconds:
            put(Double(time) / 1000, shape.places[.time]?.first, &object, &headers, "\(Double(time) / 1000)")
        case .unixMilliseconds: put(time, shape.places[.time]?.first, &object, &headers, "\(time)")
        }
        let value = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
        return Message(value: Array(value), headers: headers.sorted { $0.name < $1.name })
    }

    private func put(
        _ value: Any, _ place: EventShape.Place?, _ object: inout [String: Any], _ headers: inout [Header],
        _ text: String
    ) {
        switch place {
        case .pointer(let pointer):
            let path = pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
                $0.replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~")
            }
            Self.set(value, at: path[...], in: &object)
        case .header(let name): headers.append(Header(name: name, value: text))
        case .constant, nil: break
        }
    }

    private static func set(_ value: Any, at path: ArraySlice<String>, in object: inout [String: Any]) {
        guard let name = path.first else { return }
        if path.count == 1 {
            object[name] = value
            return
        }
        var inner = object[name] as? [String: Any] ?? [:]
        set(value, at: path.dropFirst(), in: &inner)
        object[name] = inner
    }
}
