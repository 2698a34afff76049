import Foundation
import KafkaTestSupport
import RandomTestSupport
import Testing

/// A bad message never stops a partition.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct BadInputTests {
    struct Bad {
        var reason: String
        var field: String
        var message: Message
    }

    private static func event(_ name: String, _ change: (inout Message) -> Void) -> Message {
        var message = Event.opening(name).structured
        change(&message)
        return message
    }

    private static func replacing(_ name: String, _ old: String, _ new: String) -> Message {
        event(name) { message in
            let text = message.text ?? ""
            message.value = .text(text.replacingOccurrences(of: old, with: new, options: .regularExpression))
        }
    }

    /// The value in hexadecimal digits, with bytes that are no UTF-8 in the place of a text.
    private static func digits(_ message: Message, replacing text: String, by bytes: String) -> String {
        func hex(_ text: String) -> String { text.utf8.map { String(format: "%02x", $0) }.joined() }
        return hex(message.text ?? "").replacingOccurrences(of: hex(text), with: bytes)
    }

    static let bad: [Bad] = [
        Bad(reason: "malformed-json", field: "value", message: Message(key: "b-0", value: #"{"specversion":"1.0","#)),
        Bad(reason: "not-an-object", field: "value", message: Message(key: "b-1", value: "[1, 2]")),
        Bad(
            reason: "invalid-utf8", field: "value",
            message: event("b-2") { $0.value = .bytes(digits($0, replacing: "Jane", by: "ff80")) }),
        Bad(
            reason: "wrong-type", field: "tenant", message: replacing("b-3", #""tenant":"shop""#, #""tenant":["shop"]"#)
        ),
        Bad(reason: "missing-field", field: "id", message: replacing("b-4", #""id":"[^"]*","source""#, #""source""#)),
        Bad(
            reason: "time-out-of-range", field: "time",
            message: replacing("b-5", #""time":"[^"]*""#, #""time":"0001-01-01T00:00:00Z""#)),
        Bad(
            reason: "time-out-of-range", field: "time",
            message: replacing("b-6", #""time":"[^"]*""#, #""time":"9999-12-31T23:59:59Z""#)),
        Bad(
            reason: "invalid-time", field: "time", message: replacing("b-7", #""time":"[^"]*""#, #""time":"yesterday""#)
        ),
        Bad(reason: "missing-key", field: "key", message: event("b-8") { $0.key = nil }),
        Bad(reason: "foreign-key", field: "key", message: event("b-9") { $0.key = .text("somebody-else") }),
        Bad(
            reason: "duplicate-header", field: "headers",
            message: {
                var message = Event.opening("b-10").binary
                message.headers.append(Message.Header("ce_id", "another"))
                return message
            }()),
        Bad(
            reason: "too-large", field: "value",
            message: replacing("b-11", #""firstName":"Jane""#, #""firstName":"Jane","notes":"\#(filling(600_000))""#)),
    ]

    /// Letters that no compression makes much smaller.
    private static func filling(_ count: Int) -> String {
        var random = SeededGenerator(seed: UInt64(count))
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        return String(decoding: (0..<count).map { _ in letters[Int(random.next() & 63)] }, as: UTF8.self)
    }

    @Test func eachBadMessageIsADeadLetterAsItCameAndThePartitionGoesOn() async throws {
        try await Stage.play { stage in
            let engine = try stage.run()
            for (index, bad) in Self.bad.enumerated() {
                var message = bad.message
                message.partition = index % 2
                try stage.witness.produce(stage.events, [message])
            }
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            #expect(Set(try stage.reminded()) == marks)
            let letters = try stage.witness.read(stage.deadLetters, count: Self.bad.count)
            #expect(letters.count == Self.bad.count)
            let sent = try stage.witness.read(stage.events)
            for bad in Self.bad {
                let letter = letters.first { $0.key == bad.message.key && $0.value == bad.message.value }
                guard let letter else {
                    Issue.record("no dead letter for \(bad.reason), \(bad.field)")
                    continue
                }
                #expect(letter.header("winback-reason") == bad.reason)
                #expect(letter.header("winback-field") == bad.field, "\(bad.reason)")
                #expect(letter.header("__connect.errors.topic") == stage.events)
                #expect(letter.header("__connect.errors.exception.message")?.isEmpty == false)
                #expect(Array(letter.headers.prefix(bad.message.headers.count)) == bad.message.headers)
                let original = sent.first { $0.key == letter.key && $0.value == letter.value }
                #expect(original?.timestamp == letter.timestamp)
            }
            let headers = letters.map { letter in
                Dictionary(
                    letter.headers.filter { $0.name.hasPrefix("__connect") || $0.name.hasPrefix("winback") }
                        .map { ($0.name, letter.header($0.name) ?? "") }, uniquingKeysWith: { $1 })
            }
            let documents = try headers.map {
                String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
            }
            #expect(try stage.witness.errors(in: documents, schema: "dead-letter-headers") == [])
            try engine.stop()
        }
    }

    @Test func whatIsMerelyOfNoUseIsIgnored() async throws {
        try await Stage.play { stage in
            let engine = try stage.run()
            var noAddress = Event.opening("no-address")
            noAddress.email = "not an address"
            try stage.witness.produce(
                stage.events,
                [
                    Message(key: "tombstone", value: nil), Event(type: "shop.opened", prospect: "p").structured,
                    noAddress.structured,
                ])
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            #expect(Set(try stage.reminded()) == marks)
            #expect(try stage.witness.read(stage.deadLetters) == [])
            try engine.stop()
            #expect(try stage.count("unusableAddresses") == 1)
        }
    }

    @Test func anEventWithAForeignKeyThatEndsRemindersIsFoldedAndReported() async throws {
        try await Stage.play { stage in
            let engine = try stage.run()
            var purchase = Event.purchase("buyer").structured
            purchase.key = .text("order-1")
            let messages = [Event.opening("buyer").structured, purchase, Event.opening("other").structured]
            try stage.witness.produce(
                stage.events,
                messages.map { message in
                    var message = message
                    message.partition = 0
                    return message
                })
            try engine.waitUntilItSays("have a key that is not their prospect's identity")
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            #expect(try stage.reminded().filter { !marks.contains($0) } == ["other"])
            #expect(try stage.witness.read(stage.deadLetters) == [])
            #expect(engine.log.contains(#""events":1"#))
            try engine.stop()
        }
    }

    @Test func aMessageThatIsTooLargeForADeadLetterGoesWithoutItsValue() async throws {
        try await Stage.play { stage in
            try expectWithoutValue(stage, bytes: 1_000_000, asItCame: 0)
        }
    }

    @Test func aMessageThatTheDeadLetterTopicWouldRefuseGoesWithoutItsValue() async throws {
        try await Stage.play(Stage.Settings(deadLetterConfigs: ["max.message.bytes": "20000"])) { stage in
            try expectWithoutValue(stage, bytes: 300_000, asItCame: 30)
        }
    }

    /// A large bad message, and some that are small enough for the topic, though not all of them in one batch.
    private func expectWithoutValue(_ stage: Stage, bytes: Int, asItCame: Int) throws {
        let small = (0..<asItCame).map { Message(key: "small-\($0)", value: "{" + Self.filling(3000)) }
        try stage.witness.produce(stage.events, small)
        try stage.witness.produce(stage.events, [Message(key: "large", value: "{" + Self.filling(bytes))])
        let engine = try stage.run()
        let letters = try stage.witness.read(stage.deadLetters, count: 1 + small.count)
        let kept = Set(letters.compactMap(\.text))
        #expect(kept == Set(small.compactMap(\.text)), "\(kept.count) of \(small.count) as they came")
        let letter = try #require(letters.first { $0.key == .text("large") })
        #expect(letter.value == nil)
        #expect(letter.header("winback-value-bytes") == "\(bytes + 1)")
        #expect(letter.header("winback-value-sha256")?.count == 64)
        let marks = try stage.waitUntilAllBeforeNowIsDecided()
        #expect(Set(try stage.reminded()) == marks)
        try engine.stop()
    }
}
