import CSimdJSON

/// A shape made ready for both content modes.
final class EventPlans {
    let structured: OpaquePointer
    /// Pointers below `/data`, with that taken off: in binary mode the value is the data.
    let binary: OpaquePointer
    private let headers: [(name: [UInt8], slot: Int)]
    private let pointers: [Int: String]
    private let slotCount: Int

    init(shape: EventShape) throws(ContractError) {
        let targets = shape.targets
        if let wrong = targets.first(where: { !EventShape.isPointer($0.pointer) }) {
            throw .invalidPointer(wrong.pointer)
        }
        let data = targets.filter { $0.pointer == "/data" || $0.pointer.hasPrefix("/data/") }
            .map { (pointer: String($0.pointer.dropFirst("/data".count)), slot: $0.slot) }
        guard let structured = Self.plan(targets) else { throw .outOfMemory }
        guard let binary = Self.plan(data) else {
            sj_plan_free(structured)
            throw .outOfMemory
        }
        self.structured = structured
        self.binary = binary
        headers = targets.compactMap { target in
            let name = target.pointer.dropFirst()
            guard !name.isEmpty, name != "data", !name.contains("/") else { return nil }
            return (Array("ce_\(name)".utf8), target.slot)
        }
        pointers = Dictionary(uniqueKeysWithValues: targets.map { ($0.slot, $0.pointer) })
        slotCount = EventField.mapped + shape.fields.count
    }

    deinit {
        sj_plan_free(structured)
        sj_plan_free(binary)
    }

    func clear(_ values: UnsafeMutablePointer<sj_value>) {
        values.update(repeating: sj_value(), count: slotCount)
    }

    /// Puts a header where the shape wants it; of several with one name the first counts. False if it is another one
    /// that says of what type, when or whose the event is: then nobody can tell what it means.
    func place(_ header: HeaderView, _ values: UnsafeMutablePointer<sj_value>) -> Bool {
        for (name, slot) in headers where name.withUnsafeBytes({ $0.equals(header.name) }) {
            guard values[slot].kind == JSONKind.missing.rawValue else {
                switch EventField.slot(slot) {
                case .type, .time, .tenant, .prospectID, .email: return false
                case .specVersion, .id, .source, .subject, .product, .aboutSubject, .consent, .traceparent, .further,
                    .value, .headers, .key:
                    continue
                }
            }
            values[slot] = sj_value(
                bytes: header.value.bindMemory(to: UInt8.self).baseAddress,
                count: UInt32(clamping: header.value.count), kind: JSONKind.string.rawValue)
        }
        return true
    }

    /// Where a slot's value is found, for people.
    func location(_ slot: Int, isBinary: Bool) -> String {
        if isBinary, let header = headers.first(where: { $0.slot == slot }) {
            return String(decoding: header.name, as: UTF8.self)
        }
        return pointers[slot] ?? ""
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

    /// `nil` if it does not fit.
    var wholeNumber: Int64? {
        let negative = buffer.first == UInt8(ascii: "-")
        var result: Int64 = 0
        for byte in buffer.dropFirst(negative ? 1 : 0) {
            let (tens, overflow) = result.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int64(byte) - 0x30)
            guard !overflow, !carry else { return nil }
            result = sum
        }
        return negative ? -result : result
    }
}
