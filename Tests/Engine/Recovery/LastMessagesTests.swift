import Configuration
import Foundation
import Journal
import Journey
import Kafka
import Testing

@testable import Engine

@Suite("The last message that a journal holds, compared with the topic's")
struct LastMessagesTests {
    private let start = OfflineHarness.start

    private struct Sent {
        var key: String? = "p-1"
        var value: String?
        var headers: [(name: String, value: String)] = []
        var offset: Int64 = 3
        var timestamp = OfflineHarness.start.milliseconds + 5000

        static let event = Sent(
            value: """
                {"specversion":"1.0","id":"e-1","source":"/checkout","type":"checkout.started","subject":"cart-1",\
                "time":"2027-01-15T08:00:01Z","data":{"tenant":"academy","prospect":{"id":"p-1",\
                "email":"ann@example.com","firstName":"Ann"},"product":{"id":"gold","name":"Gold"},"consent":true}}
                """)
        /// It changes nothing, so that the journal keeps no personal record of it.
        static let idle = Sent(
            value: """
                {"specversion":"1.0","id":"e-2","source":"/checkout","type":"payment.failed",\
                "time":"2027-01-15T07:59:58Z","data":{"tenant":"academy","prospect":{"id":"p-9"}}}
                """)
        static let binary = Sent(
            value: #"{"tenant":"academy","prospect":{"id":"p-1","email":"ann@example.com"}}"#,
            headers: [
                ("content-type", "application/json"), ("ce_specversion", "1.0"), ("ce_id", "e-3"),
                ("ce_source", "/checkout"), ("ce_type", "checkout.started"), ("ce_time", "2027-01-15T08:00:01Z"),
            ])
        static let tombstone = Sent(value: nil)
        static let unknown = Sent(
            value: #"{"specversion":"1.0","id":"e-4","source":"/shop","type":"shop.opened","data":{}}"#)
        static let refused = Sent(value: "{")

        func put(into batch: MessageBatch) {
            batch.release()
            let texts = headers.map { (Array($0.name.utf8), Array($0.value.utf8)) }
            func append(_ rest: ArraySlice<([UInt8], [UInt8])>, _ views: [MessageHeader]) {
                guard let next = rest.first else {
                    Self.withBytes(key) { key in
                        Self.withBytes(value) { value in
                            _ = batch.append(
                                partition: 0, offset: offset, timestampMilliseconds: timestamp, key: key, value: value,
                                headers: views)
                        }
                    }
                    return
                }
                next.0.withUnsafeBytes { name in
                    next.1.withUnsafeBytes { value in
                        append(rest.dropFirst(), views + [MessageHeader(name: name, value: value)])
                    }
                }
            }
            append(texts[...], [])
        }

        private static func withBytes(_ text: String?, _ body: (UnsafeRawBufferPointer?) -> Void) {
            guard let text else { return body(nil) }
            Array(text.utf8).withUnsafeBytes { body($0) }
        }
    }

    private static let kinds: [Sent] = [.event, .idle, .binary, .tombstone, .unknown, .refused]

    /// Folds the message and asks of another one whether it is the same.
    private func isSame(_ folded: Sent, as other: Sent, identity: Configuration.Identity = .prospect) throws -> Bool {
        let harness = try OfflineHarness()
        let batch = MessageBatch(capacity: 1)
        folded.put(into: batch)
        try harness.engine.fold(batch)
        try harness.engine.commit()
        let last = try #require(try Self.last(harness)[0])
        other.put(into: batch)
        let comparison = try MessageComparison(
            key: try Self.key(harness), topics: ["checkout-events"], mappings: EventMappings(), identity: identity)
        return comparison.isSame(last, batch)
    }

    private static func key(_ harness: OfflineHarness) throws -> [UInt8] {
        try DataDirectory.openForReading(harness.directory, fileSystem: POSIXFileSystem()).key
    }

    private static func last(_ harness: OfflineHarness) throws -> [Int: FoldedMessage] {
        let path = harness.directory + "/shards/0"
        let reader = try JournalReader(directory: path, fileSystem: POSIXFileSystem())
        while try reader.next() != nil {}
        return try LastMessages(path: path, fileSystem: POSIXFileSystem()).find([0], upTo: reader.head)
    }

    @Test(arguments: kinds.indices)
    func aMessageIsTheSameAsItself(kind: Int) throws {
        #expect(try isSame(Self.kinds[kind], as: Self.kinds[kind]))
    }

    @Test(arguments: kinds.indices)
    func noMessageIsTheSameAsOneOfAnotherKind(kind: Int) throws {
        // Of two that were both refused or unknown nothing but the timestamp is known.
        let alike: Set<Int> = [4, 5]
        for other in Self.kinds.indices where other != kind && !(alike.contains(kind)) {
            #expect(try !isSame(Self.kinds[kind], as: Self.kinds[other]), "\(kind) and \(other)")
        }
    }

    @Test(arguments: kinds.indices)
    func anotherOffsetIsAnotherMessage(kind: Int) throws {
        var other = Self.kinds[kind]
        other.offset += 1
        #expect(try !isSame(Self.kinds[kind], as: other))
    }

    @Test(arguments: [3, 4, 5])
    func anotherTimestampIsAnotherMessageWhereNothingElseWasKept(kind: Int) throws {
        var other = Self.kinds[kind]
        other.timestamp += 1
        #expect(try !isSame(Self.kinds[kind], as: other))
    }

    @Test(arguments: [
        ("e-1", "e-7"), ("/checkout", "/shop"), ("checkout.started", "checkout.updated"), ("cart-1", "cart-2"),
        ("08:00:01", "08:00:02"), ("academy", "school"), ("p-1", "p-2"), ("ann@example.com", "none"),
        (#""id":"gold""#, #""id":"silver""#), ("true", "false"),
    ])
    func anEventThatDiffersIsAnother(old: String, new: String) throws {
        var other = Sent.event
        let value = try #require(other.value)
        try #require(value.contains(old))
        other.value = value.replacingOccurrences(of: old, with: new)
        #expect(try !isSame(.event, as: other))
    }

    @Test func anotherKeyIsAnotherEvent() throws {
        var other = Sent.event
        other.key = "p-2"
        #expect(try !isSame(.event, as: other))
    }

    @Test func aMessageBroughtBackFromAMirrorIsTheSame() throws {
        // The mirror's own timestamp, later than the event's time.
        var other = Sent.event
        other.timestamp += 3000
        #expect(try isSame(.event, as: other))
    }

    @Test func whoAProspectWasThenCounts() throws {
        #expect(try !isSame(.event, as: .event, identity: .email))
    }

    @Test func theLastOneIsFoundAcrossSegments() throws {
        let harness = try OfflineHarness()
        let message = MessageBatch(capacity: 1)
        for offset in 0..<6000 {
            var sent = Sent.event
            sent.offset = Int64(offset)
            sent.value = sent.value?.replacingOccurrences(of: "p-1", with: "p-\(offset)")
            sent.put(into: message)
            try harness.engine.fold(message)
            if offset % 100 == 99 { try harness.engine.commit() }
        }
        let path = harness.directory + "/shards/0"
        let segments = try JournalReader.beginnings(of: path, fileSystem: POSIXFileSystem())
        try #require(segments.count > 1)
        #expect(try Self.last(harness)[0]?.offset == 5999)
        // What only the first segment holds is found as well.
        let files = LastMessages(path: path, fileSystem: POSIXFileSystem())
        let end = JournalHead(position: segments[1], hash: .zero)
        let first = try #require(try files.find([0], upTo: end)[0])
        #expect(first.offset < 5999)
    }
}
