import Journey
import RandomTestSupport

/// Prospects of every shape, most of them ordinary, some with values at the ends of their types.
extension SeededGenerator {
    mutating func key() -> ProspectKey { ProspectKey(high: next(), low: next()) }

    mutating func time() -> Instant {
        if chance(2) { return chance(50) ? .distantPast : .distantFuture }
        if chance(2) { return Instant(milliseconds: Int64(bitPattern: next())) }
        return Instant(milliseconds: Int64.random(in: 1_700_000_000_000..<1_800_000_000_000, using: &self))
    }

    mutating func position() -> RecordPosition {
        if chance(2) { return RecordPosition(rawValue: next()) }
        return RecordPosition(rawValue: UInt64.random(in: 0..<1 << 48, using: &self))
    }

    mutating func scope() -> ScopeKey { chance(40) ? .none : ScopeKey(rawValue: next()) }

    mutating func details() -> Details {
        if chance(10) { return .none }
        return Details(record: position(), hash: next() >> 16, fields: chance(90) ? next() >> 56 : next())
    }

    mutating func status() -> JourneyState.Status {
        switch Int.random(in: 0..<9, using: &self) {
        case 0: .waiting
        case 1: .held(since: time(), until: time())
        case 2: .finished
        case 3: .superseded
        case 4: .converted(at: time())
        case 5: .cancelled(at: time())
        case 6: .optedOut
        case 7: .erased
        default: .expired
        }
    }

    mutating func journey() -> JourneyState {
        var journey = JourneyState(
            reference: JourneyReference(rawValue: next()),
            policy: PolicyIndex(rawValue: UInt16.random(in: 0...(chance(90) ? 20 : .max), using: &self)),
            scope: scope(), product: scope(), openedAt: time(), details: details())
        if chance(30) { journey.scope = journey.product }
        if chance(50) { journey.status = status() }
        if chance(50) { journey.activityAt = time() }
        if chance(30) { journey.nextStep = UInt8.random(in: 0...255, using: &self) }
        if chance(30) { journey.previousAt = time() }
        if chance(20) { journey.paused = Span(milliseconds: Int64(bitPattern: next()) >> 20) }
        if chance(20) { journey.holdAt = time() }
        if chance(30) { journey.details = details() }
        if chance(50) { journey.detailsAt = chance(50) ? journey.activityAt : time() }
        if chance(20) { journey.opening = position() }
        return journey
    }

    mutating func memory() -> Memory {
        Memory(
            type: EventType.allCases.randomElement(using: &self) ?? .policyIssued, product: scope(), subject: scope(),
            time: time())
    }

    /// Never empty: an empty one is removed instead of kept.
    mutating func state() -> ProspectState {
        var state = ProspectState()
        var journeys = Int.random(in: 0...3, using: &self)
        if chance(3) { journeys = Int.random(in: 4...ProspectState.maximumJourneys, using: &self) }
        for _ in 0..<journeys { state.journeys.append(journey()) }
        if chance(20) {
            for _ in 0..<Int.random(in: 1...ProspectState.maximumMemories, using: &self) {
                state.memories.append(memory())
            }
        }
        if chance(60) {
            state.consent = [.unknown, .given, .withheld][Int.random(in: 0..<3, using: &self)]
            state.consentAt = chance(50) ? state.journeys.first?.openedAt ?? time() : time()
        }
        if let last = state.journeys.last, chance(60) {
            state.contact = ProspectState.Contact(record: last.details.record, time: last.detailsAt)
        } else if chance(50) {
            state.contact = ProspectState.Contact(record: position(), time: time())
        }
        if chance(10) { state.suppression = chance(50) ? .optedOut(at: time()) : .optedIn(at: time()) }
        if chance(10) { state.erasedAt = time() }
        if state.contact.isNone { state.contact = .none }
        if state.isEmpty { state.suppression = .optedOut(at: Instant(milliseconds: 1_750_000_000_000)) }
        return state
    }
}
