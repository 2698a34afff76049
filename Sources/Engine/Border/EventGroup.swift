import Contract
import Journey
import Kafka
import Synchronization

/// Some messages of one partition that follow each other, and what they were found to be.
///
/// It belongs to one thread at a time: `EventGroups` hands it from one to the other.
final class EventGroup {
    /// Prospects whose memory is read ahead together.
    static let capacity = 32

    /// What decoding has found a message to be.
    enum Content {
        /// It is in `events`.
        case event
        case tombstone, unknownType
        /// The next of `refusals`.
        case refused
    }

    /// Which of all groups it holds, counted from the first that was ever planned.
    var number = -1
    /// The newest number that was read. Who sees it there sees all that was read.
    let readNumber = Atomic(-1)

    private(set) var batch: MessageBatch?
    private(set) var messages = 0..<0
    /// The decoder's further fields with the shard's number of each, by ascending number.
    private(set) var fields: ContiguousArray<FieldSlot> = []
    /// Types of which anything may be kept.
    private(set) var detailed: EventTypeSet = []

    /// By the message's place in the group.
    private(set) var contents: ContiguousArray<Content> = []
    /// By the message's place in the group; in memory of its own, where it is filled and changed without a copy.
    let events: UnsafeMutablePointer<Normaliser.Event>
    private(set) var prospects: ContiguousArray<ProspectKey> = []
    private(set) var refusals: [Refusal] = []
    /// The events' records.
    var records = PersonalRecord.Writer(records: EventGroup.capacity)

    init() {
        events = .allocate(capacity: Self.capacity)
        events.initialize(repeating: .none, count: Self.capacity)
    }

    deinit { events.deallocate() }

    /// Says what is to be read, all of it of `shard`'s partition.
    func plan(_ messages: Range<Int>, of batch: MessageBatch, for shard: Shard) {
        if self.batch !== batch { self.batch = batch }
        self.messages = messages
        fields = shard.fieldSlots
        detailed = shard.fold.policies.detailedTypes
        contents.removeAll(keepingCapacity: true)
        prospects.removeAll(keepingCapacity: true)
        refusals.removeAll(keepingCapacity: true)
        records.removeAll()
    }

    /// Adds the event that was put into its place in `events`.
    func addEvent() {
        prospects.append(events[contents.count].input.prospect)
        contents.append(.event)
    }

    func add(_ refusal: Refusal) {
        refusals.append(refusal)
        contents.append(.refused)
    }

    func addTombstone() { contents.append(.tombstone) }

    func addUnknownType() { contents.append(.unknownType) }
}
