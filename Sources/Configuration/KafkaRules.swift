/// What may be set under `kafka:`. The Kafka module knows better than this one, and hands its own rules in.
public struct KafkaRules: Sendable {
    /// Properties that are Winback's own, without prefix, with what to do instead.
    public var reserved: [String: String]
    /// What is wrong with a property and its value, if anything; asked with the key as it was written.
    public var complaint: @Sendable (_ key: String, _ value: String) -> String?

    public init(
        reserved: [String: String] = KafkaRules.defaultReserved,
        complaint: @escaping @Sendable (_ key: String, _ value: String) -> String? = { _, _ in nil }
    ) {
        self.reserved = reserved
        self.complaint = complaint
    }

    private static let promise = "it carries one of Winback's promises and is set by Winback: remove it"

    /// Those that carry a promise whatever librdkafka's version.
    public static let defaultReserved: [String: String] = [
        "group.id": promise,
        "group.instance.id": promise,
        "group.protocol": promise,
        "transactional.id": "it is made from `group` and `instance`: remove it",
        "transaction.timeout.ms": promise,
        "enable.auto.commit": promise,
        "enable.auto.offset.store": promise,
        "auto.offset.reset": promise,
        "isolation.level": promise,
        "enable.partition.eof": promise,
        "enable.idempotence": promise,
        "enable.gapless.guarantee": promise,
        "acks": promise,
        "request.required.acks": promise,
        "partition.assignment.strategy": promise,
    ]

    /// Settings of our own that stand for a property.
    static let settings = ["group.id": "group", "group.instance.id": "instance"]

    /// Common properties, to suggest from.
    static let common = [
        "bootstrap.servers", "client.id", "security.protocol", "sasl.mechanism", "sasl.mechanisms", "sasl.username",
        "sasl.password", "sasl.oauthbearer.config", "sasl.oauthbearer.method", "sasl.oauthbearer.client.id",
        "sasl.oauthbearer.client.secret", "sasl.oauthbearer.token.endpoint.url", "sasl.kerberos.service.name",
        "sasl.kerberos.principal", "sasl.kerberos.keytab", "ssl.ca.location", "ssl.ca.pem", "ssl.certificate.location",
        "ssl.certificate.pem", "ssl.key.location", "ssl.key.password", "ssl.key.pem", "ssl.keystore.location",
        "ssl.keystore.password", "ssl.endpoint.identification.algorithm", "enable.ssl.certificate.verification",
        "broker.address.family", "socket.timeout.ms", "socket.keepalive.enable", "session.timeout.ms",
        "heartbeat.interval.ms", "max.poll.interval.ms", "fetch.wait.max.ms", "fetch.min.bytes", "fetch.max.bytes",
        "max.partition.fetch.bytes", "message.max.bytes", "receive.message.max.bytes", "compression.type",
        "compression.codec", "linger.ms", "queue.buffering.max.ms", "batch.size", "request.timeout.ms",
        "delivery.timeout.ms", "message.timeout.ms", "retry.backoff.ms", "reconnect.backoff.ms",
        "reconnect.backoff.max.ms", "queued.max.messages.kbytes", "queued.min.messages", "statistics.interval.ms",
        "debug", "log_level", "client.rack", "client.dns.lookup", "metadata.max.age.ms",
        "topic.metadata.refresh.interval.ms",
    ]
}
