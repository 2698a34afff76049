extension MessageSender {
    /// As the other `send`, for callers whose messages are few: keys, values and headers as Swift values.
    func send(
        topic: String, partition: Int32?, keyBytes: [UInt8]?, valueBytes: [UInt8]?,
        namedHeaders: [(name: String, value: [UInt8]?)], timestampMilliseconds: Int64?
    ) throws(KafkaError) {
        // One copy that lives as long as the call, so that the buffers need not be nested.
        var arena = Arena()
        func place(_ bytes: [UInt8]?) -> UnsafeRawBufferPointer? {
            bytes.map { array in
                UnsafeRawBufferPointer(start: array.withUnsafeBytes { arena.copy($0) }, count: array.count)
            }
        }
        let headers = namedHeaders.map { header in
            MessageHeader(name: place(Array(header.name.utf8))!, value: place(header.value))
        }
        try send(
            topic: topic, partition: partition, key: place(keyBytes), value: place(valueBytes), headers: headers,
            timestampMilliseconds: timestampMilliseconds)
    }
}
