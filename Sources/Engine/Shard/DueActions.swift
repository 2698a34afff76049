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

    /// Latest first, so that the earliest is taken off the end.
    private var actions: ContiguousArray<Action> = []
    private var isSorted = true

    var isEmpty: Bool { actions.isEmpty }
    var count: Int { actions.count }

    mutating func append(_ action: Action) {
        actions.append(action)
        isSorted = false
    }

    /// Whether `next` has one.
    mutating func hasNext(before horizon: Instant) -> Bool {
        if !isSorted {
            actions.sort(by: >)
            isSorted = true
        }
        return actions.last.map { $0.due < horizon } ?? false
    }

    /// Takes the earliest action, if it is due before the horizon.
    mutating func next(before horizon: Instant) -> Action? {
        hasNext(before: horizon) ? actions.popLast() : nil
    }
}
