internal import CKafka

extension PlainProducer.Partitioner {
    /// The partition that producers with this partitioner choose for a key, by librdkafka's own functions; `nil` if the key
    /// does not decide.
    ///
    /// Source: `org.apache.kafka.clients.producer.internals.BuiltInPartitioner` for murmur2, librdkafka's
    /// `consistent_random` for CRC-32. Neither looks at the topic.
    public func partition(of key: UnsafeRawBufferPointer, among count: Int32) -> Int32? {
        // An empty key is a random one for librdkafka, and any other for Java.
        guard !key.isEmpty else { return nil }
        switch self {
        case .murmur2: return rd_kafka_msg_partitioner_murmur2(nil, key.baseAddress, key.count, count, nil, nil)
        case .crc32: return rd_kafka_msg_partitioner_consistent(nil, key.baseAddress, key.count, count, nil, nil)
        case .fnv1a: return rd_kafka_msg_partitioner_fnv1a(nil, key.baseAddress, key.count, count, nil, nil)
        case .random: return nil
        }
    }
}
