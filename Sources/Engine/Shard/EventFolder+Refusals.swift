import Contract
import Journal
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
        _ refusal: Refusal, _ batch: MessageBatch, _ index: Int, _ shard: Shard, _ outbox: Outbox
    ) throws {
        var headers = MessageHeaderViews()
        headers.read(batch, index)
        let value = batch.value(index) ?? UnsafeRawBufferPointer(start: nil, count: 0)
        let key = batch.key(index)
        let others = (key?.count ?? 0) + headers.views.reduce(0) { $0 + $1.name.count + $1.value.count + 16 }
        let keepsRest = others <= deadLetterBytes
        let keepsValue = keepsRest && others + value.count <= deadLetterBytes
        var digest = [UInt8](repeating: 0, count: 32)
        if !keepsValue { digest.withUnsafeMutableBytes { SHA256().digest(value).store(to: $0.baseAddress!) } }
        let original = keepsRest ? headers.views : []
        original.withUnsafeBufferPointer { original in
            digest.withUnsafeBytes { digest in
                deadLetter.withHeaders(
                    original: original,
                    origin: DeadLetter.Origin(
                        topic: topics[batch.topicIndex(index)].bytes, partition: batch.partition(index),
                        offset: batch.offset(index)),
                    refusal: refusal, worker: 0,
                    omitted: keepsValue ? nil : DeadLetter.OmittedValue(count: value.count, sha256: digest)
                ) { headers in
                    outbox.append(
                        .deadLetters, timestamp: batch.timestampMilliseconds(index), key: keepsRest ? key : nil,
                        value: keepsValue ? value : nil,
                        headers: headers.map { (name: $0.name, value: Optional($0.value)) })
                }
            }
        }
        try shard.pass(place(batch, index), .refused(reason: refusal.reason.rawValue))
    }
}
