import Contract
import Foundation
import Testing

/// The default event types, in an order that only these tests use.
let typeNames = [
    "sales-lead.created", "offer.created", "policy.issued", "checkout.started", "checkout.updated",
    "checkout.completed", "payment.pending", "payment.failed", "lead.cancelled", "contact.opted-out",
    "contact.opted-in", "contact.erasure-requested",
]
let lenientTypes: Set<Int> = [2, 5, 9, 11]

enum Schemas {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("schemas")
    static let examples = folder.appendingPathComponent("examples")

    static func example(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: examples.appendingPathComponent(name + ".json")))
    }

    static func object(_ name: String) throws -> [String: Any] {
        let parsed = try JSONSerialization.jsonObject(with: Data(try example(name)))
        return try #require(parsed as? [String: Any])
    }
}

/// What a decoder found, copied out of it.
struct Decoded: Equatable {
    var type: String
    var time: Int64
    var id, source, subject, tenant, prospectID, email, normalisedEmail, product, aboutSubject, traceparent: String
    var consent: EventDecoder.Consent
    var address: EventDecoder.Address
    var fields: [String?]
}

enum Outcome: Equatable {
    case event(Decoded)
    case unknownType
    case refused(Refusal)

    var event: Decoded? { if case .event(let event) = self { event } else { nil } }
    var refusal: Refusal? { if case .refused(let refusal) = self { refusal } else { nil } }
}

extension EventShape {
    /// Further fields that lie where their pointers say.
    mutating func take(_ pointers: [String]) { fields = pointers.map { [.pointer($0)] } }
}

extension EventDecoder {
    static func standard(_ change: (inout EventShape) -> Void = { _ in }) throws -> EventDecoder {
        var shape = EventShape.default
        change(&shape)
        return try EventDecoder(shape: shape, typeNames: typeNames, lenientTypes: lenientTypes)
    }

    func read(
        _ value: [UInt8], headers: [(String, String)] = [], timestamp: Int64 = 1_782_900_000_000
    ) -> Outcome {
        let names = headers.map { Array($0.0.utf8) }
        let values = headers.map { Array($0.1.utf8) }
        // A copy of exactly this size: a read past the end is a crash under a sanitizer, and garbage otherwise.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: value.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: value)
        var views: [HeaderView] = []
        for (name, value) in zip(names, values) {
            views.append(HeaderView(name: .copy(of: name), value: .copy(of: value)))
        }
        defer {
            for view in views {
                view.name.deallocate()
                view.value.deallocate()
            }
        }
        return views.withUnsafeBufferPointer { views in
            switch decode(value: UnsafeRawBufferPointer(copy), headers: views, messageTimestamp: timestamp) {
            case .event: .event(decoded)
            case .unknownType: .unknownType
            case .refused(let refusal): .refused(refusal)
            }
        }
    }

    func read(
        _ text: String, headers: [(String, String)] = [], timestamp: Int64 = 1_782_900_000_000
    ) -> Outcome {
        read(Array(text.utf8), headers: headers, timestamp: timestamp)
    }

    private var decoded: Decoded {
        Decoded(
            type: typeNames[typeIndex], time: timeMilliseconds, id: id.text, source: source.text,
            subject: subject.text, tenant: tenant.text, prospectID: prospectID.text, email: email.text,
            normalisedEmail: normalisedEmail.text, product: product.text, aboutSubject: aboutSubject.text,
            traceparent: traceparent.text, consent: consent, address: address,
            fields: shape.fields.indices.map { i in
                let field = field(i)
                #expect(field.isPresent == (fieldMask & (1 << UInt64(i)) != 0))
                return field.isPresent ? field.bytes.text : nil
            })
    }
}

extension UnsafeRawBufferPointer {
    var text: String { String(decoding: self, as: UTF8.self) }

    static func copy(of bytes: some Collection<UInt8>) -> UnsafeRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        copy.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(copy)
    }
}

/// An event as a text, with parts that a test replaces or leaves out by setting them to nil.
struct EventText {
    var attributes: [(String, String?)] = [
        ("specversion", #""1.0""#), ("id", #""e-1""#), ("source", #""/shop""#), ("type", #""checkout.started""#),
        ("time", #""2026-07-01T09:30:00Z""#),
    ]
    var data: [(String, String?)] = [
        ("tenant", #""shop""#), ("prospect", #"{"id":"p-1","email":"a@example.com"}"#),
    ]

    init(type: String = "checkout.started") { self["type"] = "\"\(type)\"" }

    subscript(name: String) -> String? {
        get { attributes.first { $0.0 == name }?.1 }
        set {
            attributes.removeAll { $0.0 == name }
            attributes.append((name, newValue))
        }
    }

    func with(_ name: String, _ value: String?) -> EventText {
        var copy = self
        copy[name] = value
        return copy
    }

    func with(data name: String, _ value: String?) -> EventText {
        var copy = self
        copy.data.removeAll { $0.0 == name }
        copy.data.append((name, value))
        return copy
    }

    var text: String { Self.object(attributes + [("data", dataText)]) }
    var dataText: String { Self.object(data) }

    private static func object(_ members: [(String, String?)]) -> String {
        "{" + members.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(separator: ",") + "}"
    }
}
