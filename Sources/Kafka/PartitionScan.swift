/// Reads one partition of a topic, message by message, from its first record to where it ends now, as a `read_committed`
/// consumer sees it: what lies behind a transaction that is still open is left.
public final class PartitionScan {
    public let place: TopicPartition
    /// Where the message in hand lies.
    public let batch = MessageBatch(capacity: 1_000)
    public private(set) var index = 0
    /// Whether a message is in hand.
    public private(set) var hasMessage = false
    private let end: Int64
    private let consumer: KafkaConsumer
    private var hasEnded = false

    private static let pollMilliseconds: Int32 = 200
    private static let silenceMilliseconds: Int32 = 30_000

    /// Takes the first message in hand, if there is one.
    ///
    /// - Parameters:
    ///   - end: messages from this offset on are not read.
    ///   - group: a name for the consumer; no offset is committed under it.
    public init(
        _ place: TopicPartition, from offset: Int64, to end: Int64, settings: KafkaSettings, group: String
    ) throws(KafkaError) {
        self.place = place
        self.end = end
        consumer = try KafkaConsumer(settings: settings, groupID: group, groupInstanceID: nil)
        if offset >= end {
            hasEnded = true
            return
        }
        try consumer.assign(alone: [PartitionOffset(place, offset: offset)])
        try fill()
    }

    deinit { close() }

    public func close() {
        batch.release()
        consumer.close()
    }

    /// Takes the next message in hand. The one before is valid until then.
    public func advance() throws(KafkaError) {
        index += 1
        if index < batch.count { hasMessage = batch.offset(index) < end } else { try fill() }
    }

    private func fill() throws(KafkaError) {
        hasMessage = false
        index = 0
        var silentMilliseconds: Int32 = 0
        while !hasEnded {
            try consumer.poll(into: batch, timeoutMilliseconds: Self.pollMilliseconds)
            if batch.endCount > 0 { hasEnded = true }
            if !batch.isEmpty {
                hasMessage = batch.offset(0) < end
                return
            }
            silentMilliseconds += Self.pollMilliseconds
            guard silentMilliseconds < Self.silenceMilliseconds else {
                throw KafkaError(
                    code: .timedOut,
                    message: "\(place) could not be read to its end: nothing came for \(silentMilliseconds / 1000) s.")
            }
        }
    }
}
