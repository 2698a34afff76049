import Journey

/// The actions of one shard that are due, in the order in which they are decided: by (due time, journey).
///
/// More may be due than one tick decides. What stays is kept here, so that the next tick does not have to find and sort it
/// again; an event in between may have overtaken an action, so each is decided afresh when its turn comes.
struct DueActions {
    struct Action: Comparable {
        var due: Instant
        var journey: JourneyReference
        var prospect: ProspectKey

        static func < (a: Action, b: Action) -> Bool {
            if a.due != b.due { return a.due < b.due }
            if a.journey != b.journey { return a.journey < b.journey }
            return a.prospect < b.prospect
        }
    }

    /// A binary heap: each action is not after the two at twice its place, and one and two on.
    private var actions: ContiguousArray<Action> = []

    var isEmpty: Bool { actions.isEmpty }
    var count: Int { actions.count }

    mutating func append(_ action: Action) {
        actions.append(action)
        var place = actions.count - 1
        while place > 0 {
            let above = (place - 1) / 2
            guard action < actions[above] else { break }
            actions[place] = actions[above]
            place = above
        }
        actions[place] = action
    }

    /// Whether `next` has one.
    func hasNext(before horizon: Instant) -> Bool { actions.first.map { $0.due < horizon } ?? false }

    /// Takes the earliest action, if it is due before the horizon.
    mutating func next(before horizon: Instant) -> Action? {
        guard hasNext(before: horizon), let last = actions.popLast() else { return nil }
        guard let earliest = actions.first else { return last }
        var place = 0
        while true {
            var below = place * 2 + 1
            guard below < actions.count else { break }
            if below + 1 < actions.count, actions[below + 1] < actions[below] { below += 1 }
            guard actions[below] < last else { break }
            actions[place] = actions[below]
            place = below
        }
        actions[place] = last
        return earliest
    }
}
