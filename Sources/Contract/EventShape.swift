/// Where an event's fields lie, as JSON pointers (RFC 6901) into the structured CloudEvent.
///
/// In binary content mode a pointer below `/data` leads into the message's value, and `/name` to the header `ce_name`.
/// A pointer that is `nil` is a field that events of this shape do not have.
public struct EventShape: Hashable, Sendable {
    public var specVersion: String? = "/specversion"
    public var type = "/type"
    public var id: String? = "/id"
    public var source: String? = "/source"
    public var time: String? = "/time"
    public var subject: String? = "/subject"
    /// An event without it belongs to the tenant with the empty name: a shop that is alone need not name itself.
    public var tenant: String? = "/data/tenant"
    public var prospectID: String? = "/data/prospect/id"
    public var email: String? = "/data/prospect/email"
    public var product: String? = "/data/product/id"
    public var aboutSubject: String? = "/data/subject"
    public var consent: String? = "/data/consent"
    public var traceparent: String? = "/traceparent"
    public var timeFormat: TimeFormat = .rfc3339
    public var identity: Identity = .prospect
    /// What must be there besides type and identity. CloudEvents makes `time` optional: without it the message's
    /// timestamp counts.
    public var required: Set<EventField> = [.specVersion, .id, .source]
    /// What policies use besides, at most `EventBounds.fieldCount`: `EventDecoder.field(_:)` finds them by their place.
    public var fields: [String] = []

    public init() {}

    /// The shape that `schemas/` describes.
    public static let `default` = EventShape()

    public enum TimeFormat: Hashable, Sendable {
        case rfc3339
        /// A JSON number without fraction.
        case unixMilliseconds
    }

    /// Who a prospect is.
    public enum Identity: Hashable, Sendable {
        /// The prospect's id, or the address where an event has no id.
        case prospect
        /// The address, trimmed and in lower case.
        case email
    }

    /// Whether `pointer` is a JSON pointer.
    public static func isPointer(_ pointer: String) -> Bool {
        guard pointer.isEmpty || pointer.utf8.first == UInt8(ascii: "/") else { return false }
        var escape = false
        for byte in pointer.utf8 {
            if escape {
                guard byte == UInt8(ascii: "0") || byte == UInt8(ascii: "1") else { return false }
                escape = false
            } else {
                escape = byte == UInt8(ascii: "~")
            }
        }
        return !escape
    }

    func pointer(_ field: EventField) -> String? {
        switch field {
        case .specVersion: specVersion
        case .type: type
        case .id: id
        case .source: source
        case .time: time
        case .subject: subject
        case .tenant: tenant
        case .prospectID: prospectID
        case .email: email
        case .product: product
        case .aboutSubject: aboutSubject
        case .consent: consent
        case .traceparent: traceparent
        case .further, .value, .headers, .key: nil
        }
    }

    /// Every pointer with its slot: the mapped fields by their raw values, then the further ones.
    var targets: [(pointer: String, slot: Int)] {
        let mapped = EventField.allCases.prefix(EventField.mapped).compactMap { field in
            pointer(field).map { (pointer: $0, slot: Int(field.rawValue)) }
        }
        return mapped + fields.enumerated().map { (pointer: $1, slot: EventField.mapped + $0) }
    }
}
