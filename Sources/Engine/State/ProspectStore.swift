import Journey

/// All prospects of a shard with their timers: what the fold loads an event's prospect from and stores it back to.
///
/// One owner, one thread. It holds no personal data: positions of records and keyed hashes only.
public struct ProspectStore: ~Copyable {
    var table: StateTable
    var timers: TimerQueue
    /// What reading ahead has read, in sum. Means nothing.
    private var touched: UInt64 = 0

    /// An empty store. `start`: a time before which no action is due; it only saves work at the first tick.
    public init(start: Instant = .distantPast) {
        table = StateTable()
        timers = TimerQueue(start: Self.second(start))
    }

    init(table: consuming StateTable, timers: consuming TimerQueue) {
        self.table = table
        self.timers = timers
    }

    /// Prospects of whom anything is known.
    public var count: Int { table.count }
    /// Memory in use for prospects, index and timers, also where it is a mapped snapshot's. Walks chunks and tables.
    public var residentBytes: Int { table.residentBytes + timers.residentBytes }

    /// Reads what is known about a prospect. `nil`: nothing; `state` is then reset.
    public func load(_ key: ProspectKey, into state: inout ProspectState) -> BlobReference? {
        table.load(key, into: &state)
    }

    /// Reads ahead for keys that are loaded next: some ten to thirty at a time.
    public mutating func touch(_ keys: UnsafeBufferPointer<ProspectKey>) { touched &+= table.touch(keys) }

    /// Reads ahead in a list of references that are loaded one after the other, whenever a group of them begins.
    mutating func touch(_ references: ContiguousArray<BlobReference>, at index: Int) {
        guard index % Self.touchedAtOnce == 0 else { return }
        let end = min(index + Self.touchedAtOnce, references.count)
        for place in index..<end { touched &+= table.touch(references[place]) }
    }

    private static let touchedAtOnce = 32

    /// Reads the prospect of a reference that `takeDue` gave and that has not been stored since.
    public func load(at reference: BlobReference, into state: inout ProspectState) -> ProspectKey {
        table.load(at: reference, into: &state)
    }

    /// Keeps a prospect's state and queues its timer.
    ///
    /// - Parameters:
    ///   - reference: what loading it gave; `nil` for a prospect that was not known.
    ///   - nextAction: when the earliest timer of its journeys is due; `nil`: it waits for nothing.
    /// - Returns: where it lies now; `nil` when nothing is left that a later event could depend on: it was removed.
    @discardableResult
    public mutating func store(
        _ key: ProspectKey, _ state: ProspectState, at reference: BlobReference?, nextAction: Instant?
    ) -> BlobReference? {
        guard let new = table.store(key, state, at: reference) else { return nil }
        schedule(new, nextAction, moved: new != reference)
        return new
    }

    /// Queues the timer of a prospect whose state has not changed: what must be done with each reference that
    /// `takeDue` gave and that is not stored.
    public mutating func reschedule(_ reference: BlobReference, nextAction: Instant?) {
        schedule(reference, nextAction, moved: false)
    }

    /// Hands out the prospects whose next action may be due at `clock`, in no exact order; their timers are taken out
    /// of the queue, so each must be stored or rescheduled before the next call.
    ///
    /// Stops when `limit` prospects or somewhat more (the rest of a second) have been handed out.
    /// - Returns: the horizon. Every action due before it has been handed out; one that is due at or after it, though
    ///   perhaps by `clock`, may have others before it that were not.
    public mutating func takeDue(
        upTo clock: Instant, limit: Int, into due: inout ContiguousArray<BlobReference>
    ) -> Instant {
        Self.start(of: timers.pop(upTo: Self.second(clock), limit: limit, from: table.heap, into: &due))
    }

    /// Every prospect, in no order that means anything. The state is only good during the call.
    public func visitAll(_ body: (ProspectKey, ProspectState) throws -> Void) rethrows { try table.visitAll(body) }

    @inline(__always)
    private mutating func schedule(_ reference: BlobReference, _ nextAction: Instant?, moved: Bool) {
        let queued = table.queuedTimer(at: reference)
        guard let nextAction else {
            if queued != 0 { table.setQueuedTimer(at: reference, 0) }
            return
        }
        let second = Self.second(nextAction)
        if queued == 0 || second < queued {
            table.setQueuedTimer(at: reference, second)
            push(second, reference)
        } else if moved {
            // The queued record names the blob's old place.
            push(queued, reference)
        }
    }

    @inline(__always)
    private mutating func push(_ second: UInt32, _ reference: BlobReference) {
        timers.push(second, reference.rawValue)
        if timers.count > table.count * 2 + TimerQueue.toleratedCount { timers.sweep(table.heap) }
    }

    private static let epochMilliseconds: Int64 = 946_684_800_000

    /// The second since 2000-01-01 that a time lies in, from 1 on.
    @inline(__always)
    static func second(_ time: Instant) -> UInt32 {
        if time.milliseconds < epochMilliseconds + 1000 { return 1 }
        return UInt32(min((time.milliseconds - epochMilliseconds) / 1000, Int64(TimerQueue.lastSecond)))
    }

    @inline(__always)
    static func start(of second: UInt32) -> Instant {
        Instant(milliseconds: epochMilliseconds + Int64(second) * 1000)
    }
}
