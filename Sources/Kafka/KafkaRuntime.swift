internal import CKafka
import Foundation

/// The librdkafka that runs in this process.
public enum KafkaRuntime {
    /// Such as `2.0.2`.
    public static var librdkafkaVersion: String { String(cString: rd_kafka_version_str()) }
}
