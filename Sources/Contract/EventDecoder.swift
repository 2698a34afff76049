import CSimdJSON

/// Reads events out of messages: finds the fields of a shape, checks them, and refuses what is not to be folded.
///
/// One decoder per thread, used for one event after the other. What it hands out lies in the message or in the decoder
/// and is valid until the next `decode`. Nothing is allocated for an event that is accepted.
///
/// Types in `lenientTypes` (those that end journeys: conversions, opt-outs, erasures) only need type, identity and time;
/// whatever else is wrong with such an event is left out instead of refusing it, because a lost conversion is a mail
/// after a purchase.
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

    /// The place of the event's type among the names that the decoder was made with.
    public internal(set) var typeIndex = 0
    public internal(set) var timeMilliseconds: Int64 = 0
    public internal(set) var consent = Consent.unknown
    public internal(set) var address = Address.missing
    /// Without white space around it; empty unless the address is usable.
    public internal(set) var email = UnsafeRawBufferPointer(start: nil, count: 0)
    /// The same in lower case (ASCII), for identity.
    public internal(set) var normalisedEmail = UnsafeRawBufferPointer(start: nil, count: 0)
    /// A bit for each further field that is present.
    public internal(set) var fieldMask: UInt64 = 0

    public var id: UnsafeRawBufferPointer { slot(.id) }
    public var source: UnsafeRawBufferPointer { slot(.source) }
    public var subject: UnsafeRawBufferPointer { slot(.subject) }
    public var tenant: UnsafeRawBufferPointer { slot(.tenant) }
    public var prospectID: UnsafeRawBufferPointer { slot(.prospectID) }
    public var product: UnsafeRawBufferPointer { slot(.product) }
    public var aboutSubject: UnsafeRawBufferPointer { slot(.aboutSubject) }
    public var traceparent: UnsafeRawBufferPointer { slot(.traceparent) }

    /// The further field whose pointer is `shape.fields[index]`.
    public func field(_ index: Int) -> FieldValue {
        let value = values[EventField.mapped + index]
        return FieldValue(bytes: value.buffer, kind: value.jsonKind)
    }

    let types: TypeNames
    let lenient: UInt64
    let plans: EventPlans
    let parser: OpaquePointer
    let values: UnsafeMutablePointer<sj_value>
    let normalised: UnsafeMutablePointer<UInt8>
    let fieldCount: Int
    /// The content mode of the message in hand.
    private var isBinary = false

    /// `typeNames` at most 64; `lenientTypes` are places among them.
    public init(shape: EventShape, typeNames: [String], lenientTypes: Set<Int> = []) throws(ContractError) {
        precondition(typeNames.count <= 64, "a type's place must fit into a set of 64")
        guard shape.fields.count <= EventBounds.fieldCount else { throw .tooManyFields(shape.fields.count) }
        plans = try EventPlans(shape: shape)
        guard let parser = sj_parser_make() else { throw .outOfMemory }
        self.parser = parser
        self.shape = shape
        types = TypeNames(typeNames)
        lenient = lenientTypes.reduce(0) { $0 | 1 << UInt64($1) }
        fieldCount = shape.fields.count
        let slots = EventField.mapped + shape.fields.count
        values = .allocate(capacity: slots)
        values.initialize(repeating: sj_value(), count: slots)
        normalised = .allocate(capacity: EventBounds.email)
    }

    deinit {
        sj_parser_free(parser)
        values.deallocate()
        normalised.deallocate()
    }

    /// Reads one message. `value` is not null: a tombstone is not an event. `messageTimestamp` is in milliseconds and
    /// stands in for a missing time.
    public func decode(
        value: UnsafeRawBufferPointer, headers: UnsafeBufferPointer<HeaderView>, messageTimestamp: Int64
    ) -> DecodeResult {
        guard headers.count > 0 else {
            return decodeStructured(value, nil, messageTimestamp)
        }
        let message = MessageHeaders(headers)
        switch message.mode {
        case .structured: return decodeStructured(value, message.fault, messageTimestamp)
        case .binary: return decodeBinary(value, headers, message.fault, messageTimestamp)
        case .unsupported:
            return .refused(Refusal(.unsupportedContentType, field: .headers, location: "content-type"))
        }
    }

    private func decodeStructured(
        _ value: UnsafeRawBufferPointer, _ headerFault: MessageHeaders.Fault?, _ messageTimestamp: Int64
    ) -> DecodeResult {
        isBinary = false
        let status = extract(value, plans.structured)
        guard status == SJ_OK || status == SJ_INVALID_UTF8 else { return .refused(syntaxRefusal(status, value.count)) }
        if let refusal = readType() { return .refused(refusal) }
        guard typeIndex >= 0 else { return .unknownType }
        return check(value.count, status, headerFault, messageTimestamp)
    }

    private func decodeBinary(
        _ value: UnsafeRawBufferPointer, _ headers: UnsafeBufferPointer<HeaderView>,
        _ headerFault: MessageHeaders.Fault?, _ messageTimestamp: Int64
    ) -> DecodeResult {
        isBinary = true
        plans.clear(values)
        for header in headers where !plans.place(header, values) {
            return .refused(duplicateRefusal(header.name))
        }
        if let refusal = readType() { return .refused(refusal) }
        guard typeIndex >= 0 else { return .unknownType }
        var status = SJ_OK
        // CloudEvents allows an event without data; its attributes then have to say everything.
        if value.count > 0 {
            status = extract(value, plans.binary)
            guard status == SJ_OK || status == SJ_INVALID_UTF8 else {
                return .refused(syntaxRefusal(status, value.count))
            }
        }
        return check(value.count, status, headerFault, messageTimestamp)
    }

    /// What is left to check once the type is known.
    private func check(
        _ valueCount: Int, _ status: sj_status, _ headerFault: MessageHeaders.Fault?, _ messageTimestamp: Int64
    ) -> DecodeResult {
        let isLenient = lenient & (1 << UInt64(typeIndex)) != 0
        if !isLenient {
            switch headerFault {
            case .duplicate(let name): return .refused(duplicateRefusal(name))
            case .tooMany: return .refused(Refusal(.tooLarge, field: .headers))
            case nil: break
            }
            guard status == SJ_OK else { return .refused(syntaxRefusal(status, valueCount)) }
            guard valueCount <= EventBounds.value else {
                return .refused(.size(.tooLarge, count: valueCount, limit: EventBounds.value, field: .value))
            }
        }
        if isBinary || status != SJ_OK, let refusal = checkEncoding(isLenient) { return .refused(refusal) }
        if let refusal = checkTexts(isLenient) ?? checkTime(messageTimestamp) ?? checkIdentity(isLenient)
            ?? checkConsent(isLenient) ?? checkFields(isLenient)
        {
            return .refused(refusal)
        }
        return .event
    }
}

extension EventDecoder {
    @inline(__always)
    func slot(_ field: EventField) -> UnsafeRawBufferPointer { values[Int(field.rawValue)].buffer }

    func extract(_ value: UnsafeRawBufferPointer, _ plan: OpaquePointer) -> sj_status {
        sj_extract(parser, plan, value.bindMemory(to: UInt8.self).baseAddress, value.count, values)
    }

    func required(_ field: EventField) -> Bool { shape.required.contains(field) }

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

    func location(_ slot: Int) -> String { plans.location(slot, isBinary: isBinary) }

    func duplicateRefusal(_ name: UnsafeRawBufferPointer) -> Refusal {
        Refusal(.duplicateHeader, field: .headers, location: String(decoding: name.prefix(64), as: UTF8.self))
    }

    func syntaxRefusal(_ status: sj_status, _ count: Int) -> Refusal {
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
