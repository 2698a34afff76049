internal import CKafka
import Foundation

/// Messages as a poll delivered them, in flat arrays that are filled again by the next poll.
///
/// Nothing is allocated per message. Keys, values and headers stay where librdkafka received them: they are valid until
/// `release()` or the next poll. A batch can also be filled from plain memory, which it copies into an arena of its own.
/// It belongs to one thread at a time.
public final class MessageBatch {
    /// The most messages that the batch takes.
    public let capacity: Int
    @usableFromInline var shim: UnsafeMutablePointer<Storage>
    private var arena = Arena()
    private var ownHeaders: [MessageHeader] = []
    private var ownHeaderRanges: [Range<Int>] = []

    /// The flat arrays; their meaning is that of the shim's `ckafka_batch`.
    @usableFromInline struct Storage {
        @usableFromInline var messages: UnsafeMutablePointer<UnsafeMutableRawPointer?>
        @usableFromInline var values: UnsafeMutablePointer<UnsafeRawPointer?>
        @usableFromInline var keys: UnsafeMutablePointer<UnsafeRawPointer?>
        @usableFromInline var valueLengths: UnsafeMutablePointer<Int32>
        @usableFromInline var keyLengths: UnsafeMutablePointer<Int32>
        @usableFromInline var offsets: UnsafeMutablePointer<Int64>
        @usableFromInline var timestamps: UnsafeMutablePointer<Int64>
        @usableFromInline var partitions: UnsafeMutablePointer<Int32>
        @usableFromInline var topics: UnsafeMutablePointer<Int32>
        @usableFromInline var count: Int
        @usableFromInline var endTopics: UnsafeMutablePointer<Int32>
        @usableFromInline var endPartitions: UnsafeMutablePointer<Int32>
        @usableFromInline var endOffsets: UnsafeMutablePointer<Int64>
        @usableFromInline var endCount: Int
    }

    /// A report that a partition was read to `offset`, its end for a `read_committed` reader.
    public struct End: Sendable, Hashable {
        public var topicIndex: Int
        public var partition: Int32
        public var offset: Int64

        public init(topicIndex: Int, partition: Int32, offset: Int64) {
            self.topicIndex = topicIndex
            self.partition = partition
            self.offset = offset
        }
    }

    public init(capacity: Int = 4096) {
        precondition(capacity > 0)
        self.capacity = capacity
        shim = .allocate(capacity: 1)
        shim.initialize(
            to: Storage(
                messages: .allocate(capacity: capacity), values: .allocate(capacity: capacity),
                keys: .allocate(capacity: capacity), valueLengths: .allocate(capacity: capacity),
                keyLengths: .allocate(capacity: capacity), offsets: .allocate(capacity: capacity),
                timestamps: .allocate(capacity: capacity), partitions: .allocate(capacity: capacity),
                topics: .allocate(capacity: capacity), count: 0, endTopics: .allocate(capacity: capacity),
                endPartitions: .allocate(capacity: capacity), endOffsets: .allocate(capacity: capacity), endCount: 0))
        shim.pointee.messages.initialize(repeating: nil, count: capacity)
    }

    deinit {
        release()
        let storage = shim.pointee
        storage.messages.deallocate()
        storage.values.deallocate()
        storage.keys.deallocate()
        storage.valueLengths.deallocate()
        storage.keyLengths.deallocate()
        storage.offsets.deallocate()
        storage.timestamps.deallocate()
        storage.partitions.deallocate()
        storage.topics.deallocate()
        storage.endTopics.deallocate()
        storage.endPartitions.deallocate()
        storage.endOffsets.deallocate()
        shim.deallocate()
    }

    @inlinable public var count: Int { shim.pointee.count }
    @inlinable public var isEmpty: Bool { count == 0 }

    @inlinable public func partition(_ index: Int) -> Int32 {
        assert(index < count)
        return shim.pointee.partitions[index]
    }

    /// The topic's place in the consumer's subscription, or as it was appended.
    @inlinable public func topicIndex(_ index: Int) -> Int {
        assert(index < count)
        return Int(shim.pointee.topics[index])
    }

    @inlinable public func offset(_ index: Int) -> Int64 {
        assert(index < count)
        return shim.pointee.offsets[index]
    }

    /// The message timestamp, in milliseconds since 1970; -1 when the message has none.
    @inlinable public func timestampMilliseconds(_ index: Int) -> Int64 {
        assert(index < count)
        return shim.pointee.timestamps[index]
    }

    /// The key's bytes; nil is a null key, not an empty one.
    @inlinable public func key(_ index: Int) -> UnsafeRawBufferPointer? {
        assert(index < count)
        guard let start = shim.pointee.keys[index] else { return nil }
        return UnsafeRawBufferPointer(start: start, count: Int(shim.pointee.keyLengths[index]))
    }

    /// The value's bytes; nil is a null value (a tombstone), not an empty one.
    @inlinable public func value(_ index: Int) -> UnsafeRawBufferPointer? {
        assert(index < count)
        guard let start = shim.pointee.values[index] else { return nil }
        return UnsafeRawBufferPointer(start: start, count: Int(shim.pointee.valueLengths[index]))
    }

    /// Reads ahead: a cache line in three of every value, so that the messages' misses overlap. Another thread wrote them.
    ///
    /// - Returns: a sum of what was read, which means nothing but has to be kept somewhere, or nothing is read.
    public func touch(_ messages: Range<Int>) -> UInt8 {
        var sum: UInt8 = 0
        for index in messages {
            guard let start = shim.pointee.values[index] else { continue }
            for offset in stride(from: 0, to: min(512, Int(shim.pointee.valueLengths[index])), by: 192) {
                sum &+= start.load(fromByteOffset: offset, as: UInt8.self)
            }
        }
        return sum
    }

    @inlinable public var endCount: Int { shim.pointee.endCount }

    /// The end-of-partition reports that came with this poll.
    public func end(_ index: Int) -> End {
        precondition(index < endCount)
        return End(
            topicIndex: Int(shim.pointee.endTopics[index]), partition: shim.pointee.endPartitions[index],
            offset: shim.pointee.endOffsets[index])
    }

    /// Fills `headers` with the message's headers, in order, duplicates included. The buffer keeps its room from call to
    /// call; what it holds is valid as long as the batch's memory.
    public func headers(_ index: Int, into headers: inout [MessageHeader]) {
        precondition(index < count)
        headers.removeAll(keepingCapacity: true)
        guard let message = shim.pointee.messages[index] else {
            let range = ownHeaderRanges[index]
            if !range.isEmpty { headers.append(contentsOf: ownHeaders[range]) }
            return
        }
        guard let list = ckafka_message_headers(message) else { return }
        MessageHeader.append(list, to: &headers)
    }

    /// Gives the messages back. What was read from the batch is no longer valid.
    public func release() {
        withShimBatch { ckafka_batch_release(&$0) }
        arena.reset()
        ownHeaders.removeAll(keepingCapacity: true)
        ownHeaderRanges.removeAll(keepingCapacity: true)
    }

    /// Appends a copy of a message: for input that comes from a file, a simulator or a test. Returns false, and takes
    /// nothing, when the batch is full. A batch holds either polled or appended messages, never both.
    @discardableResult
    public func append(
        topicIndex: Int = 0, partition: Int32, offset: Int64, timestampMilliseconds: Int64,
        key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: [MessageHeader] = []
    ) -> Bool {
        guard count < capacity else { return false }
        let first = ownHeaders.count
        for header in headers {
            ownHeaders.append(
                MessageHeader(
                    name: UnsafeRawBufferPointer(start: arena.copy(header.name), count: header.name.count),
                    value: header.value.map { UnsafeRawBufferPointer(start: arena.copy($0), count: $0.count) }))
        }
        let isAppended = appendInPlace(
            topicIndex: topicIndex, partition: partition, offset: offset, timestampMilliseconds: timestampMilliseconds,
            key: key.map { UnsafeRawBufferPointer(start: arena.copy($0), count: $0.count) },
            value: value.map { UnsafeRawBufferPointer(start: arena.copy($0), count: $0.count) })
        ownHeaderRanges[count - 1] = first..<ownHeaders.count
        return isAppended
    }

    /// Appends a message without headers where it lies: its bytes must stay there until the batch is released. Returns false,
    /// and takes nothing, when the batch is full.
    @discardableResult
    public func appendInPlace(
        topicIndex: Int = 0, partition: Int32, offset: Int64, timestampMilliseconds: Int64,
        key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?
    ) -> Bool {
        let index = count
        guard index < capacity else { return false }
        precondition(ownHeaderRanges.count == index, "a batch with polled messages takes no others")
        shim.pointee.messages[index] = nil
        shim.pointee.keys[index] = key.map(address)
        shim.pointee.keyLengths[index] = Int32(key?.count ?? 0)
        shim.pointee.values[index] = value.map(address)
        shim.pointee.valueLengths[index] = Int32(value?.count ?? 0)
        shim.pointee.offsets[index] = offset
        shim.pointee.timestamps[index] = timestampMilliseconds
        shim.pointee.partitions[index] = partition
        shim.pointee.topics[index] = Int32(topicIndex)
        ownHeaderRanges.append(ownHeaders.count..<ownHeaders.count)
        shim.pointee.count = index + 1
        return true
    }

    /// Where bytes lie. Of none at all, anywhere: only a null key or value has no address.
    private func address(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
        bytes.baseAddress ?? UnsafeRawPointer(shim)
    }

    /// Appends an end-of-partition report, as `append` does a message. Returns false when there is no room.
    @discardableResult
    public func appendEnd(topicIndex: Int = 0, partition: Int32, offset: Int64) -> Bool {
        let index = endCount
        guard index < capacity else { return false }
        shim.pointee.endTopics[index] = Int32(topicIndex)
        shim.pointee.endPartitions[index] = partition
        shim.pointee.endOffsets[index] = offset
        shim.pointee.endCount = index + 1
        return true
    }

    /// Hands the arrays to the shim and takes back how far they were filled.
    func withShimBatch(_ body: (inout ckafka_batch) -> Void) {
        let storage = shim.pointee
        var batch = ckafka_batch(
            messages: storage.messages, values: storage.values, keys: storage.keys,
            value_lengths: storage.valueLengths, key_lengths: storage.keyLengths, offsets: storage.offsets,
            timestamps: storage.timestamps, partitions: storage.partitions, topics: storage.topics,
            capacity: capacity, count: storage.count, end_topics: storage.endTopics,
            end_partitions: storage.endPartitions, end_offsets: storage.endOffsets, end_capacity: capacity,
            end_count: storage.endCount)
        body(&batch)
        shim.pointee.count = batch.count
        shim.pointee.endCount = batch.end_count
    }
}
