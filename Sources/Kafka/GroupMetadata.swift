internal import CKafka

/// A consumer's place in its group (member, generation, instance), which a transaction's offsets are fenced with.
///
/// It is never changed after it was made, and used by the worker that owns both consumer and producer: safe to share.
public final class GroupMetadata: @unchecked Sendable {
    let pointer: OpaquePointer

    init(taking pointer: OpaquePointer) { self.pointer = pointer }

    /// Of a group that has no members: its offsets are a ledger, and only the transactional.id fences who writes it.
    public init(memberlessGroup name: String) {
        guard let pointer = rd_kafka_consumer_group_metadata_new(name) else {
            preconditionFailure("librdkafka only returns null without a name")
        }
        self.pointer = pointer
    }

    deinit { rd_kafka_consumer_group_metadata_destroy(pointer) }
}
