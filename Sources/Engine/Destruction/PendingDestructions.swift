import Journal
import Journey
import Records

/// What a shard has still to destroy, and which erasures it has finished: a part of its state, so that neither a crash nor
/// another start forgets it.
struct PendingDestructions: Equatable {
    /// Of prospects whose erasure is outstanding, and of those whose retention ended alone.
    private(set) var erased: [ProspectKey: Destruction] = [:]
    private(set) var expired: [ProspectKey: Destruction] = [:]
    /// The newest erasures whose data is destroyed, oldest first.
    private(set) var done: [Done] = []
    /// Of each outstanding erasure, how many prospects it still concerns.
    private var outstanding: [MessagePlace: Int] = [:]

    static let doneLimit = 16

    struct Done: Equatable {
        var erasure: MessagePlace
        var destroyedAt: Instant
    }

    var count: Int { erased.count + expired.count }

    subscript(_ prospect: ProspectKey) -> Destruction? { erased[prospect] ?? expired[prospect] }

    /// In an order that follows from what they are.
    var sorted: [(prospect: ProspectKey, destruction: Destruction)] {
        (Array(erased) + Array(expired)).map { ($0.key, $0.value) }.sorted { $0.prospect < $1.prospect }
    }

    /// Notes what a fact leaves to be destroyed. To be called once the fact is in the state.
    ///
    /// - Parameters:
    ///   - event: what the fact was decided from, or from whose erasure it follows.
    ///   - address: the hash of the address that the event brings; 0 if none is known.
    ///   - frame: the position of the frame that holds the fact.
    ///   - newest: the position of the newest record before the fact in that frame; the frame's own if there is none.
    mutating func note(
        _ fact: Fact, of prospect: ProspectKey, leaving state: borrowing ProspectState, event: MessagePlace,
        address: UInt64, frame: UInt64, newest: UInt64
    ) {
        let oldest = state.oldestRecord
        var destruction = Destruction(
            before: oldest ?? RecordPosition(rawValue: newest + 1), frame: frame, isWhole: oldest == nil)
        switch fact {
        case .erased: destruction.erasures = [event]
        case .addressErased(let at):
            destruction.erasures = [event]
            if address != 0 { destruction.address = Destruction.Address(hash: address, erasedAt: at) }
        default: break
        }
        note(destruction, of: prospect)
    }

    mutating func note(_ newer: Destruction, of prospect: ProspectKey) {
        var destruction = newer
        var counted = 0
        if var known = self[prospect] {
            counted = known.erasures.count
            known.merge(newer)
            destruction = known
        }
        for erasure in destruction.erasures.dropFirst(counted) { outstanding[erasure, default: 0] += 1 }
        if destruction.erasures.isEmpty {
            expired[prospect] = destruction
        } else {
            expired[prospect] = nil
            erased[prospect] = destruction
        }
    }

    /// Takes note that records have been destroyed. What was asked for since then stays.
    mutating func settle(_ prospect: ProspectKey, before: RecordPosition, at time: Instant) {
        guard let known = self[prospect], known.before <= before else { return }
        expired[prospect] = nil
        erased[prospect] = nil
        for erasure in known.erasures {
            let left = outstanding[erasure, default: 0] - 1
            outstanding[erasure] = left > 0 ? left : nil
            if left <= 0 { note(Done(erasure: erasure, destroyedAt: time)) }
        }
    }

    mutating func note(_ finished: Done) {
        done.append(finished)
        if done.count > Self.doneLimit { done.removeFirst() }
    }

    /// The offset of the oldest erasure in a topic that is outstanding.
    func lowestErasure(topic: UInt8) -> Int64? {
        if outstanding.isEmpty { return nil }
        return outstanding.keys.filter { $0.topic == topic }.map(\.offset).min()
    }
}
