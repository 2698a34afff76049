import Kafka

/// What the next transaction will hold besides offsets: commands, dead letters and lead events, as bytes in blocks that are
/// used again and never move: growing one buffer to a hundred megabytes took a third of what deciding a backlog did.
///
/// Bounded by the worker, which commits when `byteCount` reaches its limit.
///
/// Safe to share: the worker fills it and hands it over; the commit lane only reads it, and the worker has it back when that
/// commit has ended.
final class Outbox: @unchecked Sendable {
    typealias Destination = OfflineEngine.Destination

    /// Its bytes lie in the outbox until `removeAll`.
    struct Message {
        var destination: Destination
        /// The record's own timestamp in milliseconds; a dead letter keeps its message's.
        var timestamp: Int64
        var key: UnsafeRawBufferPointer?
        var value: UnsafeRawBufferPointer?
        /// Places among `headers`.
        var headers: Range<Int>
    }

    private(set) var messages: ContiguousArray<Message> = []
    private(set) var headers: ContiguousArray<MessageHeader> = []
    private(set) var byteCount = 0

    /// Each of `blockBytes`. What is larger than half of one has memory of its own.
    private var blocks: [UnsafeMutableRawBufferPointer] = []
    /// Blocks in use, and the bytes that are used of the last one of them.
    private var usedBlocks = 0
    private var usedBytes = 0
    private var large: [UnsafeMutableRawBufferPointer] = []

    private static let blockBytes = 1 << 20
    /// Blocks that are kept to be used again: what a worker collects before it commits.
    private static let keptBlocks = WorkerLimits.outboxBytes / blockBytes

    init() {}

    deinit {
        for block in blocks + large { block.deallocate() }
    }

    var isEmpty: Bool { messages.isEmpty }
    var count: Int { messages.count }

    /// Adds a message, copying it.
    func append(
        _ destination: Destination, timestamp: Int64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: [(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)]
    ) {
        let first = self.headers.count
        for header in headers {
            self.headers.append(MessageHeader(name: store(header.name), value: header.value.map(store)))
        }
        messages.append(
            Message(
                destination: destination, timestamp: timestamp, key: key.map(store), value: value.map(store),
                headers: first..<self.headers.count))
    }

    private func store(_ part: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let room = room(part.count)
        room.copyMemory(from: part)
        byteCount += part.count
        return UnsafeRawBufferPointer(room)
    }

    private func room(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if count > Self.blockBytes / 2 {
            large.append(.allocate(byteCount: count, alignment: 1))
            return large[large.count - 1]
        }
        if usedBlocks == 0 || usedBytes + count > Self.blockBytes {
            if usedBlocks == blocks.count { blocks.append(.allocate(byteCount: Self.blockBytes, alignment: 64)) }
            usedBlocks += 1
            usedBytes = 0
        }
        defer { usedBytes += count }
        return UnsafeMutableRawBufferPointer(rebasing: blocks[usedBlocks - 1][usedBytes..<usedBytes + count])
    }

    /// Hands out key and value of the message that was added last.
    func withLast(
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        guard let message = messages.last else { return }
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        try body(message.key ?? none, message.value ?? none)
    }

    func removeAll() {
        messages.removeAll(keepingCapacity: true)
        headers.removeAll(keepingCapacity: true)
        for bytes in large { bytes.deallocate() }
        large.removeAll()
        while blocks.count > Self.keptBlocks { blocks.removeLast().deallocate() }
        (usedBlocks, usedBytes, byteCount) = (0, 0, 0)
    }
}
