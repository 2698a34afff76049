import Foundation
import KafkaTestSupport
import Testing

/// Events of other shapes, and services with other partitioners.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct OtherEventsTests {
    private static func order(_ prospect: String, _ event: String = "OrderPlaced") -> Message {
        let milliseconds = Int64(Date().timeIntervalSince1970 * 1000)
        return Message(
            key: prospect, value: #"{"event":"\#(event)","buyer":{"number":"\#(prospect)"},"at":\#(milliseconds)}"#,
            headers: [Message.Header("shop", "shop")])
    }

    @Test func aPurchaseOfAnotherShapeInAnotherTopicPreventsTheReminder() async throws {
        var settings = Stage.Settings()
        settings.wait = "3s"
        settings.hasOrders = true
        settings.more = """
            events:
              topics:
                ORDERS:
                  format: json
                  type: /event
                  time: /at
                  timeFormat: milliseconds
                  tenant: {header: shop}
                  prospect: /buyer/number
                  types: {policy.issued: [OrderPlaced]}
            """
        try await Stage.play(settings) { stage in
            let engine = try stage.run()
            let orders = try #require(stage.orders)
            try stage.publish((0..<20).map { Event.opening("p-\($0)") })
            try stage.witness.produce(
                orders, (0..<10).map { Self.order("p-\($0)") } + [Self.order("p-10", "OrderSeen"), Self.order("")])
            let reminded = Set(try stage.reminded(count: 10)).union(try stage.waitUntilAllBeforeNowIsDecided())
            let marks = reminded.filter { !$0.hasPrefix("p-") }
            #expect(Set(try stage.reminded()).subtracting(marks) == Set((10..<20).map { "p-\($0)" }))
            let letters = try stage.witness.read(stage.deadLetters, count: 1)
            #expect(letters.map { $0.header("winback-reason") } == ["missing-identity"])
            #expect(letters.first?.header("__connect.errors.topic") == orders)
            try engine.stop()
        }
    }

    /// The witness puts keys where Java does.
    @Test func whatLiesElsewhereThanTheNamedPartitionerPutsItIsADeadLetter() async throws {
        var settings = Stage.Settings()
        settings.partitions = 8
        settings.topicSettings = "  partitioner: murmur2"
        try await Stage.play(settings) { stage in
            let engine = try stage.run()
            try stage.publish([Event.opening("a"), Event.opening("b")])
            let home = try #require(try stage.witness.read(stage.events, count: 2).first { $0.key == .text("a") })
            var stray = Event.opening("a").structured
            stray.partition = ((home.partition ?? 0) + 1) % 8
            // What ends a journey is folded where it is, and ends nothing of the prospect that is at home elsewhere.
            var purchase = Event.purchase("b").structured
            purchase.partition = ((home.partition ?? 0) + 2) % 8
            try stage.witness.produce(stage.events, [stray, purchase])
            let letters = try stage.witness.read(stage.deadLetters, count: 1)
            #expect(letters.map { $0.header("winback-reason") } == ["foreign-partition"])
            #expect(letters.map(\.value) == [stray.value])
            #expect(try stage.reminded(count: 2).filter { $0 == "a" } == ["a"])
            try engine.stop()
            #expect(engine.log.contains("lie in another partition"))
        }
    }

    @Test func whatIsPublishedLiesWhereTheNamedPartitionerPutsIt() async throws {
        var settings = Stage.Settings()
        settings.partitions = 8
        settings.topicSettings = "  partitioner: crc32"
        try await Stage.play(settings) { stage in
            let engine = try stage.run()
            let file = stage.folder.appendingPathComponent("events.ndjson")
            let lines = try (0..<20).map { try #require(Event.opening("p-\($0)").structured.text) }
            try Data(lines.joined(separator: "\n").utf8).write(to: file)
            let publish = try stage.start(command: ["publish", file.path])
            #expect(try publish.exitCode() == 0, "\(publish.log)")
            #expect(Set(try stage.reminded(count: 20)) == Set((0..<20).map { "p-\($0)" }))
            #expect(try stage.witness.read(stage.deadLetters) == [])
            try engine.stop()
        }
    }

    @Test func aSampleShowsWhatTheTopicsMessagesWouldBecome() async throws {
        try await Stage.play { stage in
            try stage.publish([Event.opening("a"), Event.purchase("b")])
            var bad = Event.opening("c").structured
            bad.key = .text("somebody-else")
            try stage.witness.produce(stage.events, [bad, Message(key: "d", value: nil)])
            let check = try stage.start(command: ["check", "--topic", "--json"])
            #expect(try check.exitCode() == 65, "\(check.log)")
            let rows = try check.log.split(separator: "\n").filter { $0.hasPrefix("{") }.map { line in
                let text = line.hasSuffix(",") ? line.dropLast() : line
                return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            }
            let becomes = Set(rows.compactMap { $0["becomes"] as? String })
            #expect(
                becomes == [
                    "opens lead", "converts lead", "dead letter: the message's key is not the prospect's identity",
                    "ignored: no value",
                ])
        }
    }
}
