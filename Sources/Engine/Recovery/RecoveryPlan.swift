import Journal

/// Where a shard goes on: decided from what the broker has committed and what the journal holds, before anything is folded.
///
/// Every disagreement stops the start. Going on would skip events, or send reminders again.
enum RecoveryPlan: Equatable {
    /// Nothing is there yet: commit these offsets (the earliest), then fold from them.
    case begin(offsets: [Int64])
    /// Cut the journal to this head and consume from these offsets.
    case resume(offsets: [Int64], head: JournalHead)

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
        var journalPath: String
    }

    struct Committed: Equatable {
        var offset: Int64?
        var metadata: String?
    }

    /// - Parameter hash: the hash of the journal's frame that ends at a position; `nil` if none ends there.
    static func decide(_ evidence: Evidence, hash: (UInt64) throws -> FrameHash?) throws -> RecoveryPlan {
        let offsets = evidence.committed.compactMap(\.offset)
        if offsets.isEmpty {
            guard evidence.journalHead == .start else { throw evidence.offsetsForgotten }
            return .begin(offsets: evidence.beginnings)
        }
        guard offsets.count == evidence.topics.count else { throw evidence.groupReset("has no committed offset") }
        let metadata = evidence.committed.map { $0.metadata.flatMap(OffsetMetadata.init) }
        guard let first = metadata[0], metadata.allSatisfy({ $0 == first }) else {
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
}

extension RecoveryPlan.Evidence {
    private var place: String { "partition \(partition) of \(topics.joined(separator: ", "))" }

    fileprivate var offsetsForgotten: EngineError {
        EngineError(
            .offsetsForgotten,
            """
            The broker has no committed offset of group \(group) for \(place), but the journal in \(journalPath) ends at \
            position \(journalHead.position) (offset \(confirmed.offset)). Kafka forgets a group's offsets after seven days \
            without a member, or this data directory belongs to another cluster or group. Check `kafka.bootstrap.servers` \
            and `group`; nothing was read or sent. To start anew from the earliest event, move the data directory away.
            """)
    }

    fileprivate func groupReset(_ what: String) -> EngineError {
        EngineError(
            .groupReset,
            """
            The committed offset of group \(group) for \(place) \(what). Someone reset the group, or another program uses \
            its name. The journal in \(journalPath) was last confirmed at offset \(confirmed.offset), position \
            \(confirmed.position). Set the group back to that offset with metadata \
            "\(OffsetMetadata(head: confirmed.head).text)", or move the data directory away and delete the group to start \
            anew; nothing was read or sent.
            """)
    }

    fileprivate func journalBehind(_ head: JournalHead) -> EngineError {
        EngineError(
            .journalBehind,
            """
            The committed offset of group \(group) for \(place) stands for journal position \(head.position), but the \
            journal in \(journalPath) ends at \(journalHead.position). It was lost, or an older copy was put back. Restore \
            the newest copy of the data directory; nothing was read or sent.
            """)
    }

    fileprivate func journalDiverged(_ head: JournalHead) -> EngineError {
        EngineError(
            .journalDiverged,
            """
            The committed offset of group \(group) for \(place) stands for frame \(head.hash) at journal position \
            \(head.position), but the journal in \(journalPath) has another history there. The data directory belongs to \
            another cluster, group or time. Use the one that goes with this group; nothing was read or sent.
            """)
    }

    fileprivate func offsetsRestored(_ head: JournalHead) -> EngineError {
        EngineError(
            .offsetsRestored,
            """
            The committed offset of group \(group) for \(place) stands for journal position \(head.position), but position \
            \(confirmed.position) (offset \(confirmed.offset)) is known to have been committed. The broker was restored \
            from a backup, or the offset was set back: reminders of the time between may have been sent already. Nothing \
            was read or sent.
            """)
    }

    fileprivate func offsetOutOfRange(_ topic: Int, _ offset: Int64) -> EngineError {
        let why =
            offset < beginnings[topic]
            ? "the events before \(beginnings[topic]) were deleted by retention before they were read"
            : "the partition ends at \(ends[topic]): the topic was made anew, or restored from a backup"
        return EngineError(
            .offsetOutOfRange,
            """
            The committed offset \(offset) of group \(group) for \(topics[topic]) partition \(partition) is out of range: \
            \(why). Going on would lose events silently; nothing was read or sent.
            """)
    }
}
