import Journal
import Journey

extension RecordWriter {
    /// The facts that were decided from the input, message or timer before them.
    public mutating func facts(_ facts: borrowing Facts, to bytes: inout ByteWriter) {
        for index in facts.indices { fact(facts[index], to: &bytes) }
    }

    /// A fact that was decided from the input, message or timer before it.
    public mutating func fact(_ fact: Fact, to bytes: inout ByteWriter) {
        switch fact {
        case .opened(let opening): self.opening(opening)
        case .detailsRefreshed(let journey, let details, let at):
            begin(.detailsRefreshed, journey)
            let selector = selector(details)
            byte(selector << RecordLayout.Selector.detailsShift)
            time(at)
            if selector == RecordLayout.Selector.own { self.details(details) }
        case .contactRefreshed(let record, let at):
            begin(.contactRefreshed)
            position(record)
            time(at)
        case .consentChanged(let consent, let at):
            begin(.consentChanged)
            byte(consent.rawValue)
            time(at)
        case .activity(let journey, let at): begin(.activity, journey, at)
        case .reminderRequested(let journey, let step, let due, let emitted):
            begin(.reminderRequested, journey)
            emission(step, due, emitted)
        case .reminderFound(let journey, let step, let due, let emitted):
            begin(.reminderFound, journey)
            emission(step, due, emitted)
            require(version: 2)
        case .reminderSkipped(let journey, let step, let due, let reason):
            begin(.reminderSkipped, journey)
            byte(step)
            time(due)
            byte(reason.rawValue)
        case .held(let journey, let since, let until):
            begin(.held, journey, since)
            signed(until.milliseconds &- since.milliseconds)
        case .resumed(let journey, let at, let reason):
            begin(.resumed, journey, at)
            byte(reason.rawValue)
        case .converted(let journey, let at, let afterStep):
            begin(.converted, journey, at)
            byte(afterStep)
        case .cancelled(let journey, let at): begin(.cancelled, journey, at)
        case .superseded(let journey, let by):
            begin(.superseded, journey)
            fixed(by.rawValue)
        case .reentrySuppressed(let journey): begin(.reentrySuppressed, journey)
        case .remembered(let memory): self.memory(memory, .remembered)
        case .optedOut(let at): begin(.optedOut, at)
        case .optedIn(let at): begin(.optedIn, at)
        case .erased(let at): begin(.erased, at)
        case .addressErased(let at):
            begin(.addressErased, at)
            require(version: 2)
        case .expired(let journey): begin(.expired, journey)
        case .forgotten(let journey): begin(.forgotten, journey)
        case .lapsed(let memory): self.memory(memory, .lapsed)
        case .migrated(let journey, let version):
            begin(.migrated, journey)
            unsigned(UInt64(version.rawValue))
            require(version: 2)
        case .ignored(let reason, let policy):
            begin(.ignored)
            byte(reason.rawValue)
            if let policy { unsigned(UInt64(policy.rawValue) + 1) } else { byte(0) }
        }
        flush(to: &bytes)
    }

    @inline(__always)
    private mutating func begin(_ code: RecordLayout.FactCode) { byte(RecordLayout.fact | code.rawValue) }

    @inline(__always)
    private mutating func begin(_ code: RecordLayout.FactCode, _ at: Instant) {
        begin(code)
        time(at)
    }

    @inline(__always)
    private mutating func begin(_ code: RecordLayout.FactCode, _ journey: JourneyReference) {
        if journey.rawValue == context.journey {
            byte(RecordLayout.fact | RecordLayout.sameJourney | code.rawValue)
        } else {
            begin(code)
            fixed(journey.rawValue)
            context.journey = journey.rawValue
        }
    }

    @inline(__always)
    private mutating func begin(_ code: RecordLayout.FactCode, _ journey: JourneyReference, _ at: Instant) {
        begin(code, journey)
        time(at)
    }

    @inline(__always)
    private func selector(_ details: Details) -> UInt8 {
        if details == .none { return RecordLayout.Selector.none }
        return details == context.details ? RecordLayout.Selector.known : RecordLayout.Selector.own
    }

    private mutating func opening(_ opening: Fact.Opening) {
        begin(.opened)
        fixed(opening.journey.high)
        fixed(opening.journey.low)
        context.journey = opening.journey.reference.rawValue
        unsigned(UInt64(opening.policy.rawValue))
        let (scope, product) = selectors(opening.scope, opening.product)
        let details = selector(opening.details)
        byte(scope | product << RecordLayout.Selector.productShift | details << RecordLayout.Selector.detailsShift)
        self.scope(opening.scope, scope)
        self.scope(opening.product, product)
        time(opening.at)
        if details == RecordLayout.Selector.own { self.details(opening.details) }
    }

    private mutating func emission(_ step: UInt8, _ due: Instant, _ emitted: Instant) {
        byte(step)
        time(due)
        signed(emitted.milliseconds &- context.clock)
    }

    private mutating func memory(_ memory: Memory, _ code: RecordLayout.FactCode) {
        begin(code)
        byte(memory.type.rawValue)
        let product = context.selector(memory.product)
        let subject = memory.subject != .none ? RecordLayout.Selector.subject : 0
        byte(product << RecordLayout.Selector.productShift | subject)
        scope(memory.product, product)
        if subject != 0 { fixed(memory.subject.rawValue) }
        time(memory.time)
    }
}
