import Configuration
import Contract
import Engine
import Foundation
import Terminal

/// An event that a command publishes on an operator's behalf, in the shape that the messages of a topic have.
///
/// Each field goes to the first of its places; one that is a constant, or that the shape has no place for, is not written.
/// So whether the message says what it should is known by reading it.
struct ComposedEvent {
    let value: [UInt8]
    let headers: [(name: String, value: [UInt8]?)]

    /// - Parameters:
    ///   - fields: as texts; empty ones are left out.
    ///   - time: in milliseconds since 1970.
    init(_ fields: [EventField: String], time: Int64, _ shape: EventShape) throws {
        var object: [String: Any] = [:]
        var headers: [(name: String, value: [UInt8]?)] = []
        if shape.format == .cloudEvents {
            headers.append((name: "content-type", value: Array("application/cloudevents+json".utf8)))
            object["datacontenttype"] = "application/json"
        }
        var contents: [EventField: Any] = fields.filter { !$0.value.isEmpty }
        contents[.time] = Self.time(time, shape.timeFormat)
        for field in EventField.allCases {
            guard let content = contents[field] else { continue }
            switch shape.places[field]?.first {
            case .pointer(let pointer): Self.put(content, at: Self.tokens(pointer)[...], into: &object)
            case .header(let name): headers.append((name: name, value: Array("\(content)".utf8)))
            case .constant, nil: continue
            }
        }
        self.headers = headers
        value = Array(
            try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]))
    }

    private static func time(_ milliseconds: Int64, _ format: EventShape.TimeFormat) -> Any {
        switch format {
        case .rfc3339: TimeText.utc(milliseconds, .milliseconds)
        case .unixSeconds: Double(milliseconds) / 1000
        case .unixMilliseconds: milliseconds
        }
    }

    private static func tokens(_ pointer: String) -> [String] {
        pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    private static func put(_ content: Any, at path: ArraySlice<String>, into object: inout [String: Any]) {
        guard let name = path.first else { return }
        if path.count == 1 {
            object[name] = content
        } else {
            var inner = object[name] as? [String: Any] ?? [:]
            put(content, at: path.dropFirst(), into: &inner)
            object[name] = inner
        }
    }

    /// Whether it is an event for the engine, and `check` is content with what the engine reads.
    func reads(
        as mapping: EventMapping, _ identity: Configuration.Identity, _ check: (TopicDecoder) -> Bool
    ) throws -> Bool {
        let reader = try TopicDecoder(mapping, identity: identity)
        let result = value.withUnsafeBytes { value in
            // A message without a time: what counts is what the event itself says.
            withHeaderViews { reader.decoder.decode(value: value, headers: $0, messageTimestamp: 0) }
        }
        guard case .event = result else { return false }
        return check(reader)
    }

    private func withHeaderViews<Result>(_ body: (UnsafeBufferPointer<HeaderView>) -> Result) -> Result {
        let bytes = headers.flatMap { Array($0.name.utf8) + ($0.value ?? []) }
        return bytes.withUnsafeBytes { bytes in
            var end = 0
            func next(_ count: Int) -> UnsafeRawBufferPointer {
                end += count
                return UnsafeRawBufferPointer(rebasing: bytes[end - count..<end])
            }
            let views = headers.map { header in
                let name = next(header.name.utf8.count)
                return HeaderView(name: name, value: next(header.value?.count ?? 0))
            }
            return views.withUnsafeBufferPointer(body)
        }
    }
}
