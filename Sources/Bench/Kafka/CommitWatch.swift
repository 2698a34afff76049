import Kafka
import Synchronization

/// When an engine's commits happened, and what was in them.
final class CommitWatch: Sendable {
    struct Commit: Sendable {
        /// When its frames had been synced, in seconds of `Stopwatch.now`.
        var durableAt: Double
        /// When the broker had said that it was committed.
        var committedAt: Double
        var offsets: [PartitionOffset]
        /// Commands, dead letters and lead events in it.
        var messages: Int
    }

    private let state = Mutex((commits: [Commit](), messages: 0))

    func note(_ commit: Commit) {
        state.withLock { state in
            state.commits.append(commit)
            state.messages += commit.messages
        }
    }

    var commits: [Commit] { state.withLock { $0.commits } }
    /// Of all commits.
    var messages: Int { state.withLock { $0.messages } }
    /// When the last commit was known.
    var lastCommittedAt: Double? { state.withLock { $0.commits.last?.committedAt } }

    /// How long events waited that were sent at a known time and lie at a known place: until they were durable in the
    /// journal, and until they were committed, in seconds. Events without a commit are not among them.
    func waits(of events: [SentEvent]) -> (durable: [Double], committed: [Double]) {
        var (durable, committed): ([Double], [Double]) = ([], [])
        let commits = commits
        for (partition, events) in Dictionary(grouping: events, by: \.partition) {
            let ends = commits.compactMap { commit in
                commit.offsets.first { $0.partition.partition == partition }.map { (offset: $0.offset, commit: commit) }
            }
            var place = 0
            for event in events.sorted(by: { $0.offset < $1.offset }) {
                while place < ends.count, ends[place].offset <= event.offset { place += 1 }
                guard place < ends.count else { break }
                durable.append(ends[place].commit.durableAt - event.sentAt)
                committed.append(ends[place].commit.committedAt - event.sentAt)
            }
        }
        return (durable, committed)
    }
}

/// An event that was sent one by one.
struct SentEvent: Sendable {
    var person: Int
    var partition: Int32
    var offset: Int64
    /// In seconds of `Stopwatch.now`.
    var sentAt: Double
}
