internal import CKafka

/// Asks a cluster about itself, on a handle of its own: a consumer's questions wait behind its long poll.
///
/// It reads `read_uncommitted`: the end of a partition is its high watermark, because the last stable offset would hide
/// what lies behind another service's open transaction. Its calls wait for the broker's answer and may be made from any
/// thread, one at a time.
public final class ClusterReader: @unchecked Sendable {
    let client: RDKafkaClient
    let isEmbedded: Bool
    private var isClosed = false

    public init(settings: KafkaSettings) throws(KafkaError) {
        isEmbedded = settings.isEmbedded
        client = try RDKafkaClient(
            consumer: true,
            properties: settings.resolved(
                for: .consumer, defaults: [("fetch.wait.max.ms", "50")],
                promises: [
                    ("isolation.level", "read_uncommitted"),
                    ("enable.partition.eof", "true"),
                    ("enable.auto.commit", "false"),
                    ("enable.auto.offset.store", "false"),
                    ("auto.offset.reset", "error"),
                    ("allow.auto.create.topics", "false"),
                ]),
            doing: "making the reader of the cluster's offsets")
    }

    deinit { close() }

    public func close() {
        guard !isClosed else { return }
        isClosed = true
        client.destroy()
    }

    public var connection: KafkaConnection {
        client.serve()
        return client.connection
    }

    /// The oldest of the latest 64 lines that librdkafka logged for this reader.
    public func takeLog() -> KafkaLogLine? { client.takeLog() }

    /// The high watermark of each partition: one request to each leader (ListOffsets, timestamp -1).
    public func endOffsets(
        of partitions: [TopicPartition], timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        try offsets(of: partitions, at: Int64(RD_KAFKA_OFFSET_END), "end", timeoutMilliseconds)
    }

    /// The offset of the first record that each partition still holds.
    public func earliestOffsets(
        of partitions: [TopicPartition], timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        try offsets(of: partitions, at: Int64(RD_KAFKA_OFFSET_BEGINNING), "earliest", timeoutMilliseconds)
    }

    private func offsets(
        of partitions: [TopicPartition], at timestamp: Int64, _ name: String, _ timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        client.serve()
        let doing = "asking for the \(name) offsets of \(partitions.count) partitions"
        let list = PartitionList(partitions, offset: timestamp)
        let code = rd_kafka_offsets_for_times(client.handle, list.pointer, timeoutMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, doing: doing) }
        if let error = list.firstError(doing: doing) { throw error }
        client.connectionAnswered()
        var result: [TopicPartition: Int64] = [:]
        for element in list.elements {
            // -1 is the answer for an empty partition where a timestamp is asked for; here it means no answer.
            guard element.offset >= 0 else {
                throw KafkaError(
                    RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, doing: "\(doing) at \(element.topicPartition)")
            }
            result[element.topicPartition] = element.offset
        }
        return result
    }

    /// How many partitions a topic has. Throws `topicMissing` where there is no such topic.
    public func partitionCount(of topic: String, timeoutMilliseconds: Int32) throws(KafkaError) -> Int32 {
        try Metadata.partitions(of: topic, client: client, timeoutMilliseconds: timeoutMilliseconds).count
    }
}
