import CChecksum
import Contract
import Journey
import RandomTestSupport

/// Messages, as anybody may publish them.
///
/// ```
/// {...}                       a value alone
/// name: value\n...\n\n{...}   headers, an empty line and the value; a header without a colon has a null value
/// ```
final class EventTrial: FuzzTrial {
    private let decoder: EventDecoder
    private let lenient: Set<Int>
    private var headers: [HeaderView] = []
    private var count: UInt64 = 0

    private static let typeNames = EventType.allCases.map(\.name)
    private static let timestamp: Int64 = 1_782_900_000_000
    /// Refusals are put into words for one message in so many: that takes longer than decoding.
    private static let wordsEvery: UInt64 = 16

    static var standard: EventShape {
        var shape = EventShape.default
        let pointers = ["product/name", "checkout/url", "prospect/firstName", "checkout/items/0"]
        shape.fields = pointers.map { [.pointer("/data/\($0)")] }
        return shape
    }

    static var mapped: EventShape {
        var shape = EventShape()
        shape.format = .json
        shape.timeFormat = .unixMilliseconds
        shape.required = [.id]
        shape.places = [
            .type: [.header("kind"), .pointer("/kind")],
            .id: [.pointer("/eventId"), .pointer("/meta/id")],
            .source: [.constant("shop")],
            .time: [.pointer("/occurredAt"), .header("at")],
            .subject: [.pointer("/about~1order/1")],
            .tenant: [.header("tenant"), .pointer("/body/tenant"), .constant("house")],
            .prospectID: [.pointer("/body/customers/0/id"), .pointer("/body/customer")],
            .email: [.pointer("/body/customers/0/email"), .header("email")],
            .product: [.pointer("/body/product")],
            .aboutSubject: [.pointer("/body/cart")],
            .consent: [.header("consent"), .pointer("/body/consent")],
            .traceparent: [.header("traceparent")],
        ]
        shape.fields = [[.pointer("/body/name"), .header("name")], [.pointer("/body")], [.constant("x")]]
        return shape
    }

    init(shape: EventShape) throws {
        lenient = Set(
            [EventType.policyIssued, .checkoutCompleted, .contactOptedOut, .contactErasureRequested]
                .compactMap { EventType.allCases.firstIndex(of: $0) })
        decoder = try EventDecoder(shape: shape, typeNames: Self.typeNames, lenientTypes: lenient)
    }

    /// The input, and variations of it that follow from it: one byte replaced in each. libFuzzer takes longer for an input
    /// than the decoder does for several.
    func run(_ input: UnsafeRawBufferPointer) -> String? {
        // A copy of exactly this size, so that the address sanitizer sees a read behind its end.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyMemory(from: input)
        var wrong = read(UnsafeRawBufferPointer(copy))
        guard !input.isEmpty else { return wrong }
        var random = SeededGenerator(seed: UInt64(crc32c(of: input)))
        for _ in 1..<inputsPerRun where wrong == nil {
            let bits = random.next()
            let index = Int(bits >> 32) % copy.count
            let byte = copy[index]
            copy[index] =
                bits & 3 == 0
                ? UInt8(truncatingIfNeeded: bits >> 8) : Self.bytes[Int(bits >> 8 & 0xff) % Self.bytes.count]
            wrong = read(UnsafeRawBufferPointer(copy))
            copy[index] = byte
        }
        return wrong
    }

    let inputsPerRun = 16
    /// Those that mean something in JSON, in a header or in UTF-8.
    private static let bytes =
        Array("{}[]\",:\\/ \n\t0129-+.eEtfnuTZ@~\u{0}\u{7f}".utf8) + [0x80, 0xbf, 0xc3, 0xe2, 0xf0, 0xff]

    private func crc32c(of input: UnsafeRawBufferPointer) -> UInt32 {
        winback_crc32c(0, input.baseAddress, input.count)
    }

    private func read(_ input: UnsafeRawBufferPointer) -> String? {
        count += 1
        let value = splitHeaders(input)
        switch headers.withUnsafeBufferPointer({
            decoder.decode(value: value, headers: $0, messageTimestamp: Self.timestamp)
        }) {
        case .event: return check(value)
        case .unknownType: return nil
        case .refused(let refusal):
            guard count % Self.wordsEvery == 0 else { return nil }
            return "\(refusal)".isEmpty ? "a refusal without words" : nil
        }
    }

    /// Fills `headers`; returns the value.
    private func splitHeaders(_ input: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        headers.removeAll(keepingCapacity: true)
        if input.first == UInt8(ascii: "{") { return input }
        var start = 0
        var index = 0
        var colon: Int?
        while index < input.count {
            switch input[index] {
            case UInt8(ascii: "\n"):
                if index == start {
                    return UnsafeRawBufferPointer(rebasing: input[(index + 1)...])
                }
                addHeader(input, start, colon, index)
                start = index + 1
                colon = nil
            case UInt8(ascii: ":"): colon = colon ?? index
            default: break
            }
            index += 1
        }
        headers.removeAll(keepingCapacity: true)
        return input
    }

    private func addHeader(_ input: UnsafeRawBufferPointer, _ start: Int, _ colon: Int?, _ end: Int) {
        let name = UnsafeRawBufferPointer(rebasing: input[start..<(colon ?? end)])
        guard let colon else {
            return headers.append(HeaderView(name: name, value: UnsafeRawBufferPointer(start: nil, count: 0)))
        }
        let value = colon + 1 < end && input[colon + 1] == UInt8(ascii: " ") ? colon + 2 : colon + 1
        headers.append(HeaderView(name: name, value: UnsafeRawBufferPointer(rebasing: input[min(value, end)..<end])))
    }

    private func check(_ value: UnsafeRawBufferPointer) -> String? {
        guard Self.typeNames.indices.contains(decoder.typeIndex) else { return "a type that does not exist" }
        guard EventBounds.time.contains(decoder.timeMilliseconds) else { return "a time out of range" }
        let isLenient = lenient.contains(decoder.typeIndex)
        guard isLenient || value.count <= EventBounds.value else { return "a value that is too large" }
        if let wrong = Self.check("id", decoder.id, EventBounds.id) { return wrong }
        if let wrong = Self.check("source", decoder.source, EventBounds.source) { return wrong }
        if let wrong = Self.check("subject", decoder.subject, EventBounds.subject) { return wrong }
        if let wrong = Self.check("tenant", decoder.tenant, EventBounds.tenant) { return wrong }
        if let wrong = Self.check("prospect", decoder.prospectID, EventBounds.prospectID) { return wrong }
        if let wrong = Self.check("product", decoder.product, EventBounds.product) { return wrong }
        if let wrong = Self.check("about", decoder.aboutSubject, EventBounds.subject) { return wrong }
        if let wrong = Self.check("traceparent", decoder.traceparent, EventBounds.traceparent) { return wrong }
        if let wrong = Self.check("email", decoder.email, EventBounds.email) { return wrong }
        return checkIdentity() ?? checkFields()
    }

    private static func check(_ name: StaticString, _ bytes: UnsafeRawBufferPointer, _ limit: Int) -> String? {
        if bytes.count > limit { return "\(name) of \(bytes.count) bytes" }
        return isText(bytes) ? nil : "\(name) is not UTF-8"
    }

    private func checkIdentity() -> String? {
        guard decoder.prospectID.count > 0 || decoder.address == .usable else { return "an event of nobody" }
        guard (decoder.address == .usable) == (decoder.email.count > 0) else { return "an address that is none" }
        let isNormal = zip(decoder.normalisedEmail, decoder.email).allSatisfy { normal, byte in
            normal == ((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte)
        }
        return isNormal ? nil : "an address that is not the same in lower case"
    }

    private func checkFields() -> String? {
        var sum = 0
        for index in decoder.shape.fields.indices {
            let field = decoder.field(index)
            sum += field.bytes.count
            if field.bytes.count > EventBounds.field { return "a field of \(field.bytes.count) bytes" }
            if field.isPresent != (decoder.fieldMask >> UInt64(index) & 1 == 1) { return "a field that is half there" }
            if !Self.isText(field.bytes) { return "a field is not UTF-8" }
        }
        if decoder.fieldMask >> UInt64(decoder.shape.fields.count) != 0 { return "a field that was not asked for" }
        return sum <= EventBounds.fieldsTogether ? nil : "fields of \(sum) bytes"
    }

    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.allSatisfy({ $0 < 0x80 }) { return true }
        return String(validating: bytes, as: UTF8.self) != nil
    }
}
