import Contract
import Foundation
import RandomTestSupport
import Testing

@Suite struct CommandEncoderTests {
    @Test func theExampleIsWhatIsWritten() throws {
        let written = CommandFixture().encoded()
        let example = try Schemas.object("send-reminder")
        let parsed = try #require(try JSONSerialization.jsonObject(with: Data(written)) as? NSDictionary)
        #expect(parsed == example as NSDictionary)
    }

    @Test func theBytesFollowFromTheContent() {
        let encoder = CommandEncoder()
        let first = CommandFixture().encoded(by: encoder)
        var other = CommandFixture()
        other.texts["email"] = "someone.else@example.com"
        _ = other.encoded(by: encoder)
        #expect(CommandFixture().encoded(by: encoder) == first)
        #expect(String(decoding: first, as: UTF8.self).hasPrefix(#"{"specversion":"1.0","id":"8c1f0e5d3b7a4926"#))
    }

    @Test func whatIsMissingIsLeftOut() throws {
        var fixture = CommandFixture()
        for name in ["prospectID", "traceparent", "campaign", "openingSource", "openingID"] { fixture.texts[name] = "" }
        fixture.tags = []
        fixture.fields = []
        let text = String(decoding: fixture.encoded(), as: UTF8.self)
        #expect(text.contains(#""prospect":{"email":"jane.doe@example.com"},"#))
        #expect(text.contains(#""tags":[],"fields":{},"openedBy":{"type":"sales-lead.created","time":""#))
        #expect(!text.contains("traceparent") && !text.contains("campaign"))
    }

    @Test func everyCharacterComesBack() throws {
        var fixture = CommandFixture()
        let controls = String(String.UnicodeScalarView((0..<0x300).map { Unicode.Scalar($0)! }))
        let texts = [
            controls, "\"\\\"\\", "😀\u{2028}", "1234567\"", "12345678\"", "é\"é", "",
            String(repeating: "\u{1}", count: 2048),
        ]
        fixture.fields = texts.enumerated().map { ("f\($0)\"", .string($1)) }
        fixture.texts["subject"] = controls
        let parsed = try JSONSerialization.jsonObject(with: Data(fixture.encoded())) as? [String: Any]
        let data = try #require(parsed?["data"] as? [String: Any])
        let fields = try #require(data["fields"] as? [String: String])
        for (i, text) in texts.enumerated() { #expect(fields["f\(i)\""] == text) }
        #expect(parsed?["subject"] as? String == controls)
    }

    @Test func everyTimeIsWrittenAsItIsRead() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let edges: [Int64] = [
            0, -1, 946_684_800_000, 951_782_399_999, 951_782_400_000, 1_709_208_000_000, 4_102_444_799_999,
            -62_135_596_800_000, 253_402_300_799_999,
        ]
        for time in edges + (0..<2000).map({ _ in Int64(random.next() % 4_102_444_800_000) }) {
            var fixture = CommandFixture()
            fixture.due = time
            let text = String(decoding: fixture.encoded(), as: UTF8.self)
            let start = try #require(text.range(of: #""dueAt":""#)).upperBound
            #expect(TimestampTests.parse(String(text[start...].prefix(24))) == time, "seed \(seed)")
        }
    }

    @Test func jsonFieldsAreWrittenAsTheyAre() throws {
        var fixture = CommandFixture()
        fixture.fields = [("price", .json("49.90")), ("gift", .json("true")), ("items", .json(#"[{"n":1}]"#))]
        let text = String(decoding: fixture.encoded(), as: UTF8.self)
        #expect(text.contains(#""fields":{"price":49.90,"gift":true,"items":[{"n":1}]}"#))
    }

    @Test func theLargestCommandFitsIntoAMessage() {
        // What escapes worst: a control character becomes six bytes.
        func worst(_ count: Int) -> String { String(repeating: "\u{1}", count: count) }
        var fixture = CommandFixture()
        fixture.texts["subject"] = worst(EventBounds.email)
        fixture.texts["tenant"] = worst(EventBounds.tenant)
        fixture.texts["prospectID"] = worst(EventBounds.prospectID)
        fixture.texts["traceparent"] = worst(EventBounds.traceparent)
        fixture.texts["openingSource"] = worst(EventBounds.source)
        fixture.texts["openingID"] = worst(EventBounds.id)
        fixture.fields = (0..<8).map { ("f\($0)", .string(worst(EventBounds.field))) }
        #expect(fixture.encoded().count < 128 * 1024)
    }
}

/// The command of `schemas/examples/send-reminder.json`, with parts that a test changes.
struct CommandFixture {
    enum Value {
        case string(String)
        case json(String)
    }

    var texts = [
        "source": "/winback", "subject": "p-4711",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "tenant": "kasko", "prospectID": "p-4711", "email": "jane.doe@example.com", "policy": "unconverted-lead",
        "template": "lead-reminder", "campaign": "winback", "openingType": "sales-lead.created",
        "openingSource": "/insurance/leads", "openingID": "0197c5a4-6a10-7cc1-8f00-000000000001",
    ]
    var due: Int64 = 1_783_157_400_000
    var tags = ["unconverted-lead"]
    var fields: [(String, Value)] = [("first_name", .string("Jane")), ("product_name", .string("Household Plus"))]

    func encoded(by encoder: CommandEncoder = CommandEncoder()) -> [UInt8] {
        var copies: [UnsafeRawBufferPointer] = []
        defer { for copy in copies { copy.deallocate() } }
        func copy(_ text: String) -> UnsafeRawBufferPointer {
            copies.append(.copy(of: text.utf8))
            return copies[copies.count - 1]
        }
        func text(_ name: String) -> UnsafeRawBufferPointer { copy(texts[name] ?? "") }
        let tags = tags.map(copy)
        let fields = fields.map { name, value in
            switch value {
            case .string(let text): ReminderCommand.Field(name: copy(name), value: .string(copy(text)))
            case .json(let text): ReminderCommand.Field(name: copy(name), value: .json(copy(text)))
            }
        }
        return tags.withUnsafeBufferPointer { tags in
            fields.withUnsafeBufferPointer { fields in
                let command = ReminderCommand(
                    journey: (0x8c1f_0e5d_3b7a_4926, 0x8c1f_0e5d_3b7a_4926), step: 1, steps: 1, source: text("source"),
                    subject: text("subject"), traceparent: text("traceparent"), tenant: text("tenant"),
                    prospectID: text("prospectID"), email: text("email"), policyName: text("policy"), policyVersion: 1,
                    template: text("template"), due: due, emitted: 1_783_157_400_412,
                    expires: 1_783_243_800_000, campaign: text("campaign"), tags: tags, fields: fields,
                    openedBy: ReminderCommand.Opening(
                        type: text("openingType"), source: text("openingSource"), id: text("openingID"),
                        time: 1_782_898_200_000))
                return Array(encoder.encode(command))
            }
        }
    }
}
