/// What the next transaction will hold besides offsets: commands, dead letters and lead events, as bytes in one buffer that is reused.
///
/// Bounded by the worker, which commits when `byteCount` or `count` reaches its limit.
struct Outbox {
    typealias Destination = OfflineEngine.Destination

    struct Message {
        var destination: Destination
        var hasKey: Bool
        var hasValue: Bool
        /// The record's own timestamp in milliseconds; a dead letter keeps its message's.
        var timestamp: Int64
        var key: Range<Int>
        var value: Range<Int>
        var headers: Range<Int>
    }

    struct Header {
        var name: Range<Int>
        var value: Range<Int>?
    }

    private(set) var messages: ContiguousArray<Message> = []
    private(set) var headers: ContiguousArray<Header> = []
    private(set) var bytes: ContiguousArray<UInt8> = []

    var isEmpty: Bool { messages.isEmpty }
    var count: Int { messages.count }
    var byteCount: Int { bytes.count }

    mutating func append(
        _ destination: Destination, timestamp: Int64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: [(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)]
    ) {
        let keyRange = store(key)
        let valueRange = store(value)
        let first = self.headers.count
        for header in headers {
            let name = store(header.name)
            self.headers.append(Header(name: name, value: header.value.map { store($0) }))
        }
        messages.append(
            Message(
                destination: destination, hasKey: key != nil, hasValue: value != nil, timestamp: timestamp,
                key: keyRange,
                value: valueRange, headers: first..<self.headers.count))
    }

    private mutating func store(_ part: UnsafeRawBufferPointer?) -> Range<Int> {
        let start = bytes.count
        if let part { bytes.append(contentsOf: part) }
        return start..<bytes.count
    }

    /// Hands out key and value of the message that was added last.
    func withLast(
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        guard let message = messages.last else { return }
        try bytes.withUnsafeBytes { bytes in
            try body(
                UnsafeRawBufferPointer(rebasing: bytes[message.key]),
                UnsafeRawBufferPointer(rebasing: bytes[message.value]))
        }
    }

    mutating func removeAll() {
        messages.removeAll(keepingCapacity: true)
        headers.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }
}
