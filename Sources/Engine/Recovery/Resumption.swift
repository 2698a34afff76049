import Journal
import Journey

/// Where a shard goes on whose journal is good, and what becomes of the end of it that may not have been committed.
struct Resumption: Equatable {
    var tail: TailEnd
    /// Per topic.
    var places: [Place]

    /// Where one topic is read on.
    struct Place: Equatable {
        var offset: Int64
        /// How many offsets before it were deleted before they were read.
        var lost: Int64 = 0
        /// The topic is not the one that was read: it was made anew, or restored from an older copy.
        var isAnother = false
    }

    var offsets: [Int64] { places.map(\.offset) }
    /// Events were lost; how many is known where they were deleted.
    var losesEvents: Bool { places.contains { $0.lost > 0 || $0.isAnother } }

    /// - Parameters:
    ///   - wanted: the offset that the journal's end stands for.
    ///   - last: what the topic holds in the place of the last message that was folded; `nil` if none ever was.
    ///   - committed: an offset that was committed for an earlier part of this journal, as a broker has it that was restored
    ///     from a backup. What is folded twice from there on changes nothing: that follows from the events' own times.
    static func place(
        wanted: Int64, beginning: Int64, end: Int64, last: TopicMemory.Found?, committed: Int64?
    ) -> Place {
        if wanted < beginning { return Place(offset: beginning, lost: beginning - wanted) }
        if wanted <= end && last != .another { return Place(offset: wanted) }
        if let committed, committed >= beginning, committed <= min(wanted, end) {
            return Place(offset: committed, isAnother: true)
        }
        return Place(offset: beginning, isAnother: true)
    }
}

/// How far a journal is gone on from whose last frames may or may not have been committed: a frame's commands and dead
/// letters became visible with its commit, so the topics tell.
struct TailEnd: Equatable {
    var head: JournalHead
    /// Reminders of frames that turned out to have been committed.
    var sent = 0
    /// Reminders of frames that were not, and that are decided anew.
    var unsent = 0
    /// Reminders that the topic can't tell of any more. They count as sent.
    var unknown = 0
    /// Frames that are cut off; what they hold of events is read again.
    var cutFrames = 0

    /// Whether something is in its topic.
    enum Trace { case found, missing, unknown }

    /// - Parameters:
    ///   - tail: the frames behind the confirmed position, oldest first.
    ///   - keepsAll: take what is not found for sent all the same: the topics are older than the journal.
    ///   - publishesLeads: lead events are published; they are not looked up, because their ids keep a second one apart.
    static func of(
        _ tail: [JournalSurvey.Frame], behind confirmed: JournalHead, keepsAll: Bool, publishesLeads: Bool,
        reminder: (FoundReminder) -> Trace, letter: (LetterOrigin) -> Trace
    ) -> TailEnd {
        // A transaction is visible as a whole, and they come in order: what is found proves all that lies before it.
        let last = tail.lastIndex { frame in
            keepsAll || frame.reminders.contains { reminder($0) != .missing }
                || frame.letters.contains { letter($0) != .missing }
        }
        var kept = last.map { $0 + 1 } ?? 0
        // What has published nothing is the same, committed or not.
        while kept < tail.count, tail[kept].isSilent(publishesLeads: publishesLeads) { kept += 1 }
        var end = TailEnd(head: kept == 0 ? confirmed : tail[kept - 1].head, cutFrames: tail.count - kept)
        for (index, frame) in tail.enumerated() {
            for each in frame.reminders {
                if index >= kept {
                    end.unsent += 1
                } else if reminder(each) == .found {
                    end.sent += 1
                } else {
                    end.unknown += 1
                }
            }
        }
        return end
    }
}

extension JournalSurvey.Frame {
    /// Whether nobody can have seen anything of it.
    fileprivate func isSilent(publishesLeads: Bool) -> Bool {
        reminders.isEmpty && letters.isEmpty && !(publishesLeads && changesLeads)
    }
}
