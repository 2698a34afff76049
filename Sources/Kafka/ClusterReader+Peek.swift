internal import CKafka

extension ClusterReader {
    /// Puts a copy of the first record at or after `offset` into `batch`, alone; false when the partition ends before one.
    /// It may belong to a transaction that was aborted. Throws `offsetOutOfRange` where the partition does not reach to
    /// `offset`.
    public func record(
        at partition: TopicPartition, offset: Int64, into batch: MessageBatch, timeoutMilliseconds: Int32
    ) throws(KafkaError) -> Bool {
        let doing = "reading \(partition) at offset \(offset)"
        guard let topic = rd_kafka_topic_new(client.handle, partition.topic, nil) else {
            throw KafkaError(rd_kafka_last_error(), doing: doing)
        }
        defer { rd_kafka_topic_destroy(topic) }
        // librdkafka's old interface, because it needs no group.
        guard rd_kafka_consume_start(topic, partition.partition, offset) == 0 else {
            throw KafkaError(rd_kafka_last_error(), doing: doing)
        }
        defer { _ = rd_kafka_consume_stop(topic, partition.partition) }
        guard let message = rd_kafka_consume(topic, partition.partition, timeoutMilliseconds) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, doing: doing)
        }
        defer { rd_kafka_message_destroy(message) }
        client.connectionAnswered()
        switch message.pointee.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
            break
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            return false
        default:
            throw KafkaError(message.pointee.err, doing: doing)
        }
        func bytes(_ start: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeRawBufferPointer? {
            start.map { UnsafeRawBufferPointer(start: $0, count: count) }
        }
        var headers: [MessageHeader] = []
        if let list = ckafka_message_headers(message) { MessageHeader.append(list, to: &headers) }
        batch.release()
        batch.append(
            partition: partition.partition, offset: message.pointee.offset,
            timestampMilliseconds: rd_kafka_message_timestamp(message, nil),
            key: bytes(message.pointee.key, message.pointee.key_len),
            value: bytes(message.pointee.payload, message.pointee.len),
            headers: headers)
        return true
    }
}
