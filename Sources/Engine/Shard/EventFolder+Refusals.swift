import CCrypto
import Contract
import Journey
import Kafka
import Records

extension EventFolder {
    /// Sends the message to the dead-letter topic as it came, with the reason in headers, and keeps in the journal that and
    /// why it was refused.
    ///
    /// A message that its topic or the client would refuse for its size goes without its value, with a digest instead; one
    /// whose key or headers alone are too large goes without those, too. So a bad message never stops a partition.
    func refuse(
        _ refusal: Refusal, _ batch: MessageBatch, _ index: Int, _ value: UnsafeRawBufferPointer, _ shard: Shard,
        _ outbox: inout Outbox
    ) throws {
        let offset = batch.offset(index)
        let timestamp = batch.timestampMilliseconds(index)
        let topic = batch.topicIndex(index)
        let key = batch.key(index)
        let others = (key?.count ?? 0) + headerViews.reduce(0) { $0 + $1.name.count + $1.value.count + 16 }
        let keepsRest = others <= deadLetterBytes
        let keepsValue = keepsRest && others + value.count <= deadLetterBytes
        var digest = [UInt8](repeating: 0, count: 32)
        if !keepsValue { _ = SHA256(value.baseAddress?.assumingMemoryBound(to: UInt8.self), value.count, &digest) }
        let original = keepsRest ? headerViews : []
        original.withUnsafeBufferPointer { original in
            digest.withUnsafeBytes { digest in
                deadLetter.withHeaders(
                    original: original,
                    origin: DeadLetter.Origin(
                        topic: topics[topic].bytes, partition: batch.partition(index), offset: offset),
                    refusal: refusal, worker: 0,
                    omitted: keepsValue ? nil : DeadLetter.OmittedValue(count: value.count, sha256: digest)
                ) { headers in
                    outbox.append(
                        .deadLetters, timestamp: timestamp, key: keepsRest ? key : nil, value: keepsValue ? value : nil,
                        headers: headers.map { (name: $0.name, value: Optional($0.value)) })
                }
            }
        }
        try shard.pass(
            MessagePlace(topic: UInt8(topic), offset: offset, time: Instant(milliseconds: timestamp)),
            .refused(reason: refusal.reason.rawValue))
    }
}
