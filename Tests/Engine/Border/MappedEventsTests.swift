import Configuration
import Foundation
import Journal
import Journey
import Kafka
import Testing

@testable import Engine

/// Events of other shapes, through the engine.
struct MappedEventsTests {
    private static let policies = """
        kafka: {bootstrap.servers: "localhost:9092"}
        templates: [spot-saved]
        policies:
          - name: abandoned
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            scope: subject
            steps: [{after: 1h, template: spot-saved}]
            command: {fields: {page: {from: /data/checkout/url, fallback: none}, title: {from: /cart/title, fallback: none}}}
        """

    private static let mapping = """
        events:
          format: json
          type: /event
          id: /no
          source: {value: /carts}
          time: /at
          timeFormat: milliseconds
          tenant: [/shop, {value: main}]
          prospect: /who
          email: [/mail, {header: mail}]
          subject: /cart/id
          fields: {/data/checkout/url: {header: page}}
          types: {checkout.started: [CartFilled], checkout.completed: [OrderPlaced]}

        """

    /// One batch of messages, each of a topic by its place in the list, to an engine of its own.
    private static func play(
        _ yaml: String, _ messages: [(topic: Int, value: String, headers: [(String, String)])],
        _ check: ([[String: Any]], Int) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("winback-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = try Configuration.parse(text: yaml)
        configuration.data = folder.path
        let engine = try OfflineEngine(
            configuration: configuration, partitions: 1, activation: OfflineHarness.start,
            fileSystem: POSIXFileSystem(),
            journal: JournalSettings(segmentBytes: 1 << 20, maximumFrameBytes: 256 << 10))
        defer { try? engine.close() }
        let batch = MessageBatch(capacity: messages.count)
        var offsets = [Int64](repeating: 0, count: 8)
        for message in messages {
            let flat = message.headers.flatMap { [$0.0, $0.1] }.map { Array($0.utf8) }
            let held = flat.map { UnsafeMutableRawBufferPointer.allocate(byteCount: $0.count, alignment: 1) }
            defer { for copy in held { copy.deallocate() } }
            for (copy, bytes) in zip(held, flat) { copy.copyBytes(from: bytes) }
            let headers = stride(from: 0, to: held.count, by: 2).map {
                MessageHeader(
                    name: UnsafeRawBufferPointer(held[$0]), value: UnsafeRawBufferPointer(held[$0 + 1]))
            }
            Array(message.value.utf8).withUnsafeBytes { value in
                _ = batch.append(
                    topicIndex: message.topic, partition: 0, offset: offsets[message.topic],
                    timestampMilliseconds: OfflineHarness.start.milliseconds, key: nil, value: value, headers: headers)
            }
            offsets[message.topic] += 1
        }
        try engine.fold(batch)
        _ = try engine.tick(OfflineHarness.start + Span.minutes(61))
        var reminders: [[String: Any]] = []
        var deadLetters = 0
        try engine.commit { published in
            guard published.isReminder, let value = published.value else {
                deadLetters += 1
                return
            }
            let object = try? JSONSerialization.jsonObject(with: Data(value))
            reminders.append((object as? [String: Any])?["data"] as? [String: Any] ?? [:])
        }
        try check(reminders, deadLetters)
    }

    private static let at = OfflineHarness.start.milliseconds

    private static func cart(_ who: Int, type: String = "CartFilled", cart: Int = 1) -> String {
        #"{"event":"\#(type)","no":\#(who),"at":\#(at),"who":\#(who),"cart":{"id":\#(cart),"title":"Socks"}}"#
    }

    @Test func anEventOfAnotherShapeOpensAndEndsJourneys() throws {
        let messages: [(Int, String, [(String, String)])] = [
            (0, Self.cart(1), [("mail", "a@example.com"), ("page", "https://example.com/1")]),
            (0, Self.cart(2), [("mail", "b@example.com")]),
            (0, Self.cart(2, type: "OrderPlaced"), []),
            (0, Self.cart(3), [("mail", "c@example.com")]),
            (0, Self.cart(3, type: "OrderPlaced", cart: 2), []),
            (0, #"{"event":"CartFilled","who":4,"at":"noon"}"#, []),
            (0, Self.cart(5, type: "checkout.started"), [("mail", "e@example.com")]),
        ]
        try Self.play(Self.mapping + Self.policies, messages) { reminders, deadLetters in
            func email(_ reminder: [String: Any]) -> String {
                (reminder["prospect"] as? [String: String])?["email"] ?? ""
            }
            let sent = reminders.sorted { email($0) < email($1) }
            #expect(sent.map(email) == ["a@example.com", "c@example.com"])
            try #require(sent.count == 2)
            #expect(sent[0]["tenant"] as? String == "main")
            #expect(sent[0]["fields"] as? [String: String] == ["page": "https://example.com/1", "title": "Socks"])
            #expect(sent[1]["fields"] as? [String: String] == ["page": "none", "title": "Socks"])
            let opened = sent[0]["openedBy"] as? [String: String]
            #expect(opened?["source"] == "/carts" && opened?["id"] == "1" && opened?["type"] == "checkout.started")
            // A type that has other names does not go by its own any more.
            #expect(deadLetters == 1)
        }
    }

    @Test func topicsOfSeveralShapesFeedOneEngine() throws {
        let yaml =
            "topics: {events: [carts, orders], reminders: r, deadLetters: d}\n" + Self.mapping
            + "  topics: {orders: {type: /kind, prospect: /buyer, subject: /cart, types: {checkout.completed: [sold]}}}\n"
            + Self.policies
        let messages: [(Int, String, [(String, String)])] = [
            (0, Self.cart(1), [("mail", "a@example.com")]), (0, Self.cart(2), [("mail", "b@example.com")]),
            (1, #"{"kind":"sold","buyer":2,"cart":1,"at":\#(Self.at)}"#, []),
        ]
        try Self.play(yaml, messages) { reminders, deadLetters in
            #expect(reminders.map { ($0["prospect"] as? [String: String])?["email"] } == ["a@example.com"])
            #expect(deadLetters == 0)
        }
    }
}
