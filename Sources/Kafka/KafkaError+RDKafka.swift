internal import CKafka

extension KafkaError {
    /// Makes an error from librdkafka's code. `doing` says what was tried and where ("committing offsets of group g").
    init(_ code: rd_kafka_resp_err_t, doing: String, reason: String? = nil) {
        let kind = Code(code)
        let text = reason.flatMap { $0.isEmpty ? nil : $0 } ?? String(cString: rd_kafka_err2str(code))
        self.init(
            code: kind, librdkafkaCode: code.rawValue, isFatal: kind == .fenced,
            isRetriable: kind.isPassing, message: Self.sentence(kind, doing: doing, reason: text))
    }

    /// Makes an error from librdkafka's error object, which is destroyed.
    init(taking error: OpaquePointer, doing: String) {
        let code = rd_kafka_error_code(error)
        self.init(code, doing: doing, reason: String(cString: rd_kafka_error_string(error)))
        if rd_kafka_error_is_fatal(error) != 0 { isFatal = true }
        if rd_kafka_error_is_retriable(error) != 0 { isRetriable = true }
        if rd_kafka_error_txn_requires_abort(error) != 0 {
            requiresAbort = true
            isRetriable = false
        }
        rd_kafka_error_destroy(error)
    }

    private static func sentence(_ code: Code, doing: String, reason: String) -> String {
        let advice = code.advice.map { ". \($0)" } ?? ""
        let trimmed = reason.last == "." ? String(reason.dropLast()) : reason
        return "\(doing): \(trimmed)\(advice)"
    }
}

extension KafkaError.Code {
    init(_ code: rd_kafka_resp_err_t) {
        switch code {
        case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__RESOLVE,
            RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR__WAIT_COORD,
            RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
            self = .brokerUnavailable
        case RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
            RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT,
            RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS:
            self = .timedOut
        case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL,
            RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
            self = .authenticationFailed
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
            self = .notAuthorized
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
            RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
            self = .topicMissing
        case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
            self = .topicExists
        case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
            self = .offsetOutOfRange
        case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
            RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST, RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
            self = .unknownGroupMember
        case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
            self = .rebalanceInProgress
        case RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
            RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
            self = .fenced
        case RD_KAFKA_RESP_ERR__QUEUE_FULL:
            self = .queueFull
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
            self = .messageTooLarge
        case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION,
            RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
            self = .unsupported
        case RD_KAFKA_RESP_ERR__STATE, RD_KAFKA_RESP_ERR__CONFLICT, RD_KAFKA_RESP_ERR__DESTROY:
            self = .invalidState
        case RD_KAFKA_RESP_ERR__INVALID_ARG, RD_KAFKA_RESP_ERR__NOT_CONFIGURED:
            self = .configuration
        default:
            self = .other
        }
    }

    /// Whether the cause passes by itself, so that the same call may be made again.
    var isPassing: Bool {
        switch self {
        case .brokerUnavailable, .timedOut, .rebalanceInProgress, .queueFull: true
        case .configuration, .authenticationFailed, .notAuthorized, .topicMissing, .topicExists, .offsetOutOfRange,
            .unknownGroupMember, .fenced, .messageTooLarge, .transactionFailed, .outcomeUnknown, .unsupported,
            .invalidState, .other:
            false
        }
    }

    /// What whoever reads the message can do about it.
    var advice: String? {
        switch self {
        case .configuration: "Correct the kafka section of the configuration"
        case .brokerUnavailable:
            "Check that the broker runs and that kafka.bootstrap.servers names it; it is tried again"
        case .timedOut: "Check the broker's load and the network; it is tried again"
        case .authenticationFailed: "Check the sasl.* and ssl.* properties of the kafka section"
        case .notAuthorized: "Ask for this right (ACL) for the configured user"
        case .topicMissing: "Create the topic with `winback topics create`"
        case .offsetOutOfRange:
            "Records that were not read yet are gone, or the topic was made anew: see the topic's retention"
        case .fenced: "Another process uses the same instance name: only one may run"
        case .messageTooLarge: "The topic's max.message.bytes and the client's message.max.bytes must allow it"
        case .outcomeUnknown: "The broker is asked what it holds when the producer is made again"
        case .unsupported: "This broker (or the embedded one) can't do it: use a Kafka 3.0 or later"
        case .topicExists, .unknownGroupMember, .rebalanceInProgress, .queueFull, .transactionFailed, .invalidState,
            .other:
            nil
        }
    }
}
