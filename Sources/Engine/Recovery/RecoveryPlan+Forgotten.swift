import Journal

/// What a shard's journal holds of its topics, and whether they still hold the same.
struct TopicMemory {
    /// Whether the journal was written for these event topics, in this order, from its first frame on.
    var isOfTheseTopics: Bool
    /// Per topic: the offset of the last message that was folded; `nil` if none ever was.
    var lastOffsets: [Int64?]
    /// What a topic holds in that place now.
    var found: (_ topic: Int) throws -> Found

    enum Found {
        /// The message that was folded.
        case same
        case another
        case nothing
    }
}

extension RecoveryPlan {
    /// Where the broker has forgotten a group's offsets, they follow from a journal that ends confirmed: everything in it
    /// has happened, and nothing besides. That the topics are the ones it was written from is what their last messages
    /// prove; a topic that was made anew, or another cluster, has others.
    static func forgottenOffsets(_ evidence: Evidence, _ memory: () throws -> TopicMemory) throws -> [Int64] {
        if let lastGroup = evidence.lastGroup, lastGroup != evidence.group {
            throw evidence.offsetsForgotten("the data directory was last used with group \(lastGroup)")
        }
        guard evidence.journalHead == evidence.confirmed.head else { throw evidence.endIsUnconfirmed }
        let memory = try memory()
        guard memory.isOfTheseTopics else {
            throw evidence.offsetsForgotten("the list of event topics in the configuration has changed")
        }
        return try evidence.topics.indices.map { topic in
            guard let last = memory.lastOffsets[topic] else { return try firstOffset(evidence, topic) }
            guard last >= evidence.beginnings[topic] else {
                throw evidence.lastMessage(
                    topic, last,
                    "is gone: the topic now begins at \(evidence.beginnings[topic]), so events behind it may "
                        + "have been deleted unread")
            }
            guard last < evidence.ends[topic] else {
                throw evidence.lastMessage(
                    topic, last,
                    "is not there: the topic ends at \(evidence.ends[topic]), so it was made anew or restored "
                        + "from a backup")
            }
            switch try memory.found(topic) {
            case .same: return last + 1
            case .another:
                throw evidence.lastMessage(
                    topic, last, "is another one now: the topic was made anew, or this is another cluster")
            case .nothing: throw evidence.lastMessage(topic, last, "is gone, as after a compaction")
            }
        }
    }

    /// Where a topic from which nothing was ever folded was to be read from. That was its beginning, and a beginning only
    /// moves when events are deleted.
    private static func firstOffset(_ evidence: Evidence, _ topic: Int) throws -> Int64 {
        // A confirmation tells the first topic's offset; of the others only 0 is sure to have been the beginning.
        let first = topic == 0 ? evidence.confirmed.offset : 0
        guard evidence.beginnings[topic] == first else {
            throw evidence.offsetsForgotten(
                """
                nothing was folded from \(evidence.topics[topic]) yet, and it now begins at \(evidence.beginnings[topic]), \
                not at \(first): events may have been deleted unread, or the topic was made anew
                """)
        }
        return first
    }

    /// A shard that begins beside others whose offsets were only forgotten has lost its journal: it would send again what
    /// was sent.
    static func requireTogether(_ plans: [(evidence: Evidence, plan: RecoveryPlan)]) throws {
        guard plans.contains(where: { if case .renew = $0.plan { true } else { false } }) else { return }
        for (evidence, plan) in plans {
            guard case .begin = plan else { continue }
            throw evidence.lostBesideOthers
        }
    }
}

extension RecoveryPlan.Evidence {
    func offsetsForgotten(_ why: String) -> EngineError {
        EngineError(
            .offsetsForgotten,
            """
            The broker has no committed offset of group \(group) for \(place), and the journal in \(journalPath), which ends \
            at position \(journalHead.position), can't go on by itself: \(why). Kafka forgets a group's offsets after seven \
            days without a member, or this data directory belongs to another cluster or group. Check \
            `kafka.bootstrap.servers`, `group` and `topics.events`; nothing was read or sent. If all of them are right, \
            `winback recover` shows where to go on.
            """)
    }

    var lostBesideOthers: EngineError {
        offsetsForgotten("this journal is empty, while those of other partitions are not: it was lost, so restore it")
    }

    fileprivate var endIsUnconfirmed: EngineError {
        offsetsForgotten(
            """
            only position \(confirmed.position) (offset \(confirmed.offset)) is known to have been committed, and what the \
            frames behind it decided may have been sent or not
            """)
    }

    fileprivate func lastMessage(_ topic: Int, _ offset: Int64, _ what: String) -> EngineError {
        offsetsForgotten("the message at offset \(offset) of \(topics[topic]), the last one that was folded, \(what)")
    }
}
