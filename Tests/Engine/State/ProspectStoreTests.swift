import Journey
import RandomTestSupport
import Testing

@testable import Engine

@Suite struct ProspectStoreTests {
    @Test(arguments: UInt64(1)...6)
    func itKeepsWhatADictionaryWould(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var model = StoreModel()
        var store = ProspectStore()
        for round in 0..<4 {
            for _ in 0..<1500 { model.step(&store, &random, keys: 400) }
            // The second half of the rounds goes on from a snapshot.
            if round % 2 == 1 {
                let snapshot = SnapshotCopy(store)
                store = try ProspectStore(mapping: snapshot.sections, keepAlive: snapshot)
            }
            model.compare(store, "seed \(seed), round \(round)")
        }
        // And everything away again.
        for key in model.states.keys {
            var state = ProspectState()
            let reference = store.load(key, into: &state)
            store.store(key, ProspectState(), at: reference, nextAction: nil)
        }
        #expect(store.count == 0)
    }

    @Test func aProspectThatIsNotKnownLeavesNothingOfTheLastOne() {
        var random = SeededGenerator(seed: 3)
        let store = ProspectStore()
        var state = random.state()
        #expect(store.load(random.key(), into: &state) == nil)
        #expect(state == ProspectState())
    }

    /// The keys of one table: it must grow many times, and its last entries must find places.
    @Test func manyKeysWithTheSameFirstBitsAreKept() {
        var store = ProspectStore()
        var state = ProspectState()
        state.suppression = .optedOut(at: Instant(milliseconds: 1))
        var random = SeededGenerator(seed: 5)
        // More of them want the table's last places than there are: it must grow beyond its usual load.
        let keys = (0..<3000).map { number in
            let tag = 0xFFFF_FFFF - random.next() % (number % 100 == 0 ? 1 << 22 : 1 << 32)
            return ProspectKey(high: 7 << 52 | tag << 20 | random.next() & 0xF_FFFF, low: random.next())
        }
        for key in keys { store.store(key, state, at: nil, nextAction: nil) }
        var read = ProspectState()
        for key in keys { #expect(store.load(key, into: &read) != nil) }
        for key in keys.dropLast(10) {
            let reference = store.load(key, into: &read)
            store.store(key, ProspectState(), at: reference, nextAction: nil)
        }
        #expect(store.count == 10)
        for key in keys.dropLast(10) { #expect(store.load(key, into: &read) == nil) }
        for key in keys.suffix(10) { #expect(store.load(key, into: &read) != nil) }
    }

    @Test func readingAheadChangesNothing() {
        var random = SeededGenerator(seed: 13)
        var store = ProspectStore()
        let known = (0..<200).map { _ in random.key() }
        for key in known { store.store(key, random.state(), at: nil, nextAction: nil) }
        let keys = known + (0..<200).map { _ in random.key() }
        let before = SnapshotCopy(store)
        keys.withUnsafeBufferPointer { store.touch($0) }
        let after = SnapshotCopy(store)
        for (a, b) in zip(before.sections, after.sections) { #expect(a.elementsEqual(b)) }
    }

    /// The design's goal: timer and index included.
    @Test func aProspectWithAJourneyTakesAtMost96Bytes() {
        let count = 150_000
        let start = Instant(milliseconds: 1_760_000_000_000)
        var random = SeededGenerator(seed: 8)
        var store = ProspectStore(start: start)
        var state = ProspectState()
        for number in 0..<count {
            let at = start + Span(milliseconds: Int64(number))
            let record = RecordPosition(rawValue: 30_000_000_000 + UInt64(number) * 300)
            state.reset()
            state.contact = ProspectState.Contact(record: record, time: at)
            state.consent = .given
            state.consentAt = at
            state.journeys.append(
                JourneyState(
                    reference: JourneyReference(rawValue: random.next()), policy: PolicyIndex(rawValue: 2),
                    scope: .none, product: ScopeKey(rawValue: random.next()), openedAt: at,
                    details: Details(record: record, hash: random.next() >> 16, fields: 0x3F)))
            store.store(random.key(), state, at: nil, nextAction: at + .hours(72))
        }
        #expect(store.count == count)
        #expect(store.residentBytes / count <= 96)
    }

    @Test func slotsAndChunksThatBecomeFreeAreUsedAgain() {
        var random = SeededGenerator(seed: 11)
        let keys = (0..<4000).map { _ in random.key() }
        var store = ProspectStore()
        var state = ProspectState()
        var bytes: [Int] = []
        for round in 0..<8 {
            for key in keys {
                let reference = store.load(key, into: &state)
                if state.journeys.isEmpty || round % 2 == 0 {
                    state.reset()
                    for _ in 0...(round % 4) { state.journeys.append(random.journey()) }
                } else {
                    state.reset()
                }
                store.store(key, state, at: reference, nextAction: nil)
            }
            bytes.append(store.table.heap.residentBytes)
        }
        // After two rounds of every size the chunks of one size serve the others.
        #expect(bytes[7] <= bytes[3] * 5 / 4)
    }
}

/// The truth about a store: a dictionary, and each prospect's true next action.
struct StoreModel {
    var states: [ProspectKey: ProspectState] = [:]
    var keys: [ProspectKey] = []

    /// One random change: a new prospect, a larger, smaller or other state, or a removal.
    mutating func step(_ store: inout ProspectStore, _ random: inout SeededGenerator, keys limit: Int) {
        let isNew = keys.count < limit && random.chance(30) || keys.isEmpty
        if isNew { keys.append(random.key()) }
        let key = isNew ? keys[keys.count - 1] : keys[Int.random(in: 0..<keys.count, using: &random)]
        var state = random.state()
        let reference = store.load(key, into: &state)
        #expect((reference == nil) == (states[key] == nil))
        if let known = states[key] { #expect(state == known) }
        switch Int.random(in: 0..<10, using: &random) {
        case 0: state = ProspectState()
        case 1...3 where state.journeys.count < ProspectState.maximumJourneys: state.journeys.append(random.journey())
        case 4 where state.journeys.count > 1: state.journeys.removeFirst()
        default: state = random.state()
        }
        let stored = store.store(key, state, at: reference, nextAction: nil)
        #expect((stored == nil) == state.isEmpty)
        states[key] = state.isEmpty ? nil : state
    }

    func compare(_ store: borrowing ProspectStore, _ comment: Comment) {
        #expect(store.count == states.count, comment)
        var seen = 0
        store.visitAll { key, state in
            seen += 1
            #expect(states[key] == state, comment)
        }
        #expect(seen == states.count, comment)
    }
}

/// A snapshot's sections as a mapping would hold them: one buffer for each.
final class SnapshotCopy {
    private(set) var sections: [UnsafeMutableRawBufferPointer] = []

    init(_ store: borrowing ProspectStore) {
        store.withSections { parts in
            for part in parts {
                let count = part.reduce(0) { $0 + $1.count }
                let section = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4096)
                var offset = 0
                for buffer in part {
                    UnsafeMutableRawBufferPointer(rebasing: section[offset..<offset + buffer.count]).copyMemory(
                        from: buffer)
                    offset += buffer.count
                }
                sections.append(section)
            }
        }
    }

    deinit { for section in sections { section.deallocate() } }
}
