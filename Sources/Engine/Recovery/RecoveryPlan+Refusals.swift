import Journal

extension RecoveryPlan.Evidence {
    var place: String { "partition \(partition) of \(topics.joined(separator: ", "))" }

    func groupReset(_ what: String) -> EngineError {
        EngineError(
            .groupReset,
            """
            The committed offset of group \(group) for \(place) \(what). Someone reset the group, or another program uses \
            its name. The journal in \(journalPath) was last confirmed at offset \(confirmed.offset), position \
            \(confirmed.position); nothing was read or sent. `winback recover` puts the \
            offsets back.
            """)
    }

    func journalBehind(_ head: JournalHead) -> EngineError {
        EngineError(
            .journalBehind,
            """
            The committed offset of group \(group) for \(place) stands for journal position \(head.position), but the \
            journal in \(journalPath) ends at \(journalHead.position). It was lost, or an older copy was put back. Restore \
            the newest copy of the data directory; if there is none, `winback recover` rebuilds it. Nothing was read or sent.
            """)
    }

    func journalDiverged(_ head: JournalHead) -> EngineError {
        EngineError(
            .journalDiverged,
            """
            The committed offset of group \(group) for \(place) stands for frame \(head.hash) at journal position \
            \(head.position), but the journal in \(journalPath) has another history there. The data directory belongs to \
            another cluster, group or time. Use the one that goes with this group; if there is none, `winback recover` \
            rebuilds it. Nothing was read or sent.
            """)
    }

    func offsetsRestored(_ head: JournalHead) -> EngineError {
        EngineError(
            .offsetsRestored,
            """
            The committed offset of group \(group) for \(place) stands for journal position \(head.position), but position \
            \(confirmed.position) (offset \(confirmed.offset)) is known to have been committed. The broker was restored \
            from a backup, or the offset was set back: reminders of the time between may have been sent already. Nothing \
            was read or sent; `winback recover` shows where to go on.
            """)
    }

    func offsetOutOfRange(_ topic: Int, _ offset: Int64) -> EngineError {
        let why =
            offset < beginnings[topic]
            ? "the events before \(beginnings[topic]) were deleted by retention before they were read"
            : "the partition ends at \(ends[topic]): the topic was made anew, or restored from a backup"
        return EngineError(
            .offsetOutOfRange,
            """
            The committed offset \(offset) of group \(group) for \(topics[topic]) partition \(partition) is out of range: \
            \(why). Going on would lose events silently; nothing was read or sent. `winback recover` shows what is lost, and asks.
            """)
    }
}
