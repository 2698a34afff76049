import Journey
import Records
import Synchronization

/// What the worker and the destroyer tell each other: whose records are to be destroyed, and whose have been.
///
/// Safe to share. What waits here is part of the shards' states, so nothing is lost with it.
final class DestructionBoard: Sendable {
    /// One pass's worth.
    struct Order {
        var partition: Int32
        var destructions: [ProspectKey: Destruction]
        /// Up to where the partition's journal is confirmed.
        var end: UInt64
    }

    struct HeldUp {
        var message: String
        /// When it is tried again, on CLOCK_BOOTTIME.
        var retryAt: Int64
        var delayMilliseconds: Int64
    }

    private struct Shard {
        var erased: [ProspectKey: Destruction] = [:]
        var expired: [ProspectKey: Destruction] = [:]
        var end: UInt64 = 0
        var results: [DestroyedRecords] = []
        var failure: DestructionFailure?
        var heldUp: HeldUp?
        /// When those whose retention has ended were last destroyed, on CLOCK_BOOTTIME.
        var lastExpiry: Int64?
    }

    private struct State {
        var shards: [Int32: Shard] = [:]
        var finished: [EngineStatus.FinishedErasure] = []
        var records: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Those whose retention has ended are destroyed together, so often at most, or when a pass has enough of them.
    private static let expiryMilliseconds: Int64 = 3_600_000
    /// After what went wrong; each time twice as long, as a pass reads all of a journal.
    private static let retryMilliseconds: Int64 = 10_000
    private static let maximumRetryMilliseconds: Int64 = 600_000
    private static let finishedLimit = 64

    // MARK: The worker's side

    /// A shard begins anew, from its journal: it will say again what is to be destroyed.
    func begin(_ partition: Int32) {
        state.withLock { state in
            state.shards[partition, default: Shard()].erased = [:]
            state.shards[partition]?.expired = [:]
        }
    }

    func order(_ destructions: [ProspectKey: Destruction], of partition: Int32, upTo end: UInt64) {
        if destructions.isEmpty { return }
        state.withLock { state in
            for (prospect, destruction) in destructions {
                if destruction.erasures.isEmpty {
                    state.shards[partition, default: Shard()].expired[prospect] = destruction
                } else {
                    state.shards[partition, default: Shard()].expired[prospect] = nil
                    state.shards[partition]?.erased[prospect] = destruction
                }
            }
            state.shards[partition]?.end = end
        }
    }

    /// What has been destroyed since the last call, at most so much.
    func takeResults(_ partition: Int32, limit: Int) -> [DestroyedRecords] {
        state.withLock { state in
            guard let count = state.shards[partition]?.results.count, count > 0 else { return [] }
            let taken = Array(state.shards[partition]?.results.suffix(limit) ?? [])
            state.shards[partition]?.results.removeLast(taken.count)
            return taken
        }
    }

    /// A failure that the worker has not been told of.
    func takeFailure(_ partition: Int32) -> DestructionFailure? {
        state.withLock { state in
            defer { state.shards[partition]?.failure = nil }
            return state.shards[partition]?.failure
        }
    }

    // MARK: The destroyer's side

    /// Erasures at once, and whoever else waits with them; those whose retention has ended now and then. Not before the
    /// worker has taken the results of the pass before.
    func takeOrder(at now: Int64, limit: Int) -> Order? {
        state.withLock { state in
            let waiting = state.shards.sorted { $0.key < $1.key }.filter { _, shard in
                shard.results.isEmpty && now >= shard.heldUp?.retryAt ?? .min
            }
            let due =
                waiting.first { !$0.value.erased.isEmpty }
                ?? waiting.first { _, shard in
                    guard !shard.expired.isEmpty else { return false }
                    guard shard.expired.count < limit, let last = shard.lastExpiry else { return true }
                    return now - last >= Self.expiryMilliseconds
                }
            guard let (partition, shard) = due else { return nil }
            var taken: [ProspectKey: Destruction] = [:]
            for (prospect, destruction) in shard.erased.prefix(limit) { taken[prospect] = destruction }
            for (prospect, destruction) in shard.expired.prefix(limit - taken.count) { taken[prospect] = destruction }
            for prospect in taken.keys {
                state.shards[partition]?.erased[prospect] = nil
                state.shards[partition]?.expired[prospect] = nil
            }
            state.shards[partition]?.lastExpiry = now
            return Order(partition: partition, destructions: taken, end: shard.end)
        }
    }

    func finish(_ order: Order, _ results: [DestroyedRecords]) {
        state.withLock { state in
            state.shards[order.partition]?.results.append(contentsOf: results)
            state.shards[order.partition]?.heldUp = nil
        }
    }

    /// It is done again, unless the shard has been begun anew, and says so itself.
    func fail(_ order: Order, _ failure: DestructionFailure, at now: Int64) {
        put(back: order)
        state.withLock { state in
            let before = state.shards[order.partition]?.heldUp?.delayMilliseconds ?? Self.retryMilliseconds / 2
            let delay = min(2 * before, Self.maximumRetryMilliseconds)
            state.shards[order.partition]?.failure = failure
            state.shards[order.partition]?.heldUp = HeldUp(
                message: failure.message, retryAt: now + delay, delayMilliseconds: delay)
        }
    }

    func put(back order: Order) {
        state.withLock { state in
            for (prospect, destruction) in order.destructions {
                if destruction.erasures.isEmpty {
                    guard state.shards[order.partition]?.erased[prospect] == nil else { continue }
                    if state.shards[order.partition]?.expired[prospect] == nil {
                        state.shards[order.partition]?.expired[prospect] = destruction
                    }
                } else if state.shards[order.partition]?.erased[prospect] == nil {
                    state.shards[order.partition]?.erased[prospect] = destruction
                }
            }
        }
    }

    // MARK: For people

    /// Records were destroyed and journalled; of an erasure that concerns several prospects they add up.
    func finished(_ erasures: [EngineStatus.FinishedErasure], records: Int) {
        state.withLock { state in
            state.records += UInt64(records)
            for erasure in erasures {
                let known = state.finished.lastIndex {
                    ($0.partition, $0.topic, $0.offset) == (erasure.partition, erasure.topic, erasure.offset)
                }
                if let known {
                    state.finished[known].records += erasure.records
                } else {
                    state.finished.append(erasure)
                }
            }
            state.finished.removeFirst(max(0, state.finished.count - Self.finishedLimit))
        }
    }

    var status: EngineStatus.Destruction {
        state.withLock { state in
            EngineStatus.Destruction(
                records: state.records,
                heldUp: state.shards.sorted { $0.key < $1.key }.compactMap { partition, shard in
                    shard.heldUp.map { EngineStatus.Destruction.HeldUp(partition: partition, why: $0.message) }
                },
                finished: state.finished)
        }
    }
}
