/// What went wrong between Winback and a Kafka cluster: what happened, where, and what to do.
public struct KafkaError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// A property was refused, or the client could not be made.
        case configuration
        /// No broker answers: the call may be made again.
        case brokerUnavailable
        /// No answer within the time that was given: the call may be made again.
        case timedOut
        case authenticationFailed
        case notAuthorized
        case topicMissing
        case topicExists
        /// The offset to consume from no longer is, or is not yet, in the partition.
        case offsetOutOfRange
        /// The group no longer knows this member: it will be given partitions anew.
        case unknownGroupMember
        /// The group hands out its partitions anew: commit again afterwards.
        case rebalanceInProgress
        /// Another client has taken over our transactional.id or group.instance.id.
        case fenced
        /// The queue of messages to send stayed full for as long as a caller may wait.
        case queueFull
        case messageTooLarge
        /// Messages were not delivered, or the transaction failed: it must be aborted.
        case transactionFailed
        /// Nobody but the broker knows whether the transaction was committed: destroy the producer and make it again
        /// under the same transactional.id, then ask for the committed offsets.
        case outcomeUnknown
        /// The broker (or the embedded one) does not have this function.
        case unsupported
        /// The call does not fit the client's state, such as a closed client: a mistake of ours.
        case invalidState
        /// Everything else that a broker or librdkafka reports.
        case other
    }

    public var code: Code
    /// librdkafka's number (`rd_kafka_resp_err_t`); 0 when the error is not its own.
    public var librdkafkaCode: Int32
    /// The client is of no use any more.
    public var isFatal: Bool
    /// The same call may succeed when it is made again.
    public var isRetriable: Bool
    /// The transaction must be aborted; the producer stays usable.
    public var requiresAbort: Bool
    /// What happened, where, and what to do, in one line.
    public var message: String

    public init(
        code: Code, librdkafkaCode: Int32 = 0, isFatal: Bool = false, isRetriable: Bool = false,
        requiresAbort: Bool = false, message: String
    ) {
        self.code = code
        self.librdkafkaCode = librdkafkaCode
        self.isFatal = isFatal
        self.isRetriable = isRetriable
        self.requiresAbort = requiresAbort
        self.message = message
    }

    public var description: String { message }
}
