internal import CKafka

/// What both producers share: handing messages to librdkafka, waiting while its queue is full, and counting deliveries.
///
/// One thread owns it, together with the producer around it; only the counters may be read elsewhere.
final class MessageSender: @unchecked Sendable {
    /// How long a caller waits for room in librdkafka's queue before it is told so.
    static let queueFullLimitMilliseconds: Int32 = 10_000
    private static let queueFullStepMilliseconds: Int32 = 10
    /// More headers than any message of ours has; a dead letter keeps what it came with, up to this.
    static let headerLimit = 256

    let client: RDKafkaClient
    private let headerNames = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: headerLimit)
    private let headerNameLengths = UnsafeMutablePointer<Int>.allocate(capacity: headerLimit)
    private let headerValues = UnsafeMutablePointer<UnsafeRawPointer?>.allocate(capacity: headerLimit)
    private let headerValueLengths = UnsafeMutablePointer<Int>.allocate(capacity: headerLimit)
    /// Where empty, but not null, keys and values point to.
    private let emptiness = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)

    init(client: RDKafkaClient) {
        self.client = client
        emptiness.initializeMemory(as: UInt8.self, repeating: 0, count: 1)
    }

    deinit {
        headerNames.deallocate()
        headerNameLengths.deallocate()
        headerValues.deallocate()
        headerValueLengths.deallocate()
        emptiness.deallocate()
    }

    func send(
        topic: String, partition: Int32?, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: [MessageHeader], timestampMilliseconds: Int64?
    ) throws(KafkaError) {
        guard headers.count <= Self.headerLimit else {
            throw KafkaError(
                code: .messageTooLarge,
                message: "sending to \(topic): \(headers.count) headers, of \(Self.headerLimit) that a message may have"
            )
        }
        for (index, header) in headers.enumerated() {
            let name = header.name.baseAddress ?? UnsafeRawPointer(emptiness)
            headerNames[index] = name.assumingMemoryBound(to: CChar.self)
            headerNameLengths[index] = header.name.count
            headerValues[index] = header.value.map(address)
            headerValueLengths[index] = header.value?.count ?? 0
        }
        var waited: Int32 = 0
        while true {
            let code = rd_kafka_resp_err_t(
                ckafka_produce(
                    client.shim, topic, partition ?? Int32(RD_KAFKA_PARTITION_UA), key.map(address), key?.count ?? 0,
                    value.map(address), value?.count ?? 0, timestampMilliseconds ?? 0, headers.count, headerNames,
                    headerNameLengths, headerValues, headerValueLengths))
            if code == RD_KAFKA_RESP_ERR_NO_ERROR { return }
            guard code == RD_KAFKA_RESP_ERR__QUEUE_FULL, waited < Self.queueFullLimitMilliseconds else {
                throw failure(code, topic: topic)
            }
            client.serve(timeoutMilliseconds: Self.queueFullStepMilliseconds)
            waited += Self.queueFullStepMilliseconds
        }
    }

    private func address(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
        bytes.baseAddress ?? UnsafeRawPointer(emptiness)
    }

    private func failure(_ code: rd_kafka_resp_err_t, topic: String) -> KafkaError {
        let doing = "sending to \(topic)"
        if let fatal = client.fatalError(doing: doing) { return fatal }
        return KafkaError(code, doing: doing)
    }

    /// What delivery reports said since the counters were last reset. Reports are served by sends and flushes.
    var deliveries: Deliveries {
        let counted = ckafka_client_deliveries(client.shim)
        let first = rd_kafka_resp_err_t(Int32(counted.first_error))
        return Deliveries(
            delivered: counted.delivered, failed: counted.failed,
            firstFailure: counted.failed == 0 ? nil : KafkaError(first, doing: "delivering messages"))
    }

    func resetDeliveries() { ckafka_client_reset_deliveries(client.shim) }

    /// Waits until everything that was sent is delivered or has failed. Returns false when the time was over first.
    func flush(timeoutMilliseconds: Int32) -> Bool {
        rd_kafka_flush(client.handle, timeoutMilliseconds) == RD_KAFKA_RESP_ERR_NO_ERROR
    }

    /// Gives up on what was not delivered, so that destroying the handle has nothing to wait for.
    func purge() {
        _ = rd_kafka_purge(
            client.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING)
    }
}

/// How many messages were acknowledged, and what the first one that was not met with.
public struct Deliveries: Sendable {
    public var delivered: UInt64
    public var failed: UInt64
    public var firstFailure: KafkaError?
}
