internal import CKafka

/// librdkafka properties as the configuration gives them: common ones, and those of one side (`consumer.` or
/// `producer.` in front), which come last and win.
public struct KafkaSettings: Sendable {
    public enum Side: String, Sendable, CaseIterable {
        case consumer, producer
    }

    /// In the order of the configuration; the last of a name wins.
    public var properties: [(key: String, value: String)]

    /// Whether these lead to the embedded broker, which lacks functions that a real one has.
    public let isEmbedded: Bool

    public init(properties: [(key: String, value: String)]) {
        self.init(properties: properties, isEmbedded: false)
    }

    init(properties: [(key: String, value: String)], isEmbedded: Bool) {
        self.properties = properties
        self.isEmbedded = isEmbedded
    }

    public init(bootstrapServers: String) {
        self.init(properties: [("bootstrap.servers", bootstrapServers)])
    }

    public var bootstrapServers: String? {
        properties.last { $0.key == "bootstrap.servers" || $0.key == "metadata.broker.list" }?.value
    }

    /// How large a message the producer sends, where the configuration says so.
    public var maximumMessageBytes: Int? {
        let names = ["message.max.bytes", "producer.message.max.bytes"]
        return names.compactMap { name in properties.last { $0.key == name }.flatMap { Int($0.value) } }.last
    }

    /// Splits the side's prefix off a key.
    public static func split(_ key: String) -> (side: Side?, key: String) {
        for side in Side.allCases where key.hasPrefix(side.rawValue + ".") {
            return (side, String(key.dropFirst(side.rawValue.count + 1)))
        }
        return (nil, key)
    }

    /// What is wrong with one property, or nil: reserved ones with the reason, others as librdkafka judges them.
    public static func complaint(key: String, value: String) -> String? {
        let bare = split(key).key
        if let reason = reserved[bare] {
            return "\(bare) is Winback's own: \(reason)"
        }
        let (valid, complaint) = CText.read { ckafka_property_check(bare, value, $0, $1) }
        guard !valid else { return nil }
        // librdkafka may name an alias that the configuration does not have.
        return complaint.contains(bare) ? complaint : "\(bare): \(complaint)"
    }

    /// Whether the value must never be printed.
    public static func isSecret(_ key: String) -> Bool {
        let bare = split(key).key
        return ["password", "secret", "sasl.oauthbearer.config", "ssl.key.pem", "token"].contains { bare.contains($0) }
    }

    /// What a handle of one side gets: our defaults, which the configuration may override, the common properties, the
    /// side's own, and what carries a promise.
    func resolved(
        for side: Side, defaults: [(String, String)], promises: [(String, String)]
    ) -> [(key: String, value: String)] {
        var result: [(key: String, value: String)] = Self.commonDefaults + defaults
        for property in properties where Self.split(property.key).side == nil {
            result.append(property)
        }
        for property in properties {
            let (its, key) = Self.split(property.key)
            if its == side { result.append((key, property.value)) }
        }
        return result + promises
    }

    private static let commonDefaults: [(key: String, value: String)] = [
        ("client.id", "winback"),
        // An outage of an hour must end as soon as the broker is back, not up to ten seconds later.
        ("reconnect.backoff.ms", "50"),
        ("reconnect.backoff.max.ms", "1000"),
        ("socket.connection.setup.timeout.ms", "10000"),
        ("socket.keepalive.enable", "true"),
        ("socket.nagle.disable", "true"),
        // Nobody reads librdkafka's logs for a connection that a server closed because it was idle.
        ("log.connection.close", "false"),
    ]
}
