/// The headers of a dead letter: those that the message came with, untouched, and then what happened to it, under the
/// names that Kafka Connect uses (KIP-298), so that the tools that read Connect's dead letters read these.
public final class DeadLetter {
    /// Where the message was.
    public struct Origin {
        public var topic: UnsafeRawBufferPointer
        public var partition: Int32
        public var offset: Int64

        public init(topic: UnsafeRawBufferPointer, partition: Int32, offset: Int64) {
            self.topic = topic
            self.partition = partition
            self.offset = offset
        }
    }

    /// What stands in for a value that is too large to be sent on.
    public struct OmittedValue {
        public var count: Int
        /// 32 bytes.
        public var sha256: UnsafeRawBufferPointer

        public init(count: Int, sha256: UnsafeRawBufferPointer) {
            self.count = count
            self.sha256 = sha256
        }
    }

    private var writer = ByteWriter(capacity: 1024)
    /// What this adds, as parts of the writer's bytes.
    private var added: [(name: StaticString, range: Range<Int>)] = []
    private var headers: [HeaderView] = []

    public init() {}

    /// The list of headers, valid until the next call, and as long as `original` is. A dead letter that is read again
    /// and refused again bears its headers twice; the last ones count.
    public func withHeaders<Result>(
        original: UnsafeBufferPointer<HeaderView>, origin: Origin, refusal: Refusal, worker: Int,
        omitted: OmittedValue? = nil, _ body: (UnsafeBufferPointer<HeaderView>) throws -> Result
    ) rethrows -> Result {
        writer.removeAll()
        added.removeAll(keepingCapacity: true)
        add("__connect.errors.topic") { $0.append(origin.topic) }
        add("__connect.errors.partition") { $0.append(decimal: Int64(origin.partition)) }
        add("__connect.errors.offset") { $0.append(decimal: origin.offset) }
        add("__connect.errors.connector.name") { $0.append("winback") }
        add("__connect.errors.task.id") { $0.append(decimal: Int64(worker)) }
        add("__connect.errors.stage") { $0.append(refusal.stage) }
        add("__connect.errors.class.name") { $0.append("winback.EventDecoder") }
        add("__connect.errors.exception.class.name") { writer in
            writer.append("winback.Refusal.")
            writer.append(text: refusal.reason.name)
        }
        add("__connect.errors.exception.message") { $0.append(text: refusal.message) }
        add("winback-reason") { $0.append(text: refusal.reason.name) }
        add("winback-field") { $0.append(text: refusal.field.name) }
        if let omitted {
            add("winback-value-bytes") { $0.append(decimal: Int64(omitted.count)) }
            add("winback-value-sha256") { writer in
                for byte in omitted.sha256 { writer.append(hexByte: byte) }
            }
        }
        headers.removeAll(keepingCapacity: true)
        headers.append(contentsOf: original)
        let bytes = writer.bytes
        for (name, range) in added {
            headers.append(
                HeaderView(
                    name: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount),
                    value: UnsafeRawBufferPointer(rebasing: bytes[range])))
        }
        return try headers.withUnsafeBufferPointer(body)
    }

    private func add(_ name: StaticString, _ write: (inout ByteWriter) -> Void) {
        let start = writer.count
        write(&writer)
        added.append((name, start..<writer.count))
    }
}

extension ByteWriter {
    fileprivate mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }
}

extension Refusal {
    /// Kafka Connect's name for the part of the work that failed.
    fileprivate var stage: StaticString {
        switch field {
        case .key: "KEY_CONVERTER"
        case .headers: "HEADER_CONVERTER"
        case .specVersion, .type, .id, .source, .time, .subject, .tenant, .prospectID, .email, .product, .aboutSubject,
            .consent, .traceparent, .further, .value:
            "VALUE_CONVERTER"
        }
    }
}
