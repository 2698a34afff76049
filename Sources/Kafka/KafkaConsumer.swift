internal import CKafka

/// What the group asks of a consumer. It must be answered with `assign` or `unassign`: librdkafka waits for that.
public enum Rebalance: Sendable, Equatable {
    case assigned([TopicPartition])
    /// Finish or abort what is open for these partitions, then `unassign`.
    case revoked([TopicPartition])
    /// The partitions may be someone else's already: commit nothing for them.
    case lost([TopicPartition])
}

/// A member of a consumer group that reads committed messages in batches.
///
/// One thread owns it: `poll` runs librdkafka's callbacks on the calling thread, and they only record what happened.
/// That is why the type may be handed to a worker's thread (`@unchecked Sendable`); it must not be used from two.
public final class KafkaConsumer: @unchecked Sendable {
    public let groupID: String
    /// The topics, whose places are the `topicIndex` of a batch's messages.
    public private(set) var topics: [String] = []

    private let client: RDKafkaClient
    private var topicNames = CStrings([])
    private var pendingError: KafkaError?
    private var isClosed = false

    /// How long `close` waits for the group to let go.
    public static let closeLimitMilliseconds: Int32 = 2000

    /// Makes the consumer; nothing is asked of a broker yet. `groupInstanceID` makes it a static member, which gets its
    /// partitions back at once after an unclean death (KIP-345).
    public init(settings: KafkaSettings, groupID: String, groupInstanceID: String?) throws(KafkaError) {
        self.groupID = groupID
        var promises = Self.promises
        promises.append(("group.id", groupID))
        if let groupInstanceID { promises.append(("group.instance.id", groupInstanceID)) }
        client = try RDKafkaClient(
            consumer: true,
            properties: settings.resolved(for: .consumer, defaults: Self.defaults, promises: promises),
            doing: "making the consumer of group \(groupID)")
    }

    deinit { close() }

    private static let defaults: [(String, String)] = [
        // With librdkafka's 500 ms the first message after an assignment takes 0.6 s.
        ("fetch.wait.max.ms", "50"),
        ("fetch.message.max.bytes", "4000000"),
        ("queued.min.messages", "200000"),
        ("queued.max.messages.kbytes", "131072"),
        ("check.crcs", "true"),
    ]

    private static let promises: [(String, String)] = [
        ("enable.auto.commit", "false"),
        ("enable.auto.offset.store", "false"),
        ("auto.offset.reset", "error"),
        // Also because only then an OffsetFetch waits for the offsets of a pending transaction (KIP-447).
        ("isolation.level", "read_committed"),
        ("enable.partition.eof", "true"),
        // cooperative-sticky ends the process when it is closed while joining (librdkafka 2.0.2).
        ("partition.assignment.strategy", "range"),
        ("allow.auto.create.topics", "false"),
    ]

    /// Joins the group. Partitions come with a later poll, as a rebalance.
    public func subscribe(topics: [String]) throws(KafkaError) {
        self.topics = topics
        topicNames = CStrings(topics)
        let list = PartitionList(topics.map { TopicPartition($0, Int32(RD_KAFKA_PARTITION_UA)) })
        try check(rd_kafka_subscribe(client.handle, list.pointer), "subscribing to \(topics.joined(separator: ", "))")
    }

    /// Waits for a first message, then takes what else is there without waiting. Gives the batch's old messages back
    /// first. Returns early when `takeRebalance()` has something to say.
    ///
    /// A broker that can't be reached is no error: see `connection`. An error that arrives behind messages is thrown by
    /// the next poll, so that these are not lost.
    public func poll(
        into batch: MessageBatch, maximum: Int = .max, timeoutMilliseconds: Int32
    ) throws(KafkaError) {
        batch.release()
        if let error = pendingError {
            pendingError = nil
            throw error
        }
        var failure = ckafka_poll_error()
        batch.withShimBatch {
            ckafka_poll(
                client.shim, &$0, maximum, timeoutMilliseconds, topicNames.pointers, Int32(topicNames.count), &failure)
        }
        if failure.code != 0, let error = Self.error(from: failure, client: client) {
            guard batch.isEmpty else {
                pendingError = error
                return
            }
            throw error
        }
    }

    private static func error(from failure: ckafka_poll_error, client: RDKafkaClient) -> KafkaError? {
        let code = rd_kafka_resp_err_t(Int32(failure.code))
        // The group takes the partitions away and gives them anew: that arrives as a rebalance.
        if code == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED { return nil }
        if code == RD_KAFKA_RESP_ERR__FATAL, let fatal = client.fatalError(doing: "consuming") { return fatal }
        let topic = withUnsafeBytes(of: failure.topic) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let text = withUnsafeBytes(of: failure.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let place = topic.isEmpty ? "consuming" : "consuming \(topic)-\(failure.partition)"
        let error = KafkaError(code, doing: place, reason: text)
        // librdkafka goes on trying by itself; `connection` tells.
        return error.code == .brokerUnavailable || error.code == .timedOut ? nil : error
    }

    /// What the group asks for, once.
    public func takeRebalance() -> Rebalance? {
        var pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
        let kind = ckafka_client_take_rebalance(client.shim, &pointer)
        let partitions = pointer.map { PartitionList(taking: $0).partitions.sorted() } ?? []
        switch kind {
        case CKAFKA_REBALANCE_ASSIGNED: return .assigned(partitions)
        case CKAFKA_REBALANCE_REVOKED: return .revoked(partitions)
        case CKAFKA_REBALANCE_LOST: return .lost(partitions)
        default: return nil
        }
    }

    /// Starts consuming partitions at explicit offsets.
    public func assign(_ offsets: [PartitionOffset]) throws(KafkaError) {
        let list = PartitionList(offsets)
        try check(rd_kafka_assign(client.handle, list.pointer), "assigning \(offsets.count) partitions")
    }

    /// The same without a subscription: the group is not joined.
    public func assign(alone offsets: [PartitionOffset]) throws(KafkaError) {
        topics = []
        for topic in offsets.map(\.partition.topic) where !topics.contains(topic) { topics.append(topic) }
        topicNames = CStrings(topics)
        try assign(offsets)
    }

    /// Answers a revocation or loss: nothing is consumed any more.
    public func unassign() throws(KafkaError) {
        try check(rd_kafka_assign(client.handle, nil), "giving the partitions up")
    }

    /// Asks the broker for the group's offsets. Waits while a transaction that sends some of them is still open.
    public func committed(
        _ partitions: [TopicPartition], timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [CommittedOffset] {
        let doing = "reading the committed offsets of group \(groupID)"
        let list = PartitionList(partitions)
        try check(rd_kafka_committed(client.handle, list.pointer, timeoutMilliseconds), doing)
        if let error = list.firstError(doing: doing) { throw error }
        return list.elements.map {
            CommittedOffset(
                partition: $0.topicPartition, offset: $0.offset >= 0 ? $0.offset : nil, metadata: $0.metadataText)
        }
    }

    /// This member's place in the group, as of now: every transaction needs a fresh one.
    public func groupMetadata() throws(KafkaError) -> GroupMetadata {
        guard let pointer = rd_kafka_consumer_group_metadata(client.handle) else {
            throw KafkaError(code: .invalidState, message: "the consumer has no group: it is closed")
        }
        return GroupMetadata(taking: pointer)
    }

    /// Commits offsets outside of any transaction, and waits for the broker: for a first start only.
    public func commit(_ offsets: [PartitionOffset], timeoutMilliseconds: Int32) throws(KafkaError) {
        let doing = "committing the first offsets of group \(groupID)"
        let list = PartitionList(offsets)
        // Not rd_kafka_commit(): it waits for a lost broker without a limit.
        guard let queue = rd_kafka_queue_new(client.handle) else {
            throw KafkaError(code: .invalidState, message: "\(doing): the consumer is closed")
        }
        defer { rd_kafka_queue_destroy(queue) }
        try check(rd_kafka_commit_queue(client.handle, list.pointer, queue, nil, nil), doing)
        guard let event = rd_kafka_queue_poll(queue, timeoutMilliseconds) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, doing: doing)
        }
        defer { rd_kafka_event_destroy(event) }
        try check(rd_kafka_event_error(event), doing)
        if let result = rd_kafka_event_topic_partition_list(event),
            let copy = rd_kafka_topic_partition_list_copy(result),
            let error = PartitionList(taking: copy).firstError(doing: doing)
        {
            throw error
        }
    }

    /// Whether brokers answer, as far as this consumer knows.
    public var connection: KafkaConnection { client.connection }

    /// What the group's coordinator knows this member by; nil before it has joined.
    public var memberID: String? {
        guard let pointer = rd_kafka_memberid(client.handle) else { return nil }
        defer { rd_kafka_mem_free(client.handle, pointer) }
        let text = String(cString: pointer)
        return text.isEmpty ? nil : text
    }

    /// The oldest of the latest 64 lines that librdkafka logged for this consumer.
    public func takeLog() -> KafkaLogLine? { client.takeLog() }

    /// Gives the partitions up and ends, within `closeLimitMilliseconds` and the destruction's limit, broker or no
    /// broker. A static member stays in the group until its session ends. Release every batch first: librdkafka waits
    /// for its messages.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        _ = ckafka_consumer_close(client.shim, Self.closeLimitMilliseconds)
        client.destroy()
    }

    private func check(_ code: rd_kafka_resp_err_t, _ doing: @autoclosure () -> String) throws(KafkaError) {
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code, doing: doing()) }
    }
}
