import Journey
import RandomTestSupport
import Testing

@testable import Engine

@Suite struct TimerQueueTests {
    /// Against a dictionary of true next actions: at each tick exactly the due ones come out, never early or late.
    @Test(arguments: UInt64(1)...8)
    func everyTimerComesOutAtItsTick(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var store = ProspectStore()
        var model = TimerModel(clock: Instant(milliseconds: 1_760_000_000_123))
        for round in 0..<600 {
            for _ in 0..<Int.random(in: 0..<12, using: &random) { model.change(&store, &random) }
            // Mostly seconds; sometimes an outage of hours, days or half a year.
            let ahead: Span =
                switch Int.random(in: 0..<20, using: &random) {
                case 0: .hours(Int64.random(in: 1..<48, using: &random))
                case 1: .days(Int64.random(in: 1..<220, using: &random))
                default: Span(milliseconds: Int64.random(in: 0..<200_000, using: &random))
                }
            model.clock = model.clock + ahead
            model.tick(&store, limit: random.chance(20) ? 3 : 1000, "seed \(seed), round \(round)")
            if round % 97 == 50 {
                let snapshot = SnapshotCopy(store)
                store = try ProspectStore(mapping: snapshot.sections, keepAlive: snapshot)
            }
        }
    }

    @Test func dueTimersComeOutInTheOrderOfTheirSeconds() {
        var random = SeededGenerator(seed: 21)
        var store = ProspectStore()
        let start = Instant(milliseconds: 1_760_000_000_000)
        var dues: [ProspectKey: Instant] = [:]
        var state = ProspectState()
        state.suppression = .optedOut(at: start)
        for _ in 0..<5000 {
            let key = random.key()
            dues[key] = start + .seconds(Int64.random(in: 0..<400_000_000, using: &random))
            store.store(key, state, at: nil, nextAction: dues[key])
        }
        var due: ContiguousArray<BlobReference> = []
        let horizon = store.takeDue(upTo: start + .days(10_000), limit: 10_000, into: &due)
        #expect(horizon > start + .days(10_000))
        let order = due.map { dues[store.load(at: $0, into: &state)]! }
        #expect(order.count == 5000)
        #expect(order == order.sorted())
    }

    @Test func aLimitStopsAfterAWholeSecond() {
        var store = ProspectStore()
        var random = SeededGenerator(seed: 4)
        let start = Instant(milliseconds: 1_760_000_000_000)
        var state = ProspectState()
        state.suppression = .optedOut(at: start)
        for number in 0..<100 {
            store.store(random.key(), state, at: nil, nextAction: start + .seconds(Int64(number / 10)))
        }
        var due: ContiguousArray<BlobReference> = []
        let horizon = store.takeDue(upTo: start + .seconds(60), limit: 25, into: &due)
        #expect(due.count == 30)
        #expect(horizon == start + .seconds(3))
    }

    @Test func movingATimerToLaterQueuesNothing() {
        var store = ProspectStore()
        let start = Instant(milliseconds: 1_760_000_000_000)
        var state = ProspectState()
        state.suppression = .optedOut(at: start)
        let key = ProspectKey(high: 1, low: 1)
        for number in 0..<1000 {
            let reference = store.load(key, into: &state)
            state.suppression = .optedOut(at: start)
            store.store(key, state, at: reference, nextAction: start + .seconds(Int64(number)))
        }
        #expect(store.timers.count == 1)
    }

    /// Blobs that move leave records behind for months: these are swept, and no valid one with them.
    @Test func recordsThatNoLongerMatchDoNotPileUp() {
        var store = ProspectStore()
        var random = SeededGenerator(seed: 6)
        let start = Instant(milliseconds: 1_760_000_000_000)
        let keys = (0..<500).map { _ in random.key() }
        var dues: [ProspectKey: Instant] = [:]
        var state = ProspectState()
        for _ in 0..<50_000 {
            let key = keys[Int.random(in: 0..<keys.count, using: &random)]
            let reference = store.load(key, into: &state)
            state.journeys.removeAll()
            for _ in 0..<Int.random(in: 1..<5, using: &random) { state.journeys.append(random.journey()) }
            // The true time only ever moves to later, the blob to and fro.
            dues[key] = dues[key] ?? start + .days(Int64.random(in: 0..<400, using: &random))
            store.store(key, state, at: reference, nextAction: dues[key])
        }
        #expect(store.timers.count <= keys.count * 2 + TimerQueue.toleratedCount + 1)
        var due: ContiguousArray<BlobReference> = []
        _ = store.takeDue(upTo: start + .days(401), limit: 1000, into: &due)
        #expect(Set(due.map { store.load(at: $0, into: &state) }) == Set(keys))
        #expect(due.count == keys.count)
        #expect(store.timers.count == 0)
    }
}

/// Prospects with their true next action.
private struct TimerModel {
    var clock: Instant
    private var dues: [ProspectKey: Instant] = [:]
    private var keys: [ProspectKey] = []

    init(clock: Instant) { self.clock = clock }

    private mutating func next(_ random: inout SeededGenerator) -> Instant? {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: nil
        case 1: clock - .hours(Int64.random(in: 0..<100, using: &random))
        case 2, 3: clock + .days(Int64.random(in: 0..<400, using: &random))
        case 4: random.time()
        default: clock + Span(milliseconds: Int64.random(in: 0..<8_000_000, using: &random))
        }
    }

    /// A prospect changes, which may move its blob and its timer.
    mutating func change(_ store: inout ProspectStore, _ random: inout SeededGenerator) {
        if keys.count < 200, random.chance(40) || keys.isEmpty { keys.append(random.key()) }
        let key = keys[Int.random(in: 0..<keys.count, using: &random)]
        var state = ProspectState()
        let reference = store.load(key, into: &state)
        state = random.chance(10) ? ProspectState() : random.state()
        let due = next(&random)
        let stored = store.store(key, state, at: reference, nextAction: due)
        dues[key] = stored == nil ? nil : due
    }

    mutating func tick(_ store: inout ProspectStore, limit: Int, _ comment: Comment) {
        var last = false
        while !last {
            var due: ContiguousArray<BlobReference> = []
            let horizon = store.takeDue(upTo: clock, limit: limit, into: &due)
            last = horizon > clock
            var state = ProspectState()
            var fired: Set<ProspectKey> = []
            for reference in due {
                let key = store.load(at: reference, into: &state)
                #expect(store.load(key, into: &state) == reference, comment)
                if let time = dues[key], time <= clock, time < horizon {
                    #expect(fired.insert(key).inserted, comment)
                    dues[key] = nil
                    store.reschedule(reference, nextAction: nil)
                } else {
                    store.reschedule(reference, nextAction: dues[key])
                }
            }
            #expect(dues.values.allSatisfy { $0 > clock || $0 >= horizon }, comment)
        }
        #expect(dues.values.allSatisfy { $0 > clock }, comment)
    }
}
