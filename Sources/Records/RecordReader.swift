import Journal
import Journey

/// Reads the records of a frame's body, which must stay in memory meanwhile. Nothing is allocated per record, and no
/// bytes, however wrong, make it trap.
public struct RecordReader: ~Copyable {
    /// The partition clock that the frame's inputs saw; `distantPast` before the first tick.
    public let clock: Instant
    var context: RecordContext
    var cursor: RecordCursor
    private var hasEnded: Bool

    /// - Parameter position: the frame's own logical position.
    public init(_ body: UnsafeRawBufferPointer, position: UInt64) throws(RecordError) {
        var cursor = RecordCursor(body)
        let version = try cursor.byte("version")
        guard (RecordLayout.firstVersion...RecordLayout.version).contains(version) else {
            throw RecordError(.unknownVersion, offset: 0, "version")
        }
        clock = Instant(milliseconds: try cursor.signed("clock"))
        self.cursor = cursor
        hasEnded = false
        context = RecordContext()
        context.begin(position: position, clock: clock)
    }

    /// The next record; `nil` after the last one.
    public mutating func next() throws(RecordError) -> Record? {
        var record = Record.tick(clock: clock)
        return try read(into: &record) ? record : nil
    }

    /// Puts the next record where the caller wants it: a record is large, and so it is not handed from one function to the
    /// next on the way.
    ///
    /// - Returns: whether there was one; false after the last.
    @inline(__always)
    public mutating func read(into record: inout Record) throws(RecordError) -> Bool {
        if hasEnded { return false }
        let tag = try cursor.byte("record")
        switch tag {
        case 0..<RecordLayout.fact: record = .input(try input(tag))
        case RecordLayout.fact..<RecordLayout.refused: record = .fact(try fact(tag))
        case RecordLayout.refused:
            let place = try place()
            record = .refused(place, reason: try cursor.byte("reason"))
        case RecordLayout.tombstone: record = .tombstone(try place())
        case RecordLayout.unknownType: record = .unknownType(try place())
        case RecordLayout.tick:
            context.clock = context.clock &+ (try cursor.signed("clock"))
            record = .tick(clock: Instant(milliseconds: context.clock))
        case RecordLayout.timer: record = .timer(try key())
        case RecordLayout.migration: record = .migration(try key())
        case RecordLayout.match: record = .match(try key())
        case RecordLayout.activation:
            let at = try time()
            record = .activation(at: at, text: try cursor.prefixed("configuration"))
        case RecordLayout.intervention:
            let kind = try cursor.value("intervention", as: Intervention.self)
            record = .intervention(kind, at: try time())
        case RecordLayout.found:
            let journey = JourneyReference(rawValue: try cursor.fixed("journey"))
            let step = try cursor.byte("step")
            record = .found(FoundReminder(journey: journey, step: step, emitted: try time()))
        case RecordLayout.command:
            record = .command(CommandDigest(high: try cursor.fixed("command"), low: try cursor.fixed("command")))
        case RecordLayout.address: record = .address(try cursor.fixed("address"))
        case RecordLayout.destroyed:
            let prospect = try key()
            record = .destroyed(prospect, before: try position(), at: try time())
        case RecordLayout.end:
            guard cursor.isAtEnd else { throw RecordError(.trailingBytes, offset: cursor.offset, "end") }
            hasEnded = true
            return false
        default: throw cursor.unknown("record")
        }
        return true
    }

    @inline(__always)
    private mutating func input(_ tag: UInt8) throws(RecordError) -> Input {
        guard let type = EventType(rawValue: tag) else { throw cursor.unknown("event type") }
        let flags = try cursor.fixed("input", as: UInt16.self)
        guard flags & ~RecordLayout.Flags.known == 0,
            let consent = Consent(rawValue: UInt8(flags & 0b11)),
            let address = Address(rawValue: UInt8(flags >> RecordLayout.Flags.addressShift & 0b11))
        else { throw cursor.unknown("input flag") }
        var input = Input(type: type, prospect: try key(), time: try time(), consent: consent, address: address)
        if flags & RecordLayout.Flags.topic != 0 { context.topic = try cursor.byte("topic") }
        input.topic = context.topic
        let skipped = flags & RecordLayout.Flags.offset != 0 ? try cursor.signed("offset") : 0
        input.offset = context.nextOffset(input.topic) &+ skipped
        context.setOffset(input.topic, input.offset)
        input.tenant = try scope(UInt8(flags >> RecordLayout.Flags.tenantShift & 0b11))
        input.product = try scope(UInt8(flags >> RecordLayout.Flags.productShift & 0b11))
        if flags & RecordLayout.Flags.subject != 0 { input.subject = ScopeKey(rawValue: try cursor.fixed("subject")) }
        if flags & RecordLayout.Flags.seed != 0 {
            input.seed = JourneyID(high: try cursor.fixed("seed"), low: try cursor.fixed("seed"))
        }
        if flags & RecordLayout.Flags.details != 0 { input.details = try details() }
        if flags & RecordLayout.Flags.addressErased != 0 { input.addressErasedAt = try time() }
        return input
    }

    private mutating func place() throws(RecordError) -> MessagePlace {
        let topic = try cursor.byte("topic")
        let time = try time()
        let offset = context.nextOffset(topic) &+ (try cursor.signed("offset"))
        context.topic = topic
        context.setOffset(topic, offset)
        return MessagePlace(topic: topic, offset: offset, time: time)
    }

    private mutating func key() throws(RecordError) -> ProspectKey {
        ProspectKey(high: try cursor.fixed("prospect"), low: try cursor.fixed("prospect"))
    }
}

extension RecordReader {
    @inline(__always)
    mutating func time() throws(RecordError) -> Instant {
        context.time = context.time &+ (try cursor.signed("time"))
        return Instant(milliseconds: context.time)
    }

    @inline(__always)
    mutating func position() throws(RecordError) -> RecordPosition {
        context.position = context.position &+ UInt64(bitPattern: try cursor.signed("record position"))
        return RecordPosition(rawValue: context.position)
    }

    @inline(__always)
    mutating func scope(_ selector: UInt8) throws(RecordError) -> ScopeKey {
        switch selector {
        case RecordLayout.Selector.none: return .none
        case RecordLayout.Selector.known: return ScopeKey(rawValue: context.scope(at: try cursor.byte("scope")))
        case RecordLayout.Selector.own:
            let scope: UInt64 = try cursor.fixed("scope")
            context.remember(scope)
            return ScopeKey(rawValue: scope)
        default: throw cursor.unknown("scope selector")
        }
    }

    @inline(__always)
    mutating func details() throws(RecordError) -> Details {
        let record = try position()
        let low: UInt32 = try cursor.fixed("details")
        let high: UInt16 = try cursor.fixed("details")
        let fields = try cursor.unsigned("fields")
        context.details = Details(record: record, hash: UInt64(high) << 32 | UInt64(low), fields: fields)
        return context.details
    }
}
