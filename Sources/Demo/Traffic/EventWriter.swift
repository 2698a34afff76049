import Journey
import Kafka

/// Writes one event as a CloudEvent in JSON: attributes first, then the data, so that in binary mode the same bytes give
/// the headers and the value.
struct EventWriter: ~Copyable {
    private var bytes = EventBytes()
    private var times = TimeWriter()
    private let texts = Texts()
    private let draw: Draw
    private var keyRange = 0..<0
    private var idRange = 0..<0
    private var sourceRange = 0..<0
    private var typeRange = 0..<0
    private var subjectRange = 0..<0
    private var timeRange = 0..<0
    private var dataRange = 0..<0

    init(draw: Draw) { self.draw = draw }

    var key: UnsafeRawBufferPointer { bytes[keyRange] }
    /// The whole event.
    var structured: UnsafeRawBufferPointer { bytes[0..<bytes.count] }
    /// Its data alone.
    var data: UnsafeRawBufferPointer { bytes[dataRange] }
    var id: UnsafeRawBufferPointer { bytes[idRange] }
    var source: UnsafeRawBufferPointer { bytes[sourceRange] }
    var type: UnsafeRawBufferPointer { bytes[typeRange] }
    var time: UnsafeRawBufferPointer { bytes[timeRange] }
    /// Empty where the event has none.
    var subject: UnsafeRawBufferPointer { bytes[subjectRange] }

    mutating func write(_ type: EventType, _ visit: Visit, step: Int, subject: EventType, at time: Instant) {
        bytes.removeAll()
        let isOpening = type == subject
        let unique = draw(visit.number, UInt64(step) &+ 16)
        bytes.append(#"{"specversion":"1.0","id":""#)
        idRange = mark { bytes in
            bytes.append(hex: unique)
            bytes.append(hex: Draw.mix(unique))
        }
        bytes.append(#"","source":""#)
        sourceRange = mark { bytes in
            switch visit.product {
            case .insurance: bytes.append("https://insurance.example.com/sales")
            case .membership: bytes.append("https://academy.example.org/checkout")
            }
        }
        bytes.append(#"","type":""#)
        let name = texts.types[Int(type.rawValue)]
        typeRange = mark { $0.append(name) }
        subjectRange = 0..<0
        if isOpening {
            bytes.append(#"","subject":""#)
            subjectRange = mark { Self.subject(subject, visit, &$0) }
        }
        bytes.append(#"","time":""#)
        let first = bytes.count
        times.write(time, to: &bytes)
        timeRange = first..<bytes.count
        bytes.append(#"","datacontenttype":"application/json","data":"#)
        let dataStart = bytes.count
        writeData(type, visit, subject: subject, isOpening: isOpening, isFirst: step == 0)
        dataRange = dataStart..<bytes.count
        bytes.append("}")
    }

    @inline(__always)
    private mutating func mark(_ write: (inout EventBytes) -> Void) -> Range<Int> {
        let first = bytes.count
        write(&bytes)
        return first..<bytes.count
    }

    private mutating func writeData(
        _ type: EventType, _ visit: Visit, subject: EventType, isOpening: Bool, isFirst: Bool
    ) {
        switch visit.product {
        case .insurance: bytes.append(#"{"tenant":"example-insurance""#)
        case .membership: bytes.append(#"{"tenant":"example-academy""#)
        }
        // What the visitor asks of us as a person is about no lead, offer or cart.
        if !isOpening, type != .contactOptedOut {
            bytes.append(#","subject":""#)
            Self.subject(subject, visit, &bytes)
            bytes.append(#"""#)
        }
        let isDetailed = isOpening || type == .checkoutUpdated
        writeProspect(visit, isDetailed: isDetailed, hasAddress: !(isFirst && visit.isShy && type == .checkoutStarted))
        guard type != .contactOptedOut else { return bytes.append("}") }
        let kind = visit.product.rawValue
        bytes.append(#","product":{"id":""#)
        bytes.append(texts.productIDs[kind][visit.item])
        if isDetailed {
            bytes.append(#"","name":""#)
            bytes.append(texts.productNames[kind][visit.item])
        }
        bytes.append(#""}"#)
        if isDetailed { writeLink(visit) }
        bytes.append("}")
    }

    private mutating func writeProspect(_ visit: Visit, isDetailed: Bool, hasAddress: Bool) {
        bytes.append(#","prospect":{"id":""#)
        keyRange = mark { Self.prospectID(visit, &$0) }
        if hasAddress {
            bytes.append(#"","email":""#)
            writeAddress(visit)
        }
        if isDetailed {
            bytes.append(#"","firstName":""#)
            bytes.append(texts.firstNames[visit.firstName])
            bytes.append(#"","lastName":""#)
            bytes.append(texts.lastNames[visit.lastName])
        }
        bytes.append(#""}"#)
    }

    private mutating func writeAddress(_ visit: Visit) {
        bytes.append(texts.plainFirstNames[visit.firstName])
        bytes.append(".")
        bytes.append(texts.plainLastNames[visit.lastName])
        bytes.append(".")
        bytes.append(visit.person, width: 1)
        bytes.append(visit.hasUsableAddress ? "@" : " at ")
        bytes.append(texts.domains[visit.domain])
    }

    private mutating func writeLink(_ visit: Visit) {
        switch visit.product {
        case .insurance: bytes.append(#","checkout":{"url":"https://insurance.example.com/continue/"#)
        case .membership: bytes.append(#","checkout":{"url":"https://academy.example.org/checkout/"#)
        }
        bytes.append(hex: draw(visit.number, 3))
        bytes.append(visit.consents ? #""},"consent":true"# : #""},"consent":false"#)
    }

    private static func subject(_ opening: EventType, _ visit: Visit, _ bytes: inout EventBytes) {
        switch opening {
        case .salesLeadCreated: bytes.append("lead-")
        case .offerCreated: bytes.append("offer-")
        case .checkoutStarted, .policyIssued, .checkoutUpdated, .checkoutCompleted, .paymentPending, .paymentFailed,
            .leadCancelled, .contactOptedOut, .contactOptedIn, .contactErasureRequested:
            bytes.append("cart-")
        }
        bytes.append(visit.number, width: 7)
    }

    private static func prospectID(_ visit: Visit, _ bytes: inout EventBytes) {
        switch visit.product {
        case .insurance: bytes.append("i-")
        case .membership: bytes.append("m-")
        }
        bytes.append(visit.person, width: 7)
    }
}
