import Journal
import Journey

/// Folds a shard's journal frame by frame, and proves its snapshots: each must say of everybody what the frames before it add
/// up to.
public final class SnapshotProof {
    public enum Verdict: Sendable, Equatable {
        case proved(prospects: Int)
        /// Written by another version, which starts do not use.
        case otherVersion(String)
        /// Says something that does not follow from the frames.
        case refuted(String)
        /// Its bytes are not as they were written.
        case damaged(String)
    }

    private let directory: DataDirectory
    private let fold: ShardFold
    private var scratch = ProspectState()
    /// Events and messages, and facts, of all frames so far.
    public var events: Int { fold.applied.messages }
    public var facts: Int { fold.applied.facts }
    public var clock: Instant { fold.clock }

    /// The journal's records may be of any of the topics that one may name.
    private static let topicCount = 256

    public init(_ directory: DataDirectory) {
        self.directory = directory
        fold = ShardFold(key: directory.key, topicCount: Self.topicCount)
    }

    /// Goes on from a snapshot, where the frames before it are not at hand: what it says is taken for true.
    public init(_ directory: DataDirectory, from candidate: SnapshotFile.Candidate) throws {
        self.directory = directory
        fold = try StateSnapshot.load(candidate, directory, topicCount: Self.topicCount)
    }

    /// Throws `RecordError` on bytes that no writer of ours wrote.
    public func fold(_ frame: Frame) throws {
        try fold.apply(frame.body, framePosition: frame.position)
    }

    /// Compares a snapshot of the place that has been folded up to.
    public func prove(_ candidate: SnapshotFile.Candidate, at head: JournalHead) -> Verdict {
        let other: ShardFold
        do {
            let snapshot = try SnapshotFile.load(candidate, directory.fileSystem)
            guard snapshot.head == head else { return .refuted("it is of a frame that is not in the journal") }
            other = try StateSnapshot.load(snapshot, key: directory.key)
        } catch let error as StateSnapshot.Unusable {
            return .otherVersion(error.reason)
        } catch {
            return .damaged("\(error)")
        }
        if let difference = difference(from: other) { return .refuted(difference) }
        return .proved(prospects: other.prospects.count)
    }

    private func difference(from other: ShardFold) -> String? {
        guard other.prospects.count == fold.prospects.count else {
            return "it has \(other.prospects.count) prospects, and the journal \(fold.prospects.count)"
        }
        var differing = 0
        other.visitProspects { key, state in
            let isKnown = fold.prospects.load(key, into: &scratch) != nil
            if !isKnown || scratch != state { differing += 1 }
        }
        if differing > 0 { return "of \(differing) prospects it says otherwise than the journal" }
        guard other.clock == fold.clock else {
            return "its clock is \(other.clock.text), and the journal's \(fold.clock.text)"
        }
        guard other.nextOffsets.elementsEqual(fold.nextOffsets.prefix(other.nextOffsets.count)) else {
            return "it stands at other offsets than the journal"
        }
        guard other.activations == fold.activations else { return "it has other configurations than the journal" }
        guard other.interventions == fold.interventions else { return "it has other operators' decisions" }
        guard other.erasedAddresses == fold.erasedAddresses else { return "it has other erased addresses" }
        guard other.destructions == fold.destructions else { return "it has other data that is still to be destroyed" }
        guard other.activeJourneys == fold.activeJourneys else { return "it counts journeys otherwise" }
        return nil
    }
}
