import Kafka
import Testing

@Suite struct MessageBatchTests {
    private func append(_ batch: MessageBatch, key: [UInt8]?, value: [UInt8]?, headers: [(String, [UInt8]?)] = [])
        -> Bool
    {
        withBytes(key) { key in
            withBytes(value) { value in
                withHeaders(headers) { headers in
                    batch.append(
                        topicIndex: 1, partition: 3, offset: Int64(batch.count) + 10, timestampMilliseconds: 42,
                        key: key,
                        value: value, headers: headers)
                }
            }
        }
    }

    private func withBytes<R>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> R) -> R {
        guard let bytes else { return body(nil) }
        return bytes.withUnsafeBytes { body($0) }
    }

    private func withHeaders<R>(_ headers: [(String, [UInt8]?)], _ body: ([MessageHeader]) -> R) -> R {
        guard let (name, value) = headers.first else { return body([]) }
        return Array(name.utf8).withUnsafeBytes { name in
            withBytes(value) { value in
                withHeaders(Array(headers.dropFirst())) { rest in body([MessageHeader(name: name, value: value)] + rest)
                }
            }
        }
    }

    @Test func messagesInPlaceAreReadWhereTheyLie() {
        let batch = MessageBatch(capacity: 2)
        var bytes: [UInt8] = [1, 2, 3]
        bytes.withUnsafeMutableBytes { bytes in
            let message = UnsafeRawBufferPointer(bytes)
            #expect(
                batch.appendInPlace(partition: 3, offset: 10, timestampMilliseconds: 42, key: nil, value: message))
            bytes[0] = 9
            #expect(batch.value(0).map(Array.init) == [9, 2, 3])
        }
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(batch.appendInPlace(partition: 3, offset: 11, timestampMilliseconds: 42, key: empty, value: nil))
        #expect(batch.key(0) == nil)
        #expect(batch.key(1)?.count == 0)
        #expect(batch.value(1) == nil)
        #expect(!batch.appendInPlace(partition: 3, offset: 12, timestampMilliseconds: 42, key: nil, value: nil))
    }

    @Test func appendedMessagesAreCopied() {
        let batch = MessageBatch(capacity: 4)
        var bytes: [UInt8] = [1, 2, 3]
        #expect(append(batch, key: bytes, value: bytes, headers: [("a", [7]), ("b", nil)]))
        bytes[0] = 9
        #expect(batch.count == 1)
        #expect(batch.topicIndex(0) == 1)
        #expect(batch.partition(0) == 3)
        #expect(batch.offset(0) == 10)
        #expect(batch.timestampMilliseconds(0) == 42)
        #expect(batch.key(0).map(Array.init) == [1, 2, 3])
        #expect(batch.value(0).map(Array.init) == [1, 2, 3])
        var headers: [MessageHeader] = []
        batch.headers(0, into: &headers)
        #expect(headers.map { String(decoding: $0.name, as: UTF8.self) } == ["a", "b"])
        #expect(headers[0].value.map(Array.init) == [7])
        #expect(headers[1].value == nil)
    }

    @Test func nullIsNotEmpty() {
        let batch = MessageBatch(capacity: 2)
        #expect(append(batch, key: nil, value: []))
        #expect(append(batch, key: [], value: nil))
        #expect(batch.key(0) == nil)
        #expect(batch.value(0)?.count == 0)
        #expect(batch.key(1)?.count == 0)
        #expect(batch.value(1) == nil)
    }

    @Test func aFullBatchTakesNoMore() {
        let batch = MessageBatch(capacity: 2)
        #expect(append(batch, key: nil, value: [1]))
        #expect(append(batch, key: nil, value: [2]))
        #expect(!append(batch, key: nil, value: [3]))
        #expect(batch.count == 2)
        batch.release()
        #expect(batch.isEmpty)
        #expect(append(batch, key: nil, value: [4]))
        #expect(batch.value(0).map(Array.init) == [4])
    }

    @Test func valuesLargerThanTheArenasChunksStayWhole() {
        let batch = MessageBatch(capacity: 3)
        for filling in UInt8(1)...3 {
            #expect(append(batch, key: [filling], value: [UInt8](repeating: filling, count: 3_000_000)))
        }
        for index in 0..<3 {
            #expect(batch.key(index).map(Array.init) == [UInt8(index + 1)])
            #expect(batch.value(index)?.allSatisfy { $0 == UInt8(index + 1) } == true)
        }
    }

    @Test func endsOfPartitionsAreKeptUntilTheRelease() {
        let batch = MessageBatch(capacity: 1)
        #expect(batch.appendEnd(topicIndex: 2, partition: 5, offset: 77))
        #expect(!batch.appendEnd(partition: 0, offset: 0))
        #expect(batch.end(0) == MessageBatch.End(topicIndex: 2, partition: 5, offset: 77))
        batch.release()
        #expect(batch.endCount == 0)
    }
}
