import Journey

extension ProspectBlob {
    /// Reads header and body into `state`, whose arrays keep their storage.
    static func decode(_ bytes: UnsafeRawBufferPointer, into state: inout ProspectState) {
        var reader = BlobReader(bytes)
        let header = reader.twoBytes()
        let base = Int64(reader.sixBytes())
        guard let consent = Consent(rawValue: UInt8(truncatingIfNeeded: header & Header.consent)) else {
            preconditionFailure("a blob holds an unknown consent")
        }
        state.consent = consent
        switch header & Header.consentAt {
        case 0: state.consentAt = .distantPast
        case Header.consentAtBase: state.consentAt = Instant(milliseconds: base)
        default: state.consentAt = Instant(milliseconds: reader.difference(from: base))
        }
        switch header & Header.suppression {
        case 0: state.suppression = .none
        case Header.optedOut: state.suppression = .optedOut(at: Instant(milliseconds: reader.difference(from: base)))
        case Header.lifted: state.suppression = .lifted(at: Instant(milliseconds: reader.difference(from: base)))
        default: state.suppression = .optedIn(at: Instant(milliseconds: reader.difference(from: base)))
        }
        state.erasedAt =
            header & Header.erased != 0 ? Instant(milliseconds: reader.difference(from: base)) : .distantPast
        var journeys = Int(header >> Header.journeysShift & Header.journeysMore)
        if journeys == Header.journeysMore { journeys = Int(truncatingIfNeeded: reader.variable()) }
        let memories = header & Header.memories != 0 ? Int(truncatingIfNeeded: reader.variable()) : 0
        var record: UInt64 = 0
        state.journeys.clear()
        for _ in 0..<max(0, journeys) { state.journeys.append(journey(&reader, base: base, record: &record)) }
        switch header & Header.contact {
        case 0: state.contact = .none
        case Header.contactAsDetails:
            guard let last = state.journeys.last else { preconditionFailure("a blob's contact has no journey") }
            state.contact = ProspectState.Contact(record: last.details.record, time: last.detailsAt)
        default:
            let position = UInt64(bitPattern: reader.difference(from: Int64(bitPattern: record)))
            state.contact = ProspectState.Contact(
                record: RecordPosition(rawValue: position),
                time: Instant(milliseconds: reader.difference(from: base)))
        }
        state.memories.clear()
        for _ in 0..<max(0, memories) { state.memories.append(memory(&reader, base: base)) }
    }

    @inline(__always)
    private static func journey(_ reader: inout BlobReader, base: Int64, record: inout UInt64) -> JourneyState {
        let flags = reader.twoBytes()
        let reference = JourneyReference(rawValue: reader.word())
        let opened = reader.difference(from: base)
        let policy = PolicyIndex(rawValue: UInt16(truncatingIfNeeded: reader.variable()))
        let ownScope = flags & Flags.scope == Flags.scopeOwn ? ScopeKey(rawValue: reader.word()) : .none
        let product = flags & Flags.product != 0 ? ScopeKey(rawValue: reader.word()) : .none
        let scope = flags & Flags.scope == Flags.scopeAsProduct ? product : ownScope
        var journey = JourneyState(
            reference: reference, policy: policy, scope: scope, product: product,
            openedAt: Instant(milliseconds: opened), details: .none)
        if flags & Flags.activityAt != 0 { journey.activityAt = time(&reader, from: opened) }
        if flags & Flags.nextStep != 0 { journey.nextStep = reader.byte() }
        if flags & Flags.previousAt != 0 { journey.previousAt = time(&reader, from: opened) }
        if flags & Flags.paused != 0 { journey.paused = Span(milliseconds: reader.difference(from: 0)) }
        if flags & Flags.holdAt != 0 { journey.holdAt = time(&reader, from: opened) }
        journey.status = status(&reader, flags: flags, opened: opened)
        record = UInt64(bitPattern: reader.difference(from: Int64(bitPattern: record)))
        journey.details.record = RecordPosition(rawValue: record)
        if flags & Flags.details != 0 {
            journey.details.hash = reader.sixBytes()
            journey.details.fields = reader.variable()
        }
        switch flags & Flags.detailsAt {
        case 0: break
        case Flags.detailsAtActivity: journey.detailsAt = journey.activityAt
        default: journey.detailsAt = time(&reader, from: opened)
        }
        journey.opening = journey.details.record
        if flags & Flags.opening != 0 {
            let position = UInt64(bitPattern: reader.difference(from: Int64(bitPattern: record)))
            journey.opening = RecordPosition(rawValue: position)
        }
        return journey
    }

    @inline(__always)
    private static func status(_ reader: inout BlobReader, flags: UInt16, opened: Int64) -> JourneyState.Status {
        switch Status(rawValue: flags & Flags.status) {
        case .waiting: return .waiting
        case .held: return .held(since: time(&reader, from: opened), until: time(&reader, from: opened))
        case .finished: return .finished
        case .superseded: return .superseded
        case .converted: return .converted(at: time(&reader, from: opened))
        case .cancelled: return .cancelled(at: time(&reader, from: opened))
        case .optedOut: return .optedOut
        case .erased: return .erased
        case .expired: return .expired
        case nil: preconditionFailure("a blob holds an unknown status")
        }
    }

    @inline(__always)
    private static func time(_ reader: inout BlobReader, from base: Int64) -> Instant {
        Instant(milliseconds: reader.difference(from: base))
    }

    @inline(__always)
    private static func memory(_ reader: inout BlobReader, base: Int64) -> Memory {
        guard let type = EventType(rawValue: reader.byte()) else {
            preconditionFailure("a blob holds an unknown event type")
        }
        let flags = reader.byte()
        let product = flags & MemoryFlags.product != 0 ? ScopeKey(rawValue: reader.word()) : .none
        let subject = flags & MemoryFlags.subject != 0 ? ScopeKey(rawValue: reader.word()) : .none
        return Memory(type: type, product: product, subject: subject, time: time(&reader, from: base))
    }
}
