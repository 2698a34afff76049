import Configuration
import Contract
import Foundation
import Journey
import Terminal

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
    let value: [UInt8]
    let headers: [(name: String, value: [UInt8]?)]

    private static let type = EventType.contactErasureRequested

    /// Throws where events of this shape cannot say it.
    init(_ request: ErasureRequest, _ mapping: EventMapping, topic: String) throws {
        let shape = mapping.shape
        var body: [String: Any] = [:]
        var headers: [(name: String, value: [UInt8]?)] = []
        if shape.format == .cloudEvents {
            headers.append((name: "content-type", value: Array("application/cloudevents+json".utf8)))
            body["datacontenttype"] = "application/json"
        }
        for (field, content) in Self.contents(request, mapping) {
            switch shape.places[field]?.first {
            case .pointer(let pointer): Self.put(content, at: Self.tokens(pointer)[...], into: &body)
            case .header(let name): headers.append((name: name, value: Array("\(content)".utf8)))
            case .constant, nil: continue
            }
        }
        self.headers = headers
        value = Array(
            try JSONSerialization.data(withJSONObject: body, options: [.sortedKeys, .withoutEscapingSlashes]))
        switch request.person {
        case .address(let address): key = address
        case .prospect(let id): key = Array(id.utf8)
        }
        guard try isUnderstood(request, mapping) else {
            throw CommandError(
                .data,
                """
                events of \(topic) cannot ask for an erasure in the shape that `events` gives them: map type, time, email and \
                prospect there, or list another topic first under topics.events
                """)
        }
    }

    private static func contents(_ request: ErasureRequest, _ mapping: EventMapping) -> [(EventField, Any)] {
        let milliseconds = Int64(request.time.timeIntervalSince1970 * 1000)
        let time: Any =
            switch mapping.shape.timeFormat {
            case .rfc3339: TimeText.utc(milliseconds, .milliseconds)
            case .unixSeconds: Double(milliseconds) / 1000
            case .unixMilliseconds: milliseconds
            }
        var contents: [(EventField, Any)] = [
            (.specVersion, "1.0"), (.type, mapping.typeNames[type]?.first ?? type.name), (.id, request.id),
            (.source, "winback/erase"), (.time, time),
        ]
        if let tenant = request.tenant { contents.append((.tenant, tenant)) }
        switch request.person {
        case .address(let address): contents.append((.email, String(decoding: address, as: UTF8.self)))
        case .prospect(let id): contents.append((.prospectID, id))
        }
        return contents
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

    /// Read as the engine will read it.
    private func isUnderstood(_ request: ErasureRequest, _ mapping: EventMapping) throws -> Bool {
        let names = mapping.names
        let decoder = try EventDecoder(shape: mapping.shape, typeNames: names.map(\.name))
        let result = value.withUnsafeBytes { value in
            withHeaderViews { decoder.decode(value: value, headers: $0, messageTimestamp: 0) }
        }
        guard case .event = result, names[decoder.typeIndex].type == Self.type,
            decoder.tenant.elementsEqual((request.tenant ?? "").utf8),
            abs(decoder.timeMilliseconds - Int64(request.time.timeIntervalSince1970 * 1000)) < 2
        else { return false }
        switch request.person {
        case .address(let address): return decoder.prospectID.isEmpty && decoder.normalisedEmail.elementsEqual(address)
        case .prospect(let id): return decoder.prospectID.elementsEqual(id.utf8)
        }
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
