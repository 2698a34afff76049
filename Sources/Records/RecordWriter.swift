import Journal
import Journey

/// Writes the records of a frame's body (`RecordLayout`), one frame after the other.
///
/// ```swift
/// writer.begin(position: frame.position, clock: clock, to: &body)
/// writer.input(input, to: &body)
/// writer.facts(facts, to: &body)
/// writer.end(to: &body)
/// ```
public struct RecordWriter: ~Copyable {
    var context = RecordContext()
    /// A record is put together here and then appended at once.
    private let scratch: UnsafeMutableRawPointer
    var next: UnsafeMutableRawPointer
    /// Where the body begins, and the lowest version that has all its records so far.
    private var start = 0
    private var version = RecordLayout.firstVersion

    public init() {
        scratch = .allocate(byteCount: RecordLayout.maximumRecordBytes, alignment: 8)
        next = scratch
    }

    deinit { scratch.deallocate() }

    /// Begins a frame's body.
    ///
    /// - Parameters:
    ///   - position: the frame's own logical position.
    ///   - clock: the partition clock that the inputs saw; `distantPast` before the first tick.
    public mutating func begin(position: UInt64, clock: Instant, to bytes: inout ByteWriter) {
        context.begin(position: position, clock: clock)
        start = bytes.count
        version = RecordLayout.firstVersion
        byte(version)
        signed(clock.milliseconds)
        flush(to: &bytes)
    }

    public mutating func input(_ input: Input, to bytes: inout ByteWriter) {
        let (tenant, product) = selectors(input.tenant, input.product)
        let isNext = input.offset == context.nextOffset(input.topic)
        var flags = UInt16(input.consent.rawValue) | UInt16(input.address.rawValue) << RecordLayout.Flags.addressShift
        flags |= UInt16(tenant) << RecordLayout.Flags.tenantShift
        flags |= UInt16(product) << RecordLayout.Flags.productShift
        if input.subject != .none { flags |= RecordLayout.Flags.subject }
        let hasSeed = input.seed.high | input.seed.low != 0
        if hasSeed { flags |= RecordLayout.Flags.seed }
        let hasDetails = input.details != .none
        if hasDetails { flags |= RecordLayout.Flags.details }
        if input.topic != context.topic { flags |= RecordLayout.Flags.topic }
        if !isNext { flags |= RecordLayout.Flags.offset }
        let isErased = input.addressErasedAt != .distantPast
        if isErased { flags |= RecordLayout.Flags.addressErased }

        byte(input.type.rawValue)
        fixed(flags)
        fixed(input.prospect.high)
        fixed(input.prospect.low)
        time(input.time)
        if input.topic != context.topic { byte(input.topic) }
        if !isNext { signed(input.offset &- context.nextOffset(input.topic)) }
        context.topic = input.topic
        context.setOffset(input.topic, input.offset)
        scope(input.tenant, tenant)
        scope(input.product, product)
        if input.subject != .none { fixed(input.subject.rawValue) }
        if hasSeed {
            fixed(input.seed.high)
            fixed(input.seed.low)
        }
        if hasDetails { details(input.details) }
        if isErased {
            time(input.addressErasedAt)
            require(version: 2)
        }
        flush(to: &bytes)
    }

    /// A message that went to the dead-letter topic.
    public mutating func refused(_ message: MessagePlace, reason: UInt8, to bytes: inout ByteWriter) {
        place(message, RecordLayout.refused)
        byte(reason)
        flush(to: &bytes)
    }

    public mutating func tombstone(_ message: MessagePlace, to bytes: inout ByteWriter) {
        place(message, RecordLayout.tombstone)
        flush(to: &bytes)
    }

    public mutating func unknownType(_ message: MessagePlace, to bytes: inout ByteWriter) {
        place(message, RecordLayout.unknownType)
        flush(to: &bytes)
    }

    public mutating func tick(clock: Instant, to bytes: inout ByteWriter) {
        byte(RecordLayout.tick)
        signed(clock.milliseconds &- context.clock)
        context.clock = clock.milliseconds
        flush(to: &bytes)
    }

    /// A due timer of the last tick; its facts follow.
    public mutating func timer(_ prospect: ProspectKey, to bytes: inout ByteWriter) {
        byte(RecordLayout.timer)
        fixed(prospect.high)
        fixed(prospect.low)
        flush(to: &bytes)
    }

    /// A configuration becomes current, from here on. `text` is UTF-8 JSON.
    public mutating func activation(at: Instant, text: UnsafeRawBufferPointer, to bytes: inout ByteWriter) {
        byte(RecordLayout.activation)
        time(at)
        flush(to: &bytes)
        bytes.appendPrefixed(text)
    }

    /// An operator's decision, from here on.
    public mutating func intervention(_ intervention: Intervention, at: Instant, to bytes: inout ByteWriter) {
        byte(RecordLayout.intervention)
        byte(intervention.rawValue)
        time(at)
        flush(to: &bytes)
        require(version: 2)
    }

    public mutating func found(_ reminder: FoundReminder, to bytes: inout ByteWriter) {
        byte(RecordLayout.found)
        fixed(reminder.journey.rawValue)
        byte(reminder.step)
        time(reminder.emitted)
        flush(to: &bytes)
        require(version: 2)
    }

    /// A prospect whose journeys move to the newest versions of their policies; its facts follow.
    public mutating func migration(_ prospect: ProspectKey, to bytes: inout ByteWriter) {
        byte(RecordLayout.migration)
        fixed(prospect.high)
        fixed(prospect.low)
        flush(to: &bytes)
        require(version: 2)
    }

    /// A prospect that the erasure of an address before it is about, too; its facts follow.
    public mutating func match(_ prospect: ProspectKey, to bytes: inout ByteWriter) {
        byte(RecordLayout.match)
        fixed(prospect.high)
        fixed(prospect.low)
        flush(to: &bytes)
        require(version: 2)
    }

    /// The command of a reminder that was requested, in the order of the requests.
    public mutating func command(_ digest: CommandDigest, to bytes: inout ByteWriter) {
        byte(RecordLayout.command)
        fixed(digest.high)
        fixed(digest.low)
        flush(to: &bytes)
        require(version: 3)
    }

    /// The keyed hash of the address that the input before it brings.
    public mutating func address(_ hash: UInt64, to bytes: inout ByteWriter) {
        byte(RecordLayout.address)
        fixed(hash)
        flush(to: &bytes)
        require(version: 3)
    }

    /// The prospect's records before a position are no longer there.
    public mutating func destroyed(
        _ prospect: ProspectKey, before: RecordPosition, at: Instant, to bytes: inout ByteWriter
    ) {
        byte(RecordLayout.destroyed)
        fixed(prospect.high)
        fixed(prospect.low)
        position(before)
        time(at)
        flush(to: &bytes)
        require(version: 3)
    }

    /// Ends a frame's body: without it the reader takes the body for truncated.
    public mutating func end(to bytes: inout ByteWriter) {
        // A program that does not know the records in it is told by the version, and one that knows them all can read it.
        bytes.store(version, at: start)
        byte(RecordLayout.end)
        flush(to: &bytes)
    }

    private mutating func place(_ message: MessagePlace, _ tag: UInt8) {
        byte(tag)
        byte(message.topic)
        time(message.time)
        signed(message.offset &- context.nextOffset(message.topic))
        context.topic = message.topic
        context.setOffset(message.topic, message.offset)
    }
}

extension RecordWriter {
    @inline(__always)
    mutating func flush(to bytes: inout ByteWriter) {
        bytes.append(UnsafeRawBufferPointer(start: scratch, count: next - scratch))
        next = scratch
    }

    /// Notes that the body holds something that older versions do not have.
    mutating func require(version: UInt8) { self.version = max(self.version, version) }

    @inline(__always)
    mutating func byte(_ value: UInt8) {
        next.storeBytes(of: value, as: UInt8.self)
        next += 1
    }

    @inline(__always)
    mutating func fixed<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        next.storeBytes(of: value.littleEndian, as: Value.self)
        next += MemoryLayout<Value>.size
    }

    @inline(__always)
    mutating func unsigned(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    mutating func signed(_ value: Int64) { unsigned(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

    @inline(__always)
    mutating func time(_ value: Instant) {
        signed(value.milliseconds &- context.time)
        context.time = value.milliseconds
    }

    @inline(__always)
    mutating func position(_ value: RecordPosition) {
        signed(Int64(bitPattern: value.rawValue &- context.position))
        context.position = value.rawValue
    }

    @inline(__always)
    mutating func scope(_ value: ScopeKey, _ selector: UInt8) {
        switch selector {
        case RecordLayout.Selector.none: break
        case RecordLayout.Selector.known: byte(RecordContext.place(value.rawValue))
        default:
            fixed(value.rawValue)
            context.remember(value.rawValue)
        }
    }

    /// How two scopes are written one after the other: the first may take the second's place in the table.
    @inline(__always)
    func selectors(_ first: ScopeKey, _ second: ScopeKey) -> (UInt8, UInt8) {
        let selector = context.selector(first)
        guard selector == RecordLayout.Selector.own, second != .none,
            RecordContext.place(first.rawValue) == RecordContext.place(second.rawValue)
        else { return (selector, context.selector(second)) }
        return (selector, first == second ? RecordLayout.Selector.known : RecordLayout.Selector.own)
    }

    @inline(__always)
    mutating func details(_ value: Details) {
        precondition(value.hash < 1 << 48, "a details hash has 48 bits")
        position(value.record)
        next.storeBytes(of: value.hash.littleEndian, as: UInt64.self)
        next += 6
        unsigned(value.fields)
        context.details = value
    }
}
