internal import CKafka

/// A producer whose messages and consumed offsets become visible together, or not at all (KIP-98, KIP-447).
///
/// The calls come in this order: `initTransactions`, then for each transaction `begin`, any number of `send` and
/// `sendOffsets`, and `commit` or `abort`. After an error with `isFatal`, or the code `outcomeUnknown`, the producer is
/// of no use: `close` it, make it again under the same transactional.id, and ask for the committed offsets.
///
/// One thread owns it, which is why it may be handed to a worker's thread (`@unchecked Sendable`).
public final class TransactionalProducer: @unchecked Sendable {
    /// How long the broker keeps a transaction open: it bounds how old what a transaction decided may become.
    public static let transactionTimeoutMilliseconds: Int32 = 10_000

    public let transactionalID: String
    private let settings: KafkaSettings
    private let topics: [String]
    private let maximumBatchBytes: Int?
    private let partitioner: PlainProducer.Partitioner
    private var sender: MessageSender
    private var client: RDKafkaClient { sender.client }
    private var isClosed = false

    /// - Parameters:
    ///   - topics: where messages will go: their partitions are learnt before the first message.
    ///   - maximumBatchBytes: what a topic accepts at a time, if that is less than usual: it counts for a batch of messages
    ///     as for a single one.
    ///   - partitioner: by default Java's choice for keys: whoever joins commands with other topics finds equal keys in equal
    ///     partitions.
    public init(
        settings: KafkaSettings, transactionalID: String, topics: [String] = [], maximumBatchBytes: Int? = nil,
        partitioner: PlainProducer.Partitioner = .murmur2
    ) throws(KafkaError) {
        self.transactionalID = transactionalID
        self.settings = settings
        self.topics = topics
        self.maximumBatchBytes = maximumBatchBytes
        self.partitioner = partitioner
        sender = try Self.makeSender(settings, transactionalID, maximumBatchBytes, partitioner)
    }

    private static func makeSender(
        _ settings: KafkaSettings, _ id: String, _ maximumBatchBytes: Int?, _ partitioner: PlainProducer.Partitioner
    ) throws(KafkaError) -> MessageSender {
        let batch = maximumBatchBytes.map { [("batch.size", String($0))] } ?? []
        let properties = settings.resolved(
            for: .producer, defaults: defaults + [("partitioner", partitioner.rawValue)],
            promises: promises + batch + [("transactional.id", id)])
        return MessageSender(
            client: try RDKafkaClient(consumer: false, properties: properties, doing: "making the producer \(id)"))
    }

    deinit { close() }

    private static let defaults: [(String, String)] = [
        // With librdkafka's 100 ms each transaction takes 106 ms: the next one's AddPartitions meets the end of the last.
        ("retry.backoff.ms", "5"),
        ("linger.ms", "5"),
        ("compression.type", "lz4"),
    ]

    private static let promises: [(String, String)] = [
        ("enable.idempotence", "true"),
        ("acks", "all"),
        ("transaction.timeout.ms", String(transactionTimeoutMilliseconds)),
        // Must not be more than the transaction's own limit.
        ("message.timeout.ms", String(transactionTimeoutMilliseconds)),
        ("allow.auto.create.topics", "false"),
    ]

    /// Fences every older producer of this transactional.id, ends what it left open, and waits for that. After an error
    /// with `isRetriable` (no broker yet) it may be called again.
    public func initTransactions(timeoutMilliseconds: Int32) throws(KafkaError) {
        try check(rd_kafka_init_transactions(client.handle, timeoutMilliseconds), "preparing transactions")
        for topic in topics { client.know(topic, timeoutMilliseconds: timeoutMilliseconds) }
    }

    public func begin() throws(KafkaError) {
        sender.resetDeliveries()
        try check(rd_kafka_begin_transaction(client.handle), "beginning a transaction")
    }

    /// Sends a message within the transaction, copying it. Without a partition the key chooses it; without a timestamp
    /// it gets the current time. Waits while the queue is full, up to a bound.
    public func send(
        topic: String, partition: Int32? = nil, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: [MessageHeader] = [], timestampMilliseconds: Int64? = nil
    ) throws(KafkaError) {
        do {
            try sender.send(
                topic: topic, partition: partition, key: key, value: value, headers: headers,
                timestampMilliseconds: timestampMilliseconds)
        } catch {
            throw failedTransaction(error)
        }
    }

    /// As the other `send`, for few messages.
    public func send(
        topic: String, partition: Int32? = nil, key: [UInt8]?, value: [UInt8]?,
        headers: [(name: String, value: [UInt8]?)] = [], timestampMilliseconds: Int64? = nil
    ) throws(KafkaError) {
        do {
            try sender.send(
                topic: topic, partition: partition, keyBytes: key, valueBytes: value, namedHeaders: headers,
                timestampMilliseconds: timestampMilliseconds)
        } catch {
            throw failedTransaction(error)
        }
    }

    /// Makes consumed offsets, with their metadata, part of the transaction. `group` must be fresh.
    public func sendOffsets(
        _ offsets: [PartitionOffset], group: GroupMetadata, timeoutMilliseconds: Int32
    ) throws(KafkaError) {
        let list = PartitionList(offsets)
        try check(
            rd_kafka_send_offsets_to_transaction(client.handle, list.pointer, group.pointer, timeoutMilliseconds),
            "adding offsets to a transaction")
    }

    /// Commits the transaction. Returns only when it is committed. Throws
    /// - with `requiresAbort`: nothing was committed; abort it,
    /// - with the code `outcomeUnknown`: it may or may not be committed; never call this again, the broker knows,
    /// - with `isFatal`: a newer producer has taken over, or the broker refuses this one.
    public func commit(timeoutMilliseconds: Int32) throws(KafkaError) {
        // Delivered first, so that whatever fails here has certainly not been committed. librdkafka's own commit does
        // both: an error of it can't be told from one that came after the broker was asked to commit.
        let doing = "committing a transaction of \(transactionalID)"
        guard sender.flush(timeoutMilliseconds: timeoutMilliseconds) else {
            throw KafkaError(
                code: .transactionFailed, requiresAbort: true,
                message: "\(doing): its messages were not delivered within \(timeoutMilliseconds) ms; it is aborted")
        }
        if let fatal = client.fatalError(doing: doing) { throw fatal }
        if let failure = sender.deliveries.firstFailure {
            throw KafkaError(
                code: .transactionFailed, librdkafkaCode: failure.librdkafkaCode, requiresAbort: true,
                message: "\(doing): \(sender.deliveries.failed) messages were not delivered: \(failure.message)")
        }
        guard let pointer = rd_kafka_commit_transaction(client.handle, timeoutMilliseconds) else { return }
        var error = KafkaError(taking: pointer, doing: doing)
        guard !error.isFatal else { throw error }
        // Also where librdkafka asks for an abort: it may do so after the broker has committed (a local time-out).
        error.code = .outcomeUnknown
        error.isRetriable = false
        error.requiresAbort = false
        if let advice = KafkaError.Code.outcomeUnknown.advice { error.message += ". \(advice)" }
        throw error
    }

    /// Aborts the transaction, whatever state it is in. After an error the producer must be made again.
    public func abort(timeoutMilliseconds: Int32) throws(KafkaError) {
        client.serve()
        // Counted before the abort, which itself takes back what is still queued.
        let refused = sender.deliveries.failed > 0
        do {
            try check(rd_kafka_abort_transaction(client.handle, timeoutMilliseconds), "aborting a transaction")
        } catch {
            guard error.librdkafkaCode == RD_KAFKA_RESP_ERR_INVALID_TXN_STATE.rawValue else { throw error }
            // The abort overtook the request that begins the transaction at the broker (librdkafka issue 4849): there is
            // nothing to end yet. A new handle's `initTransactions` ends what came of that request meanwhile.
            return try makeAgain(timeoutMilliseconds: timeoutMilliseconds)
        }
        // A refused message leaves a gap in librdkafka's sequence numbers (2.0.2 and 2.8): the next transaction would
        // fail with "skipped sequence numbers". A new handle starts a new sequence.
        if refused { try makeAgain(timeoutMilliseconds: timeoutMilliseconds) }
    }

    private func makeAgain(timeoutMilliseconds: Int32) throws(KafkaError) {
        sender.purge()
        client.destroy()
        sender = try Self.makeSender(settings, transactionalID, maximumBatchBytes, partitioner)
        try initTransactions(timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Ends the producer within a bound, broker or no broker. An open transaction is left to the broker, which aborts it
    /// at the next `initTransactions`, or after the transaction's time limit.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        sender.purge()
        client.destroy()
    }

    public var connection: KafkaConnection {
        client.serve()
        return client.connection
    }

    /// The oldest of the latest 64 lines that librdkafka logged for this producer.
    public func takeLog() -> KafkaLogLine? { client.takeLog() }

    private func check(_ error: OpaquePointer?, _ doing: @autoclosure () -> String) throws(KafkaError) {
        guard let error else { return }
        throw KafkaError(taking: error, doing: "\(doing()) of \(transactionalID)")
    }

    /// A message that could not be sent makes the transaction incomplete: it must not be committed.
    private func failedTransaction(_ error: KafkaError) -> KafkaError {
        var error = error
        error.requiresAbort = !error.isFatal
        return error
    }
}
