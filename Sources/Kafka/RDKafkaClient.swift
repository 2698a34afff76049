internal import CKafka

/// One librdkafka handle: made from properties, destroyed within a bound.
///
/// librdkafka's own functions may be called from any thread. What the shim adds (polls, rebalances) belongs to the one
/// thread that owns the consumer or producer around this; what its callbacks record is under the shim's lock.
final class RDKafkaClient: @unchecked Sendable {
    /// How long a destruction may take before it is left to end by itself.
    static let destructionLimitMilliseconds: Int32 = 2000

    let shim: OpaquePointer
    var handle: OpaquePointer { ckafka_client_handle(shim) }
    private var isDestroyed = false
    private var knownTopics: [OpaquePointer] = []

    init(
        consumer: Bool, properties: [(key: String, value: String)], doing: String
    ) throws(KafkaError) {
        let (shim, complaint) = CText.read { text, size in
            CStrings.with(properties.map(\.key)) { keys in
                CStrings.with(properties.map(\.value)) { values in
                    ckafka_client_new(consumer, keys, values, properties.count, text, size)
                }
            }
        }
        guard let shim else {
            throw KafkaError(
                code: .configuration, isFatal: true,
                message: "\(doing): \(complaint). Correct the kafka section of the configuration")
        }
        self.shim = shim
    }

    deinit { destroy() }

    /// Destroys the handle. Everything that refers to it (queues, metadata, the messages of a batch) must be gone:
    /// librdkafka waits for them.
    func destroy() {
        guard !isDestroyed else { return }
        isDestroyed = true
        for topic in knownTopics { rd_kafka_topic_destroy(topic) }
        _ = ckafka_client_destroy(shim, Self.destructionLimitMilliseconds)
    }

    /// Learns a topic's partitions, and keeps what is known of them up to date, so that the first message does not wait for
    /// it: librdkafka looks only once a second for topics of which it knows nothing (rd_kafka_topic_scan_all).
    ///
    /// Where no broker answers, nothing is lost but that second.
    func know(_ topic: String, timeoutMilliseconds: Int32) {
        guard let known = rd_kafka_topic_new(handle, topic, nil) else { return }
        knownTopics.append(known)
        var metadata: UnsafePointer<rd_kafka_metadata>?
        _ = rd_kafka_metadata(handle, 0, known, &metadata, timeoutMilliseconds)
        if let metadata { rd_kafka_metadata_destroy(metadata) }
    }

    var connection: KafkaConnection {
        let (state, reason) = CText.read { ckafka_client_connection(shim, $0, $1) }
        switch state {
        case CKAFKA_CONNECTION_DOWN: return .unreachable(reason)
        case CKAFKA_CONNECTION_DEGRADED: return .degraded(reason)
        default: return .good
        }
    }

    /// Serves callbacks that wait in the handle's main queue.
    func serve(timeoutMilliseconds: Int32 = 0) {
        _ = rd_kafka_poll(handle, timeoutMilliseconds)
    }

    func connectionAnswered() { ckafka_client_connection_ok(shim) }

    func takeLog() -> KafkaLogLine? {
        let (level, line) = CText.read { ckafka_client_take_log(shim, $0, $1) }
        return level < 0 ? nil : KafkaLogLine(level: level, text: line)
    }

    func fatalError(doing: String) -> KafkaError? {
        let (code, reason) = CText.read { ckafka_client_fatal_error(shim, $0, $1) }
        guard code != 0 else { return nil }
        var error = KafkaError(rd_kafka_resp_err_t(code), doing: doing, reason: reason)
        error.isFatal = true
        return error
    }
}

/// What a client knows of its brokers. It is a state, not an error: librdkafka goes on trying by itself.
public enum KafkaConnection: Sendable, Equatable {
    case good
    /// A broker's connection failed; others may still answer.
    case degraded(String)
    /// All brokers were down when last tried.
    case unreachable(String)
}

/// A line that librdkafka logged, with its syslog level (3 error, 4 warning, 6 information).
public struct KafkaLogLine: Sendable {
    public var level: Int32
    public var text: String
}
