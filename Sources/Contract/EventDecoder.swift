import CSimdJSON

/// Reads events out of messages: finds the fields of a shape, checks them, and refuses what is not to be folded.
///
/// One decoder per thread, used for one event after the other. What it hands out lies in the message or in the decoder
/// and is valid until the next `decode`. Nothing is allocated for an event that is accepted.
///
/// Types in `lenientTypes` (those that end journeys: conversions, opt-outs, erasures) only need type, identity and
/// time; whatever else is wrong with such an event is left out instead of refusing it, because a lost conversion is a
/// mail after a purchase.
public final class EventDecoder {
    /// Raw values as in `Input`: unknown, given, withheld.
    public enum Consent: UInt8, Hashable, Sendable {
        case unknown = 0
        case given = 1
        case withheld = 2
    }
    /// Raw values as in `Input`. An address that is none is treated as missing, and counted.
    public enum Address: UInt8, Hashable, Sendable {
        case missing = 0
        case usable = 1
        case unusable = 2
    }

    public let shape: EventShape
    /// Whether a message's headers can mean anything.
    public let readsHeaders: Bool

    /// The place of the event's type among the names that the decoder was made with.
    public var typeIndex: Int { event.pointee.typeIndex }
    public var timeMilliseconds: Int64 { event.pointee.timeMilliseconds }
    public var consent: Consent { event.pointee.consent }
    public var address: Address { event.pointee.address }
    /// Without white space around it; empty unless the address is usable.
    public var email: UnsafeRawBufferPointer { event.pointee.email }
    /// The same in lower case (ASCII), for identity.
    public var normalisedEmail: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: normalised, count: event.pointee.email.count)
    }
    /// A bit for each further field that is present.
    public var fieldMask: UInt64 { event.pointee.fieldMask }

    public var id: UnsafeRawBufferPointer { slot(.id) }
    public var source: UnsafeRawBufferPointer { slot(.source) }
    public var subject: UnsafeRawBufferPointer { slot(.subject) }
    public var tenant: UnsafeRawBufferPointer { slot(.tenant) }
    public var prospectID: UnsafeRawBufferPointer { slot(.prospectID) }
    public var product: UnsafeRawBufferPointer { slot(.product) }
    public var aboutSubject: UnsafeRawBufferPointer { slot(.aboutSubject) }
    public var traceparent: UnsafeRawBufferPointer { slot(.traceparent) }

    /// The further field that lies at `shape.fields[index]`.
    public func field(_ index: Int) -> FieldValue {
        let value = values[EventField.mapped + index]
        return FieldValue(bytes: value.buffer, kind: value.jsonKind)
    }

    /// What is known of the event in hand. Behind a pointer, because every access to a variable of a class is checked
    /// for exclusivity at run time, which was some 7 % of a profile of decoding.
    struct Event {
        var typeIndex = 0
        var timeMilliseconds: Int64 = 0
        var consent = Consent.unknown
        var address = Address.missing
        var email = UnsafeRawBufferPointer(start: nil, count: 0)
        var fieldMask: UInt64 = 0
        /// The content mode of its message.
        var isBinary = false
        /// Whether its type needs only type, identity and time.
        var isLenient = false
    }

    let event: UnsafeMutablePointer<Event>
    let values: UnsafeMutablePointer<sj_value>
    let normalised: UnsafeMutablePointer<UInt8>
    let fieldCount: Int
    /// `shape.required`, a bit for each field.
    let requiredMask: UInt32
    /// Fields whose text may also be a whole number, a bit each.
    let numberMask: UInt32
    /// Whether consent may also be a text or a number: it does not lie where the default shape has it.
    let hasOwnConsent: Bool
    private let types: TypeNames
    private let lenient: UInt64
    private let plans: EventPlans
    private let parser: OpaquePointer

    /// `typeNames` at most 64; `lenientTypes` are places among them.
    public init(shape: EventShape, typeNames: [String], lenientTypes: Set<Int> = []) throws(ContractError) {
        precondition(typeNames.count <= 64, "a type's place must fit into a set of 64")
        guard shape.fields.count <= EventBounds.fieldCount else { throw .tooManyFields(shape.fields.count) }
        if let field = shape.places.first(where: { $0.value.count > EventBounds.placeCount })?.key.name
            ?? (shape.fields.contains { $0.count > EventBounds.placeCount } ? EventField.further.name : nil)
        {
            throw .tooManyPlaces(field)
        }
        plans = try EventPlans(shape: shape)
        guard let parser = sj_parser_make() else { throw .outOfMemory }
        self.parser = parser
        self.shape = shape
        types = TypeNames(typeNames)
        lenient = lenientTypes.reduce(0) { $0 | 1 << UInt64($1) }
        fieldCount = shape.fields.count
        values = .allocate(capacity: plans.slotCount)
        values.initialize(repeating: sj_value(), count: plans.slotCount)
        plans.clear(values)
        normalised = .allocate(capacity: EventBounds.email)
        event = .allocate(capacity: 1)
        event.initialize(to: Event())
        readsHeaders = shape.format == .cloudEvents || plans.readsHeaders
        requiredMask = shape.required.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
        numberMask = Self.numberMask(shape)
        hasOwnConsent = shape.places[.consent] != EventShape.cloudEventPlaces[.consent]
    }

    /// CloudEvents attributes are strings; some services number their prospects, products and orders.
    private static func numberMask(_ shape: EventShape) -> UInt32 {
        EventField.allCases.prefix(EventField.mapped).reduce(0) { mask, field in
            let isOwn = shape.format == .json || shape.places[field] != EventShape.cloudEventPlaces[field]
            return field.isInData || isOwn ? mask | 1 << UInt32(field.rawValue) : mask
        }
    }

    deinit {
        sj_parser_free(parser)
        values.deallocate()
        normalised.deallocate()
        event.deallocate()
    }

    /// Reads one message. `value` is not null: a tombstone is not an event. `messageTimestamp` is in milliseconds and
    /// stands in for a missing time.
    public func decode(
        value: UnsafeRawBufferPointer, headers: UnsafeBufferPointer<HeaderView>, messageTimestamp: Int64
    ) -> DecodeResult {
        do throws(Refusal) {
            var fault: MessageHeaders.Fault?
            event.pointee.isBinary = false
            if headers.count > 0, shape.format == .cloudEvents {
                let message = MessageHeaders(headers)
                guard message.mode != .unsupported else {
                    throw Refusal(.unsupportedContentType, field: .headers, location: "content-type")
                }
                event.pointee.isBinary = message.mode == .binary
                fault = message.fault
            }
            let isKnown: Bool
            if event.pointee.isBinary {
                isKnown = try readBinary(value, headers, fault)
            } else {
                isKnown = try readStructured(value, headers, fault)
            }
            guard isKnown else { return .unknownType }
            try checkTexts()
            try checkTime(messageTimestamp)
            try checkIdentity()
            try checkConsent()
            try checkFields()
            return .event
        } catch {
            return .refused(error)
        }
    }

    /// False if the type is unknown.
    private func readStructured(
        _ value: UnsafeRawBufferPointer, _ headers: UnsafeBufferPointer<HeaderView>, _ fault: MessageHeaders.Fault?
    ) throws(Refusal) -> Bool {
        if plans.mustClear { plans.clear(values) }
        let isSound = try extract(value, plans.structured)
        if plans.readsHeaders { try place(headers) }
        if plans.hasAlternatives { plans.resolve(values) }
        guard try readType() else { return false }
        try checkMessage(value.count, isSound, fault)
        return true
    }

    /// Where the type is known from the headers, the value of an unknown one is not looked at.
    private func readBinary(
        _ value: UnsafeRawBufferPointer, _ headers: UnsafeBufferPointer<HeaderView>, _ fault: MessageHeaders.Fault?
    ) throws(Refusal) -> Bool {
        plans.clear(values)
        try place(headers)
        if plans.hasAlternatives { plans.resolve(values) }
        // A type that lies in the data is looked for again there.
        let hasType = !values[Int(EventField.type.rawValue)].isNothing
        if hasType, try !readType() { return false }
        // CloudEvents allows an event without data; its attributes then have to say everything.
        var isSound = true
        if value.count > 0 {
            isSound = try extract(value, plans.binary)
            if plans.hasAlternatives { plans.resolve(values) }
        }
        if !hasType, try !readType() { return false }
        try checkMessage(value.count, isSound, fault)
        return true
    }

    private func place(_ headers: UnsafeBufferPointer<HeaderView>) throws(Refusal) {
        for header in headers where !plans.place(header, isBinary: event.pointee.isBinary, values) {
            throw duplicateRefusal(header.name)
        }
    }

    /// What is wrong with the message as a whole, and whether its fields are UTF-8: the parser has not seen the
    /// headers, and a value that is not UTF-8 throughout may be sound where it matters.
    private func checkMessage(
        _ valueCount: Int, _ isSound: Bool, _ fault: MessageHeaders.Fault?
    ) throws(Refusal) {
        if !event.pointee.isLenient {
            switch fault {
            case .duplicate(let name): throw duplicateRefusal(name)
            case .tooMany: throw Refusal(.tooLarge, field: .headers)
            case nil: break
            }
            guard isSound else { throw syntaxRefusal(SJ_INVALID_UTF8, valueCount) }
            guard valueCount <= EventBounds.value else {
                throw .size(.tooLarge, count: valueCount, limit: EventBounds.value, field: .value)
            }
        }
        if event.pointee.isBinary || !isSound || plans.readsHeaders { try checkEncoding() }
    }

    /// False if the type is unknown.
    private func readType() throws(Refusal) -> Bool {
        let value = values[Int(EventField.type.rawValue)]
        guard value.kind == JSONKind.string.rawValue, value.count > 0 else {
            throw value.isNothing ? refusal(.missingField, .type) : wrongType(.type)
        }
        let index = types.index(of: value.buffer)
        guard index >= 0 else { return false }
        event.pointee.typeIndex = index
        event.pointee.isLenient = lenient & (1 << UInt64(index)) != 0
        return true
    }

    /// False if the value is an object, but not UTF-8 throughout.
    private func extract(_ value: UnsafeRawBufferPointer, _ plan: OpaquePointer) throws(Refusal) -> Bool {
        let status = sj_extract(parser, plan, value.bindMemory(to: UInt8.self).baseAddress, value.count, values)
        guard status == SJ_OK || status == SJ_INVALID_UTF8 else { throw syntaxRefusal(status, value.count) }
        return status == SJ_OK
    }
}

extension EventDecoder {
    @inline(__always)
    func slot(_ field: EventField) -> UnsafeRawBufferPointer { values[Int(field.rawValue)].buffer }

    func isRequired(_ field: EventField) -> Bool { requiredMask & (1 << UInt32(field.rawValue)) != 0 }

    func mayBeNumber(_ field: EventField) -> Bool { numberMask & (1 << UInt32(field.rawValue)) != 0 }

    /// Whether even a type that needs little needs the field.
    func isNeeded(_ field: EventField) -> Bool {
        switch field {
        case .type, .time, .tenant: true
        case .prospectID: shape.identity == .prospect
        case .email: shape.identity == .email || slot(.prospectID).count == 0
        case .specVersion, .id, .source, .subject, .product, .aboutSubject, .consent, .traceparent, .further, .value,
            .headers, .key:
            false
        }
    }

    func refusal(_ reason: Refusal.Reason, _ field: EventField) -> Refusal {
        Refusal(reason, field: field, location: location(field))
    }

    func wrongType(_ field: EventField) -> Refusal {
        .kind(values[Int(field.rawValue)].jsonKind, field: field, location: location(field))
    }

    func location(_ field: EventField) -> String { location(Int(field.rawValue)) }

    func location(_ slot: Int) -> String { plans.location(slot, isBinary: event.pointee.isBinary, values) }

    private func duplicateRefusal(_ name: UnsafeRawBufferPointer) -> Refusal {
        Refusal(.duplicateHeader, field: .headers, location: String(decoding: name.prefix(64), as: UTF8.self))
    }

    private func syntaxRefusal(_ status: sj_status, _ count: Int) -> Refusal {
        let failure = sj_last_failure(parser)
        let reason: Refusal.Reason
        switch status {
        case SJ_NOT_AN_OBJECT: reason = .notAnObject
        case SJ_INVALID_UTF8: reason = .invalidUTF8
        case SJ_TOO_LARGE:
            return .size(.tooLarge, count: count, limit: EventBounds.value, field: .value)
        default: reason = .malformedJSON
        }
        return .syntax(
            reason, path: failure.path.map { String(cString: $0) } ?? "", offset: failure.offset,
            message: failure.message.map { String(cString: $0) } ?? "")
    }
}
