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

    /// In their order from `first` on; those before it have been taken. Timers come out many at a time and almost in order:
    /// sorting them together takes a third of what a heap of them all does.
    private var sorted: ContiguousArray<Action> = []
    private var first = 0
    /// What was added one by one, a binary heap: each action is not after the two at twice its place, and one and two on.
    private var heap: ContiguousArray<Action> = []

    var isEmpty: Bool { count == 0 }
    var count: Int { sorted.count - first + heap.count }

    /// Adds many actions, in any order, and leaves the array empty.
    mutating func take(_ actions: inout ContiguousArray<Action>) {
        guard !actions.isEmpty else { return }
        actions.sort()
        sorted.removeFirst(first)
        first = 0
        let isBehind = sorted.last.map { $0 < actions[0] } ?? true
        sorted.append(contentsOf: actions)
        // Two runs that are in order are merged.
        if !isBehind { sorted.sort() }
        actions.removeAll(keepingCapacity: true)
    }

    /// Adds one action.
    mutating func append(_ action: Action) {
        heap.append(action)
        var place = heap.count - 1
        while place > 0 {
            let above = (place - 1) / 2
            guard action < heap[above] else { break }
            heap[place] = heap[above]
            place = above
        }
        heap[place] = action
    }

    /// Whether `next` has one.
    func hasNext(before horizon: Instant) -> Bool {
        (first < sorted.count && sorted[first].due < horizon) || heap.first.map { $0.due < horizon } ?? false
    }

    /// Takes the earliest action, if it is due before the horizon.
    mutating func next(before horizon: Instant) -> Action? {
        guard hasNext(before: horizon) else { return nil }
        if first < sorted.count, heap.first.map({ sorted[first] < $0 }) ?? true {
            defer { first += 1 }
            return sorted[first]
        }
        return popHeap()
    }

    private mutating func popHeap() -> Action? {
        guard let last = heap.popLast() else { return nil }
        guard let earliest = heap.first else { return last }
        var place = 0
        while true {
            var below = place * 2 + 1
            guard below < heap.count else { break }
            if below + 1 < heap.count, heap[below + 1] < heap[below] { below += 1 }
            guard heap[below] < last else { break }
            heap[place] = heap[below]
            place = below
        }
        heap[place] = last
        return earliest
    }
}
