import Configuration

/// How much the topics that are written to accept at a time. What one of them refused would be sent again for ever.
struct MessageLimits: Sendable {
    /// What a dead letter may carry of its message: value, key and headers together.
    var deadLetterBytes = EventFolder.Settings.defaultDeadLetterBytes
    /// What a batch of messages may have; `nil`: as much as the client makes it.
    var batchBytes: Int?

    /// What our own headers and Kafka's framing add to a dead letter, at most.
    private static let addedBytes = 4096

    /// The largest message of each topic; `nil` where it can't be told.
    init(reminders: Int?, deadLetters: Int?, leads: Int? = nil) {
        if let deadLetters { deadLetterBytes = max(0, min(deadLetterBytes, deadLetters - Self.addedBytes)) }
        // A single message may be as large as its topic lets it: the limit of a batch never holds it back.
        batchBytes = [reminders, deadLetters, leads].compactMap { $0 }.min().map { max(1, $0 - Self.addedBytes) }
        // Anything more than the client's own limit changes nothing.
        if let bytes = batchBytes, bytes >= EventFolder.Settings.defaultDeadLetterBytes { batchBytes = nil }
    }

    static func ask(_ reader: any BrokerReader, _ topics: Topics) throws -> MessageLimits {
        let limit = Int32(WorkerLimits.callMilliseconds)
        return MessageLimits(
            reminders: try reader.maximumMessageBytes(topics.reminders, timeoutMilliseconds: limit),
            deadLetters: try reader.maximumMessageBytes(topics.deadLetters, timeoutMilliseconds: limit),
            leads: try topics.leads.flatMap { try reader.maximumMessageBytes($0, timeoutMilliseconds: limit) })
    }
}
