import Journal
import Journey
import Kafka

/// What an operator may decide where an engine does not start.
public enum RecoveryChoice: String, CaseIterable, Sendable {
    /// Go on where the journal stands.
    case resume
    /// The same, and what waits gets no more reminders.
    case resumeAndWithhold = "resume-and-withhold"
    /// Begin the journal anew from the events that the topics still hold, and send nothing again.
    case rebuild
    /// The wall clock is right.
    case acceptClock = "accept-clock"
}

/// Why an engine would not start or tick, in words, and the ways out with what each would do.
public struct Diagnosis: Sendable {
    public struct Finding: Sendable, Equatable {
        /// `nil`: it concerns all partitions.
        public var partition: Int32?
        /// A word for programs, such as `group-reset`.
        public var code: String
        public var message: String
    }

    public struct Choice: Sendable {
        public var name: RecoveryChoice
        public var summary: String
        public var effects: [Effect]
    }

    /// One line of what a choice does.
    public struct Effect: Sendable, Equatable {
        public var name: String
        public var text: String

        init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
        }
    }

    public internal(set) var findings: [Finding] = []
    public internal(set) var choices: [Choice] = []
    /// What to do where nothing can be chosen.
    public internal(set) var advice: [String] = []
    var shards: [ShardCase] = []
    /// What a rebuild begins with, where one is offered.
    var rebuild: RebuildPlan?

    public func offers(_ choice: RecoveryChoice) -> Bool { choices.contains { $0.name == choice } }
}

/// One shard as a recovery sees it: what is known of it, and how it can go on.
struct ShardCase: @unchecked Sendable {
    // Unchecked for nothing but that a diagnosis is handed from one function to the next on one thread.
    enum Way {
        /// The engine goes on by itself, from this plan.
        case none(RecoveryPlan)
        case resume(Resumption)
        /// From where its journal is certain and others are not its own any more; `nil`: from nothing.
        case rebuild(Resumption?)
    }

    var partition: Int32
    /// Per topic: where the broker's partition begins and ends.
    var beginnings: [Int64]
    var ends: [Int64]
    var way: Way
    /// The journal's newest clock.
    var clock = Instant.distantPast
    var forecast = Forecast()

    /// What the broker is told for it, once the journal ends at `head`; `nil` where nothing has to be told.
    func offsets(_ topics: [String], _ head: JournalHead, _ offsets: [Int64]) -> [PartitionOffset] {
        zip(topics, offsets).map { topic, offset in
            PartitionOffset(
                TopicPartition(topic, partition), offset: offset, metadata: OffsetMetadata(head: head).text)
        }
    }
}
