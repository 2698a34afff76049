import Foundation

/// A Kafka message as the witness sends and sees it.
public struct Message: Equatable, Sendable {
    public enum Content: Equatable, Sendable {
        case text(String)
        /// What is not UTF-8, in hexadecimal digits.
        case bytes(String)

        fileprivate var object: Any {
            switch self {
            case .text(let text): text
            case .bytes(let digits): ["hex": digits]
            }
        }

        fileprivate init?(object: Any?) {
            if let text = object as? String {
                self = .text(text)
            } else if let digits = (object as? [String: String])?["hex"] {
                self = .bytes(digits)
            } else {
                return nil
            }
        }
    }

    public struct Header: Equatable, Sendable {
        public var name: String
        public var value: Content?

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = .text(value)
        }

        fileprivate init(object: [Any]) {
            name = object[0] as? String ?? ""
            value = Content(object: object[1])
        }
    }

    public var key: Content?
    public var value: Content?
    public var headers: [Header] = []
    /// For sending; the key chooses where there is none.
    public var partition: Int?
    /// In milliseconds since 1970; for sending, 0 is when it is sent.
    public var timestamp: Int64 = 0

    public init(key: String?, value: String?, headers: [Header] = []) {
        self.key = key.map(Content.text)
        self.value = value.map(Content.text)
        self.headers = headers
    }

    public init(object: [String: Any]) {
        key = Content(object: object["key"])
        value = Content(object: object["value"])
        headers = (object["headers"] as? [[Any]] ?? []).map(Header.init(object:))
        partition = object["partition"] as? Int
        timestamp = Int64(object["timestamp"] as? Int ?? 0)
    }

    public var object: [String: Any] {
        var object: [String: Any] = [
            "key": key?.object ?? NSNull(), "value": value?.object ?? NSNull(),
            "headers": headers.map { [$0.name, $0.value?.object ?? NSNull()] },
        ]
        if let partition { object["partition"] = partition }
        if timestamp != 0 { object["timestamp"] = Int(timestamp) }
        return object
    }

    /// The last header of a name: earlier ones may be the message's own.
    public func header(_ name: String) -> String? {
        guard case .text(let text) = headers.last(where: { $0.name == name })?.value else { return nil }
        return text
    }

    public var text: String? {
        guard case .text(let text) = value else { return nil }
        return text
    }

    /// The value as a JSON object.
    public var json: [String: Any] {
        (text.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) } as? [String: Any]) ?? [:]
    }
}
