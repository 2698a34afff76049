import Journey
import RandomTestSupport
import Testing

@testable import Engine

@Suite struct ProspectBlobTests {
    @Test func everyStateIsReadBackAsItWasWritten() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ProspectBlob.maximumBytes + 8, alignment: 8)
        defer { buffer.deallocate() }
        for seed in UInt64(1)...40 {
            var random = SeededGenerator(seed: seed)
            var read = random.state()
            for _ in 0..<100 {
                let state = random.state()
                let count = ProspectBlob.encode(state, to: buffer.baseAddress!)
                // Just as many bytes as were written: reading one more would trap.
                let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
                ProspectBlob.decode(bytes, into: &read)
                #expect(read == state, "seed \(seed)")
            }
        }
    }

    @Test func aProspectAtAllItsBoundsFitsTheLargestSlot() {
        let far = Instant(milliseconds: .min / 2 + 1)
        let near = Instant(milliseconds: .max / 2)
        var state = ProspectState()
        for number in 0..<ProspectState.maximumJourneys {
            var journey = JourneyState(
                reference: JourneyReference(rawValue: .max), policy: PolicyIndex(rawValue: .max),
                scope: ScopeKey(rawValue: 1), product: ScopeKey(rawValue: 2), openedAt: number % 2 == 0 ? far : near,
                details: Details(record: RecordPosition(rawValue: 1), hash: 1 << 48 - 1, fields: .max))
            let other = number % 2 == 0 ? near : far
            journey.details.record = RecordPosition(rawValue: number % 2 == 0 ? 1 << 62 : 3 << 62)
            journey.status = .held(since: other, until: other)
            journey.activityAt = other
            journey.nextStep = 255
            journey.previousAt = other
            journey.paused = Span(milliseconds: .min)
            journey.holdAt = other
            journey.detailsAt = Instant(milliseconds: other.milliseconds - 1)
            journey.opening = RecordPosition(rawValue: journey.details.record.rawValue &+ 1 << 63)
            state.journeys.append(journey)
        }
        for _ in 0..<ProspectState.maximumMemories {
            state.memories.append(
                Memory(
                    type: .policyIssued, product: ScopeKey(rawValue: 1), subject: ScopeKey(rawValue: 2), time: near))
        }
        state.contact = ProspectState.Contact(record: RecordPosition(rawValue: 7), time: near)
        state.consent = .withheld
        state.consentAt = near
        state.suppression = .optedOut(at: near)
        state.erasedAt = near

        var store = ProspectStore()
        let key = ProspectKey(high: 1, low: 2)
        store.store(key, state, at: nil, nextAction: near)
        var read = ProspectState()
        #expect(store.load(key, into: &read) != nil)
        #expect(read == state)
    }

    @Test func everySizeHasTheSmallestClassThatHoldsIt() {
        for bytes in 1...BlobSizeClass.largestBytes {
            let index = BlobSizeClass.index(bytes: bytes)
            #expect(BlobSizeClass.units(index) * BlobSizeClass.unitBytes >= bytes)
            if index > 0 { #expect(BlobSizeClass.units(index - 1) * BlobSizeClass.unitBytes < bytes) }
        }
        #expect(BlobSizeClass.index(bytes: BlobSizeClass.largestBytes) == BlobSizeClass.count - 1)
    }
}
