internal import CKafka

/// One question to the cluster's administration: librdkafka answers them on a queue.
struct AdminCall {
    let client: RDKafkaClient
    let doing: String
    let timeoutMilliseconds: Int32

    /// Asks, waits for the answer and reads it. Everything that librdkafka made for it ends here.
    func ask<R>(
        _ kind: rd_kafka_admin_op_t, _ send: (_ options: OpaquePointer, _ queue: OpaquePointer) -> Void,
        read: (_ event: OpaquePointer) throws(KafkaError) -> R
    ) throws(KafkaError) -> R {
        guard let options = rd_kafka_AdminOptions_new(client.handle, kind),
            let queue = rd_kafka_queue_new(client.handle)
        else {
            throw KafkaError(code: .invalidState, message: "\(doing): the client is closed")
        }
        defer {
            rd_kafka_queue_destroy(queue)
            rd_kafka_AdminOptions_destroy(options)
        }
        _ = CText.read { rd_kafka_AdminOptions_set_request_timeout(options, timeoutMilliseconds, $0, $1) }
        send(options, queue)
        // Somewhat longer than the request may take, so that its own error arrives.
        guard let event = rd_kafka_queue_poll(queue, timeoutMilliseconds + 500) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, doing: doing)
        }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let reason = rd_kafka_event_error_string(event).map { String(cString: $0) }
            throw KafkaError(code, doing: doing, reason: reason)
        }
        return try read(event)
    }
}
