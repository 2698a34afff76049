import Journey

extension ProspectBlob {
    /// Writes header and body (what follows the queued timer) and says how many bytes they take.
    /// `buffer` has room for `maximumBytes`.
    static func encode(_ state: ProspectState, to buffer: UnsafeMutableRawPointer) -> Int {
        let journeys = state.journeys.count
        let memories = state.memories.count
        precondition(
            journeys <= ProspectState.maximumJourneys && memories <= ProspectState.maximumMemories,
            "a prospect's lists are bounded")
        let base = base(of: state)
        var writer = BlobWriter(buffer)
        writer.twoBytes(header(of: state, base: base))
        writer.sixBytes(UInt64(bitPattern: base))
        if state.consentAt != .distantPast, state.consentAt.milliseconds != base {
            writer.difference(state.consentAt.milliseconds, from: base)
        }
        switch state.suppression {
        case .none: break
        case .optedOut(let at), .optedIn(let at), .lifted(let at): writer.difference(at.milliseconds, from: base)
        }
        if state.erasedAt != .distantPast { writer.difference(state.erasedAt.milliseconds, from: base) }
        if journeys > 2 { writer.variable(UInt64(journeys)) }
        if memories > 0 { writer.variable(UInt64(memories)) }
        var record: UInt64 = 0
        for index in 0..<journeys { encode(state.journeys[index], base: base, record: &record, &writer) }
        if !state.contact.isNone, !contactIsDetails(state) {
            writer.difference(Int64(bitPattern: state.contact.record.rawValue), from: Int64(bitPattern: record))
            writer.difference(state.contact.time.milliseconds, from: base)
        }
        for index in 0..<memories { encode(state.memories[index], base: base, &writer) }
        return writer.position - buffer
    }

    /// Any time will do: differences wrap, so it only decides how short they are.
    @inline(__always)
    private static func base(of state: ProspectState) -> Int64 {
        let time: Instant
        if !state.journeys.isEmpty {
            time = state.journeys[0].openedAt
        } else if !state.memories.isEmpty {
            time = state.memories[0].time
        } else {
            time = max(state.suppression.time, state.erasedAt)
        }
        return time.milliseconds & 0xFFFF_FFFF_FFFF
    }

    @inline(__always)
    private static func header(of state: ProspectState, base: Int64) -> UInt16 {
        var header = UInt16(state.consent.rawValue)
        if state.consentAt != .distantPast {
            header |= state.consentAt.milliseconds == base ? Header.consentAtBase : Header.consentAtOwn
        }
        switch state.suppression {
        case .none: break
        case .optedOut: header |= Header.optedOut
        case .optedIn: header |= Header.optedIn
        case .lifted: header |= Header.lifted
        }
        if state.erasedAt != .distantPast { header |= Header.erased }
        if !state.contact.isNone {
            header |= contactIsDetails(state) ? Header.contactAsDetails : Header.contactOwn
        }
        header |= UInt16(min(state.journeys.count, Int(Header.journeysMore))) << Header.journeysShift
        if !state.memories.isEmpty { header |= Header.memories }
        return header
    }

    @inline(__always)
    private static func contactIsDetails(_ state: ProspectState) -> Bool {
        guard let last = state.journeys.last else { return false }
        return last.details.record == state.contact.record && last.detailsAt == state.contact.time
    }

    @inline(__always)
    private static func encode(
        _ journey: JourneyState, base: Int64, record: inout UInt64, _ writer: inout BlobWriter
    ) {
        let opened = journey.openedAt.milliseconds
        let flags = flags(of: journey)
        writer.twoBytes(flags)
        writer.word(journey.reference.rawValue)
        writer.difference(opened, from: base)
        writer.variable(UInt64(journey.policy.rawValue))
        if flags & Flags.scope == Flags.scopeOwn { writer.word(journey.scope.rawValue) }
        if flags & Flags.product != 0 { writer.word(journey.product.rawValue) }
        if flags & Flags.activityAt != 0 { writer.difference(journey.activityAt.milliseconds, from: opened) }
        if flags & Flags.nextStep != 0 { writer.byte(journey.nextStep) }
        if flags & Flags.previousAt != 0 { writer.difference(journey.previousAt.milliseconds, from: opened) }
        if flags & Flags.paused != 0 { writer.difference(journey.paused.milliseconds, from: 0) }
        if flags & Flags.holdAt != 0 { writer.difference(journey.holdAt.milliseconds, from: opened) }
        switch journey.status {
        case .held(let since, let until):
            writer.difference(since.milliseconds, from: opened)
            writer.difference(until.milliseconds, from: opened)
        case .converted(let at), .cancelled(let at): writer.difference(at.milliseconds, from: opened)
        case .waiting, .finished, .superseded, .optedOut, .erased, .expired: break
        }
        let details = journey.details
        writer.difference(Int64(bitPattern: details.record.rawValue), from: Int64(bitPattern: record))
        record = details.record.rawValue
        if flags & Flags.details != 0 {
            precondition(details.hash < 1 << 48, "a details hash has 48 bits")
            writer.sixBytes(details.hash)
            writer.variable(details.fields)
        }
        if flags & Flags.detailsAt == Flags.detailsAtOwn {
            writer.difference(journey.detailsAt.milliseconds, from: opened)
        }
        if flags & Flags.opening != 0 {
            writer.difference(Int64(bitPattern: journey.opening.rawValue), from: Int64(bitPattern: record))
        }
    }

    @inline(__always)
    private static func flags(of journey: JourneyState) -> UInt16 {
        var flags = status(of: journey.status).rawValue
        if journey.scope != .none {
            flags |= journey.scope == journey.product ? Flags.scopeAsProduct : Flags.scopeOwn
        }
        if journey.product != .none { flags |= Flags.product }
        if journey.activityAt != journey.openedAt { flags |= Flags.activityAt }
        if journey.nextStep != 0 { flags |= Flags.nextStep }
        if journey.previousAt != journey.openedAt { flags |= Flags.previousAt }
        if journey.paused != .zero { flags |= Flags.paused }
        if journey.holdAt != .distantPast { flags |= Flags.holdAt }
        if journey.detailsAt != journey.openedAt {
            flags |= journey.detailsAt == journey.activityAt ? Flags.detailsAtActivity : Flags.detailsAtOwn
        }
        if journey.opening != journey.details.record { flags |= Flags.opening }
        if journey.details.hash != 0 || journey.details.fields != 0 { flags |= Flags.details }
        return flags
    }

    @inline(__always)
    private static func status(of status: JourneyState.Status) -> Status {
        switch status {
        case .waiting: .waiting
        case .held: .held
        case .finished: .finished
        case .superseded: .superseded
        case .converted: .converted
        case .cancelled: .cancelled
        case .optedOut: .optedOut
        case .erased: .erased
        case .expired: .expired
        }
    }

    @inline(__always)
    private static func encode(_ memory: Memory, base: Int64, _ writer: inout BlobWriter) {
        writer.byte(memory.type.rawValue)
        var flags: UInt8 = 0
        if memory.product != .none { flags |= MemoryFlags.product }
        if memory.subject != .none { flags |= MemoryFlags.subject }
        writer.byte(flags)
        if memory.product != .none { writer.word(memory.product.rawValue) }
        if memory.subject != .none { writer.word(memory.subject.rawValue) }
        writer.difference(memory.time.milliseconds, from: base)
    }
}
