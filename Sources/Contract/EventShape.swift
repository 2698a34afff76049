/// Where an event's fields lie in a message, and how they are written there.
public struct EventShape: Hashable, Sendable {
    public var format = Format.cloudEvents
    /// Where the fields are looked for, in this order: the first place that has something counts. At most
    /// `EventBounds.placeCount` each; a field without one is one that events of this shape do not have.
    ///
    /// An event without a tenant belongs to the one with the empty name: a shop that is alone need not name itself.
    public var places: [EventField: [Place]] = Self.cloudEventPlaces
    public var timeFormat: TimeFormat = .rfc3339
    public var identity: Identity = .prospect
    /// What must be there besides type and identity. CloudEvents makes `time` optional: without it the message's
    /// timestamp counts.
    public var required: Set<EventField> = [.specVersion, .id, .source]
    /// What policies use besides, each with its places; at most `EventBounds.fieldCount`: `EventDecoder.field(_:)` finds
    /// them by their place in this list.
    public var fields: [[Place]] = []

    public init() {}

    /// The shape that `schemas/` describes.
    public static let `default` = EventShape()

    /// What a message's value is.
    public enum Format: String, CaseIterable, Hashable, Sendable {
        /// A CloudEvent in either content mode.
        case cloudEvents = "cloudevents"
        /// A JSON object of the publisher's own; all other headers than those that are mapped mean nothing.
        case json
    }

    public enum Place: Hashable, Sendable {
        /// A JSON pointer (RFC 6901) into the structured CloudEvent, or into the message's value where that is none.
        ///
        /// In binary content mode a pointer below `/data` leads into the message's value, and `/name` to the header
        /// `ce_name`.
        case pointer(String)
        /// The name of a header of the message.
        case header(String)
        /// The same for every event.
        case constant(String)
    }

    public enum TimeFormat: String, CaseIterable, Hashable, Sendable {
        case rfc3339
        /// Since 1970, as a number or a text, with or without a fraction.
        case unixSeconds = "seconds"
        /// The same; a fraction is cut off.
        case unixMilliseconds = "milliseconds"
    }

    /// Who a prospect is.
    public enum Identity: Hashable, Sendable {
        /// The prospect's id, or the address where an event has no id.
        case prospect
        /// The address, trimmed and in lower case.
        case email
    }

    public static let cloudEventPlaces: [EventField: [Place]] = [
        .specVersion: [.pointer("/specversion")],
        .type: [.pointer("/type")],
        .id: [.pointer("/id")],
        .source: [.pointer("/source")],
        .time: [.pointer("/time")],
        .subject: [.pointer("/subject")],
        .tenant: [.pointer("/data/tenant")],
        .prospectID: [.pointer("/data/prospect/id")],
        .email: [.pointer("/data/prospect/email")],
        .product: [.pointer("/data/product/id")],
        .aboutSubject: [.pointer("/data/subject")],
        .consent: [.pointer("/data/consent")],
        .traceparent: [.pointer("/traceparent")],
    ]

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

    /// Every place with its slot. First comes a slot for each mapped field by its raw value and for each further field: that
    /// of its first place. What a field has besides comes after them, in `alternatives`.
    struct Layout {
        var places: [(place: Place, slot: Int)] = []
        /// The slots to look into, in this order, where `slot` has nothing.
        var alternatives: [(slot: Int, others: Range<Int>)] = []
        var slotCount: Int

        init(_ shape: EventShape) {
            slotCount = EventField.mapped + shape.fields.count
            for field in EventField.allCases.prefix(EventField.mapped) {
                add(shape.places[field] ?? [], Int(field.rawValue))
            }
            for (i, places) in shape.fields.enumerated() { add(places, EventField.mapped + i) }
        }

        private mutating func add(_ places: [Place], _ slot: Int) {
            guard let first = places.first else { return }
            self.places.append((first, slot))
            guard places.count > 1 else { return }
            let start = slotCount
            for other in places.dropFirst() {
                self.places.append((other, slotCount))
                slotCount += 1
            }
            alternatives.append((slot, start..<slotCount))
        }
    }
}
