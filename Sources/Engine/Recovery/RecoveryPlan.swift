import Journal

/// Where a shard goes on: decided from what the broker has committed and what the journal holds, before anything is folded.
///
/// Every disagreement stops the start. Going on would skip events, or send reminders again.
enum RecoveryPlan: Equatable {
    /// Nothing is there yet: commit these offsets (the earliest), then fold from them.
    case begin(offsets: [Int64])
    /// Cut the journal to this head and consume from these offsets.
    case resume(offsets: [Int64], head: JournalHead)
    /// The broker has forgotten the offsets, but the journal tells them: commit them again, then consume from them.
    case renew(offsets: [Int64], head: JournalHead)

    /// What is known of one shard.
    struct Evidence {
        var partition: Int32
        var topics: [String]
        /// Per topic: the group's committed offset and its metadata.
        var committed: [Committed]
        /// Per topic: the first offset that the broker still has, and its high watermark.
        var beginnings: [Int64]
        var ends: [Int64]
        var journalHead: JournalHead
        var confirmed: Confirmation
        var group: String
        /// The group that the data directory was last used with.
        var lastGroup: String?
        var journalPath: String
    }

    struct Committed: Equatable {
        var offset: Int64?
        var metadata: String?
    }

    /// - Parameters:
    ///   - hash: the hash of the journal's frame that ends at a position; `nil` if none ends there.
    ///   - memory: looks up what the journal holds of the topics; asked only where the broker has forgotten the offsets.
    static func decide(
        _ evidence: Evidence, hash: (UInt64) throws -> FrameHash?, memory: () throws -> TopicMemory
    ) throws -> RecoveryPlan {
        let offsets = evidence.committed.compactMap(\.offset)
        if offsets.isEmpty {
            guard evidence.journalHead != .start else { return .begin(offsets: evidence.beginnings) }
            return .renew(offsets: try forgottenOffsets(evidence, memory), head: evidence.journalHead)
        }
        guard offsets.count == evidence.topics.count else { throw evidence.groupReset("has no committed offset") }
        let metadata = evidence.committed.map { $0.metadata.flatMap(OffsetMetadata.init) }
        guard let first = metadata[0], metadata.allSatisfy({ $0?.head == first.head }) else {
            throw evidence.groupReset("was committed by something else: its metadata is not Winback's")
        }
        let head = first.head
        if head.position > evidence.journalHead.position { throw evidence.journalBehind(head) }
        guard try hash(head.position) == head.hash else { throw evidence.journalDiverged(head) }
        if head.position < evidence.confirmed.position { throw evidence.offsetsRestored(head) }
        for (index, offset) in offsets.enumerated() {
            guard offset >= evidence.beginnings[index], offset <= evidence.ends[index] else {
                throw evidence.offsetOutOfRange(index, offset)
            }
        }
        return .resume(offsets: offsets, head: head)
    }

    var offsets: [Int64] {
        switch self {
        case .begin(let offsets), .resume(let offsets, _), .renew(let offsets, _): offsets
        }
    }
}
