/// A librdkafka property as it was set, `consumer.` and `producer.` prefixes included.
public struct KafkaProperty: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    public var key: String
    public var value: String
    public var place: Place
    /// Whether the value must never be printed: its key says so, or it came from a file or the environment.
    public var isSecret: Bool

    public init(key: String, value: String, place: Place, isSecret: Bool? = nil) {
        self.key = key
        self.value = value
        self.place = place
        self.isSecret = isSecret ?? Self.isSecret(key)
    }

    /// The key without `consumer.` or `producer.`.
    public var name: String { Self.name(of: key) }

    static func name(of key: String) -> String {
        for prefix in ["consumer.", "producer."] where key.hasPrefix(prefix) {
            return String(key.dropFirst(prefix.count))
        }
        return key
    }

    static func isSecret(_ key: String) -> Bool {
        let name = name(of: key).lowercased()
        return ["password", "passphrase", "secret", "key.pem"].contains { name.contains($0) }
            || name == "sasl.oauthbearer.config"
    }

    /// `sasl.password=(secret)`
    public var description: String { "\(key)=\(isSecret ? "(secret)" : value)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["property": description]) }
}
