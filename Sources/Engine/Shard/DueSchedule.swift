import Journey

/// What a tick decides of a shard, in its order: takes timers out of the prospects' table until the earliest due action is
/// known, and keeps what a tick leaves. The live shard and a replay go through the same one.
struct DueSchedule {
    private var actions = DueActions()
    private var taken: ContiguousArray<BlobReference> = []
    private var found: ContiguousArray<DueActions.Action> = []
    /// Every action that is due before it is among `actions`.
    private var horizon = Instant.distantPast

    var isEmpty: Bool { actions.isEmpty }
    var count: Int { actions.count }

    /// Another clock: timers that it has reached are still in the table.
    mutating func beginTick() { horizon = .distantPast }

    /// Whether an action can be decided: one that is due, and before which no other can be. Timers are taken until there is
    /// one or nothing is left; many come up before their action is due, because activity has moved it on.
    ///
    /// - Parameters:
    ///   - state: room for the prospects that are looked at.
    ///   - limit: how many timers are taken at once.
    mutating func hasNext(
        of fold: ShardFold, upTo clock: Instant, limit: Int, using state: inout ProspectState
    ) -> Bool {
        while !actions.hasNext(before: horizon) {
            guard horizon <= clock else { return false }
            horizon = takeDue(of: fold, upTo: clock, limit: limit, using: &state)
        }
        return true
    }

    /// The next one, if `hasNext` says that there is one.
    mutating func next() -> DueActions.Action? { actions.next(before: horizon) }

    /// As many are still in the processor's cache when they are sorted and decided.
    static let takenAtOnce = 8192

    private mutating func takeDue(
        of fold: ShardFold, upTo clock: Instant, limit: Int, using state: inout ProspectState
    ) -> Instant {
        taken.removeAll(keepingCapacity: true)
        // Taken out once: a class's property is retained and released by each call that reads it.
        let policies = fold.policies
        let horizon = fold.prospects.takeDue(
            upTo: clock, limit: min(limit, Self.takenAtOnce), into: &taken)
        for (index, place) in taken.enumerated() {
            fold.prospects.touch(taken, at: index)
            let prospect = fold.prospects.load(at: place, into: &state)
            let next = policies.forEachDue(state, at: clock) { due, journey in
                found.append(DueActions.Action(due: due, journey: journey, prospect: prospect))
            }
            // The timer of who has something due is this list now. An event that stores it meanwhile queues it again; then
            // it is decided twice, and the second time nothing is due.
            let isDue = next.map { $0 <= clock } ?? false
            fold.prospects.reschedule(place, nextAction: isDue ? nil : next)
        }
        actions.take(&found)
        return horizon
    }
}
