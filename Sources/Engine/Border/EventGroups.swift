import Dispatch
import Synchronization

/// Groups on their way from a batch to the fold: planned in the batch's order, read by whoever has time, folded in the
/// order in which they were planned.
///
/// The worker plans, folds, and reads what nobody else has begun to; a helper on another core, if there is one, reads
/// ahead of it. Neither waits while there is anything that it could do.
///
/// Safe to share: a group is its reader's from `claim` to `finish`, and otherwise the worker's.
final class EventGroups: @unchecked Sendable {
    private let groups: [EventGroup]
    /// Groups that were planned, that somebody has begun to read, and that were folded, since the beginning.
    private let planned = Atomic(0)
    private let claimed = Atomic(0)
    private var folded = 0

    private let helperSleeps = Atomic(false)
    private let workerSleeps = Atomic(false)
    private let isClosed = Atomic(false)
    private let forHelper = DispatchSemaphore(value: 0)
    private let forWorker = DispatchSemaphore(value: 0)

    /// As many unread groups are worth waking the helper.
    static let worthWaking = 8
    private static let spins = 200

    /// - Parameter capacity: how far reading may be ahead of folding.
    init(capacity: Int) { groups = (0..<capacity).map { _ in EventGroup() } }

    // MARK: The worker

    var hasRoom: Bool { planned.load(ordering: .relaxed) - folded < groups.count }

    /// - Parameter prepare: says what the group is to hold. There must be room for it.
    func plan(_ prepare: (EventGroup) -> Void) {
        let number = planned.load(ordering: .relaxed)
        let group = groups[number % groups.count]
        prepare(group)
        group.number = number
        planned.store(number + 1, ordering: .sequentiallyConsistent)
        let unread = number + 1 - claimed.load(ordering: .relaxed)
        if unread >= Self.worthWaking { wake(helperSleeps, forHelper) }
    }

    /// The next group to fold; `nil` if none is planned. It is the caller's until `fold` says that it was folded.
    ///
    /// - Parameter read: reads a group on this thread: that one, or a later one while the helper has not finished it.
    func next(reading read: (EventGroup) -> Void) -> EventGroup? {
        guard folded < planned.load(ordering: .relaxed) else { return nil }
        let group = groups[folded % groups.count]
        while group.readNumber.load(ordering: .acquiring) != folded {
            if let claimed = claim() {
                read(claimed)
                finish(claimed)
            } else {
                wait(for: group)
            }
        }
        return group
    }

    /// The group that `next` gave was folded.
    func advance() { folded += 1 }

    /// Forgets what is planned and not folded. The helper no longer reads any of it.
    func clear() {
        while let group = claim() { finish(group) }
        while next(reading: { _ in }) != nil { advance() }
    }

    private func wait(for group: EventGroup) {
        for _ in 0..<Self.spins where group.readNumber.load(ordering: .acquiring) == folded { return }
        sleep(workerSleeps, forWorker) { group.readNumber.load(ordering: .sequentiallyConsistent) == folded }
    }

    // MARK: Who reads

    /// A group that nobody reads yet: the caller's, until it has finished it.
    private func claim() -> EventGroup? {
        var number = claimed.load(ordering: .acquiring)
        while number < planned.load(ordering: .sequentiallyConsistent) {
            let (isMine, found) = claimed.compareExchange(
                expected: number, desired: number + 1, ordering: .acquiringAndReleasing)
            if isMine { return groups[number % groups.count] }
            number = found
        }
        return nil
    }

    private func finish(_ group: EventGroup) {
        group.readNumber.store(group.number, ordering: .sequentiallyConsistent)
        wake(workerSleeps, forWorker)
    }

    /// The helper's: reads whatever is planned, until the groups are closed.
    func serve(_ read: (EventGroup) -> Void) {
        while !isClosed.load(ordering: .acquiring) {
            if let group = claim() {
                read(group)
                finish(group)
            } else {
                sleep(helperSleeps, forHelper) {
                    claimed.load(ordering: .sequentiallyConsistent) < planned.load(ordering: .sequentiallyConsistent)
                        || isClosed.load(ordering: .sequentiallyConsistent)
                }
            }
        }
    }

    /// Ends the helper.
    func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        wake(helperSleeps, forHelper)
    }

    // MARK: Waiting

    /// Sleeps until somebody calls `wake`. Who sleeps says so first and looks once more; who wakes changes something first and
    /// looks then: one of the two sees the other.
    private func sleep(_ sleeps: borrowing Atomic<Bool>, _ semaphore: DispatchSemaphore, unless isDone: () -> Bool) {
        sleeps.store(true, ordering: .sequentiallyConsistent)
        if isDone(), sleeps.exchange(false, ordering: .sequentiallyConsistent) { return }
        semaphore.wait()
    }

    private func wake(_ sleeps: borrowing Atomic<Bool>, _ semaphore: DispatchSemaphore) {
        guard sleeps.load(ordering: .sequentiallyConsistent),
            sleeps.exchange(false, ordering: .sequentiallyConsistent)
        else { return }
        semaphore.signal()
    }
}
