internal import CKafka

/// Reads a topic's metadata through any handle.
enum Metadata {
    /// How many partitions and replicas the topic has.
    static func partitions(
        of topic: String, client: RDKafkaClient, timeoutMilliseconds: Int32
    ) throws(KafkaError) -> (count: Int32, replicas: Int32) {
        let doing = "asking about topic \(topic)"
        client.serve()
        guard let handle = rd_kafka_topic_new(client.handle, topic, nil) else {
            throw KafkaError(rd_kafka_last_error(), doing: doing)
        }
        defer { rd_kafka_topic_destroy(handle) }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client.handle, 0, handle, &metadata, timeoutMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(code, doing: doing) }
        defer { rd_kafka_metadata_destroy(metadata) }
        client.connectionAnswered()
        for index in 0..<Int(metadata.pointee.topic_cnt) {
            let entry = metadata.pointee.topics[index]
            guard String(cString: entry.topic) == topic else { continue }
            guard entry.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(entry.err, doing: doing) }
            let replicas = entry.partition_cnt > 0 ? entry.partitions[0].replica_cnt : 0
            return (entry.partition_cnt, replicas)
        }
        throw KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, doing: doing)
    }
}
