import CSimdJSON

/// A shape made ready for both content modes.
final class EventPlans {
    let structured: OpaquePointer
    /// Pointers below `/data`, with that taken off: in binary mode the value is the data.
    let binary: OpaquePointer
    /// How many values a message has: those of the fields, and then their other places.
    let slotCount: Int
    /// Headers that are looked for in every message, and those that are in binary mode only.
    private let headers: [Header]
    private let attributes: [Header]
    private let alternatives: [(slot: Int, others: Range<Int>)]
    private let places: [Int: EventShape.Place]
    /// What the values are before a message is read: constants, and nothing.
    private let blank: UnsafeMutableBufferPointer<sj_value>
    private let constants: UnsafeMutableRawBufferPointer

    private struct Header {
        var name: [UInt8]
        var slot: Int
    }

    init(shape: EventShape) throws(ContractError) {
        let layout = EventShape.Layout(shape)
        let pointers = layout.places.compactMap { place, slot in
            if case .pointer(let pointer) = place { (pointer: pointer, slot: slot) } else { nil }
        }
        if let wrong = pointers.first(where: { !EventShape.isPointer($0.pointer) }) {
            throw .invalidPointer(wrong.pointer)
        }
        let data = pointers.filter { $0.pointer == "/data" || $0.pointer.hasPrefix("/data/") }
            .map { (pointer: String($0.pointer.dropFirst("/data".count)), slot: $0.slot) }
        guard let structured = Self.plan(pointers) else { throw .outOfMemory }
        guard let binary = Self.plan(data) else {
            sj_plan_free(structured)
            throw .outOfMemory
        }
        self.structured = structured
        self.binary = binary
        headers = layout.places.compactMap { place, slot in
            if case .header(let name) = place { Header(name: Array(name.utf8), slot: slot) } else { nil }
        }
        attributes = pointers.compactMap { target in
            let name = target.pointer.dropFirst()
            guard !name.isEmpty, name != "data", !name.contains("/") else { return nil }
            return Header(name: Array("ce_\(name)".utf8), slot: target.slot)
        }
        alternatives = layout.alternatives
        places = Dictionary(uniqueKeysWithValues: layout.places.map { ($0.slot, $0.place) })
        slotCount = layout.slotCount
        (blank, constants) = Self.blank(layout)
    }

    deinit {
        sj_plan_free(structured)
        sj_plan_free(binary)
        blank.deallocate()
        constants.deallocate()
    }

    /// Whether headers mean anything outside of binary mode.
    var readsHeaders: Bool { !headers.isEmpty }
    var hasAlternatives: Bool { !alternatives.isEmpty }
    /// Whether reading a value leaves anything of the message before.
    var mustClear: Bool { !headers.isEmpty || !constants.isEmpty }

    func clear(_ values: UnsafeMutablePointer<sj_value>) {
        values.update(from: blank.baseAddress!, count: slotCount)
    }

    /// Puts a header where the shape wants it; of several with one name the first counts. False if it is another one
    /// that says of what type, when or whose the event is: then nobody can tell what it means.
    func place(_ header: HeaderView, isBinary: Bool, _ values: UnsafeMutablePointer<sj_value>) -> Bool {
        guard Self.place(header, among: headers, values) else { return false }
        return !isBinary || Self.place(header, among: attributes, values)
    }

    private static func place(
        _ header: HeaderView, among headers: [Header], _ values: UnsafeMutablePointer<sj_value>
    ) -> Bool {
        for wanted in headers where wanted.name.withUnsafeBytes({ $0.equals(header.name) }) {
            guard values[wanted.slot].kind == JSONKind.missing.rawValue else {
                switch EventField.slot(wanted.slot) {
                case .type, .time, .tenant, .prospectID, .email: return false
                case .specVersion, .id, .source, .subject, .product, .aboutSubject, .consent, .traceparent, .further,
                    .value, .headers, .key:
                    continue
                }
            }
            values[wanted.slot] = sj_value(
                bytes: header.value.bindMemory(to: UInt8.self).baseAddress,
                count: UInt32(clamping: header.value.count), kind: JSONKind.string.rawValue)
        }
        return true
    }

    /// Fills what its first place has not from the others.
    func resolve(_ values: UnsafeMutablePointer<sj_value>) {
        for (slot, others) in alternatives where values[slot].isNothing {
            for other in others where !values[other].isNothing {
                values[slot] = values[other]
                break
            }
        }
    }

    /// Where a slot's value was found, or where it was looked for first; for people.
    func location(_ slot: Int, isBinary: Bool, _ values: UnsafeMutablePointer<sj_value>) -> String {
        var found = slot
        if let bytes = values[slot].bytes, let others = alternatives.first(where: { $0.slot == slot })?.others {
            found = others.first { values[$0].bytes == bytes } ?? slot
        }
        if isBinary, let header = attributes.first(where: { $0.slot == found }) {
            return String(decoding: header.name, as: UTF8.self)
        }
        switch places[found] {
        case .pointer(let pointer): return pointer
        case .header(let name): return "header \(name)"
        case .constant, nil: return ""
        }
    }

    private static func blank(
        _ layout: EventShape.Layout
    ) -> (UnsafeMutableBufferPointer<sj_value>, UnsafeMutableRawBufferPointer) {
        let blank = UnsafeMutableBufferPointer<sj_value>.allocate(capacity: layout.slotCount)
        blank.initialize(repeating: sj_value())
        var texts: [(text: String, slot: Int)] = []
        for case (.constant(let text), let slot) in layout.places { texts.append((text, slot)) }
        let constants = UnsafeMutableRawBufferPointer.allocate(
            byteCount: texts.reduce(0) { $0 + $1.text.utf8.count }, alignment: 1)
        var end = 0
        for (text, slot) in texts {
            let place = UnsafeMutableRawBufferPointer(rebasing: constants[end..<end + text.utf8.count])
            place.copyBytes(from: text.utf8)
            blank[slot] = sj_value(
                bytes: UnsafeRawBufferPointer(place).bindMemory(to: UInt8.self).baseAddress,
                count: UInt32(place.count), kind: JSONKind.string.rawValue)
            end += place.count
        }
        return (blank, constants)
    }

    private static func plan(_ targets: [(pointer: String, slot: Int)]) -> OpaquePointer? {
        var bytes: [UInt8] = []
        var ranges: [Range<Int>] = []
        for target in targets {
            ranges.append(bytes.count..<bytes.count + target.pointer.utf8.count)
            bytes += target.pointer.utf8
        }
        // One byte more, so that an empty pointer at the end has an address, too.
        bytes.append(0)
        return bytes.withUnsafeBufferPointer { bytes in
            let wanted = zip(targets, ranges).map { target, range in
                sj_target(
                    pointer: bytes.baseAddress! + range.lowerBound, count: range.count, slot: UInt32(target.slot))
            }
            return sj_plan_make(wanted, wanted.count)
        }
    }
}

extension EventField {
    static func slot(_ index: Int) -> EventField {
        index < mapped ? EventField(rawValue: UInt8(index))! : .further
    }

    /// CloudEvents attributes are strings; what lies in the data may be a number.
    var isInData: Bool {
        switch self {
        case .tenant, .prospectID, .product, .aboutSubject: true
        case .specVersion, .type, .id, .source, .time, .subject, .email, .consent, .traceparent, .further, .value,
            .headers, .key:
            false
        }
    }
}

extension sj_value {
    @inline(__always)
    var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: Int(count)) }

    var jsonKind: JSONKind { JSONKind(rawValue: kind) ?? .missing }

    /// Missing, null, or an empty string.
    @inline(__always)
    var isNothing: Bool { count == 0 || kind == JSONKind.null.rawValue }

    var isWholeNumber: Bool {
        kind == JSONKind.number.rawValue
            && !buffer.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
    }
}
