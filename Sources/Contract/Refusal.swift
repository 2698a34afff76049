/// Why an event cannot be read: it goes to the dead-letter topic with this.
///
/// It never quotes the event, so a log line or a header made from it holds no personal data.
public struct Refusal: Error, Hashable, Sendable {
    public let reason: Reason
    public let field: EventField
    /// The JSON pointer, or the name of the header, where it was found; empty where there is none.
    public let location: String
    private let cause: Cause

    /// Raw values and names are part of the journal and of dead letters: they never change.
    public enum Reason: UInt8, CaseIterable, Hashable, Sendable {
        case malformedJSON = 1
        case notAnObject = 2
        case invalidUTF8 = 3
        case missingField = 4
        case wrongType = 5
        case fieldTooLong = 6
        case invalidTime = 7
        case timeOutOfRange = 8
        /// Neither the prospect's id nor a usable address.
        case missingIdentity = 9
        case unsupportedSpecVersion = 10
        case duplicateHeader = 11
        /// The message has no key.
        case missingKey = 12
        /// The message's key is not the event's identity.
        case foreignKey = 13
        case tooLarge = 14
        case unsupportedContentType = 15
        /// With `events.unknown: refuse`.
        case unknownType = 16
        /// Not where the partitioner that the configuration names would have put it.
        case foreignPartition = 17

        public var name: String {
            switch self {
            case .malformedJSON: "malformed-json"
            case .notAnObject: "not-an-object"
            case .invalidUTF8: "invalid-utf8"
            case .missingField: "missing-field"
            case .wrongType: "wrong-type"
            case .fieldTooLong: "field-too-long"
            case .invalidTime: "invalid-time"
            case .timeOutOfRange: "time-out-of-range"
            case .missingIdentity: "missing-identity"
            case .unsupportedSpecVersion: "unsupported-specversion"
            case .duplicateHeader: "duplicate-header"
            case .missingKey: "missing-key"
            case .foreignKey: "foreign-key"
            case .tooLarge: "too-large"
            case .unsupportedContentType: "unsupported-content-type"
            case .unknownType: "unknown-type"
            case .foreignPartition: "foreign-partition"
            }
        }
    }

    private enum Cause: Hashable, Sendable {
        case none
        case syntax(offset: UInt64, message: String)
        case kind(JSONKind)
        case size(count: Int, limit: Int)
        case time(EventShape.TimeFormat)
    }

    /// A refusal that the reason and the field say all about.
    public init(_ reason: Reason, field: EventField, location: String = "") {
        self.init(reason, field, location, .none)
    }

    private init(_ reason: Reason, _ field: EventField, _ location: String, _ cause: Cause) {
        self.reason = reason
        self.field = field
        self.location = location
        self.cause = cause
    }

    static func syntax(_ reason: Reason, path: String, offset: UInt64, message: String) -> Refusal {
        Refusal(reason, .value, path, .syntax(offset: offset, message: message))
    }

    static func kind(_ kind: JSONKind, field: EventField, location: String) -> Refusal {
        Refusal(.wrongType, field, location, .kind(kind))
    }

    static func time(_ format: EventShape.TimeFormat, location: String) -> Refusal {
        Refusal(.invalidTime, .time, location, .time(format))
    }

    public static func size(
        _ reason: Reason = .fieldTooLong, count: Int, limit: Int, field: EventField, location: String = ""
    ) -> Refusal {
        Refusal(reason, field, location, .size(count: count, limit: limit))
    }

    /// One line for people: what was wrong, and where.
    public var message: String {
        let place =
            switch field {
            case .value where location.isEmpty: "the value"
            case .value, .further: location
            case .headers where location.isEmpty: "the headers"
            case .headers: "header \(location)"
            case .key: "the message's key"
            default: location.isEmpty ? field.name : "\(field.name) (\(location))"
            }
        return switch cause {
        case .none, .time(.rfc3339): "\(place) \(reason.phrase)"
        case .time(.unixSeconds): "\(place) is not a Unix time in seconds, such as 1782898200"
        case .time(.unixMilliseconds): "\(place) is not a Unix time in milliseconds, such as 1782898200000"
        case .kind(let kind): "\(place) is \(kind.name), which it must not be"
        case .size(let count, let limit): "\(place) has \(count) bytes; at most \(limit) are accepted"
        case .syntax(let offset, let text): "\(place) \(reason.phrase) at byte \(offset): \(text)"
        }
    }
}

extension Refusal.Reason {
    fileprivate var phrase: String {
        switch self {
        case .malformedJSON: "is not JSON"
        case .notAnObject: "is not a JSON object"
        case .invalidUTF8: "is not UTF-8"
        case .missingField: "is missing"
        case .wrongType: "has a wrong type"
        case .fieldTooLong: "is too long"
        case .invalidTime: "is not a time as RFC 3339 has it, such as 2026-07-01T09:30:00Z"
        case .timeOutOfRange: "is not between 2000-01-01 and 2100-01-01"
        case .missingIdentity: "is missing or none, and there is nothing else to know the prospect by"
        case .unsupportedSpecVersion: "is not 1.0"
        case .duplicateHeader: "is there more than once"
        case .missingKey: "is missing: it must be the prospect's identity"
        case .foreignKey: "is not the prospect's identity"
        case .tooLarge: "is too large"
        case .unsupportedContentType: "says that the content is not JSON"
        case .unknownType: "is not a type that the configuration knows"
        case .foreignPartition: "does not belong into this partition"
        }
    }
}
