/// What an event is made of, as far as Winback reads it; also the places that a refusal can point at.
public enum EventField: UInt8, CaseIterable, Hashable, Sendable {
    case specVersion = 0
    case type = 1
    case id = 2
    case source = 3
    case time = 4
    /// CloudEvents `subject`: what an opening is about.
    case subject = 5
    case tenant = 6
    case prospectID = 7
    case email = 8
    case product = 9
    /// What every other event is about: the lead, offer or cart that its data names.
    case aboutSubject = 10
    case consent = 11
    case traceparent = 12
    /// One of the further fields that policies use.
    case further = 13
    /// The message's value as a whole.
    case value = 14
    case headers = 15
    case key = 16

    /// The fields that a shape maps one by one; the further ones come after them.
    static let mapped = 13

    public var name: String {
        switch self {
        case .specVersion: "specversion"
        case .type: "type"
        case .id: "id"
        case .source: "source"
        case .time: "time"
        case .subject: "subject"
        case .tenant: "tenant"
        case .prospectID: "prospect-id"
        case .email: "email"
        case .product: "product"
        case .aboutSubject: "data-subject"
        case .consent: "consent"
        case .traceparent: "traceparent"
        case .further: "field"
        case .value: "value"
        case .headers: "headers"
        case .key: "key"
        }
    }
}

/// What a JSON value is; the raw values are those of `CSimdJSON`.
public enum JSONKind: UInt8, Hashable, Sendable {
    case missing = 0
    case null = 1
    case string = 2
    case number = 3
    case bool = 4
    case object = 5
    case array = 6

    public var name: String {
        switch self {
        case .missing: "missing"
        case .null: "null"
        case .string: "a string"
        case .number: "a number"
        case .bool: "a boolean"
        case .object: "an object"
        case .array: "an array"
        }
    }
}
