import Contract
import Foundation
import RandomTestSupport
import Testing

@Suite struct EventDecoderTests {
    @Test func aStructuredEventGivesAllItsFields() throws {
        let decoder = try EventDecoder.standard {
            $0.take(["/data/prospect/firstName", "/data/checkout/url", "/data/absent", "/data/consent"])
        }
        let event = decoder.read(try Schemas.example("sales-lead.created"))
        #expect(
            event
                == .event(
                    Decoded(
                        type: "sales-lead.created", time: 1_782_898_200_000, id: "0197c5a4-6a10-7cc1-8f00-000000000001",
                        source: "/insurance/leads", subject: "l-9001", tenant: "kasko", prospectID: "p-4711",
                        email: "jane.doe@example.com", normalisedEmail: "jane.doe@example.com",
                        product: "household-plus", aboutSubject: "",
                        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", consent: .given,
                        address: .usable,
                        fields: ["Jane", "https://insurance.example.com/leads/l-9001", nil, "true"])))
    }

    @Test func bothContentModesReadTheSame() throws {
        let decoder = try EventDecoder.standard { $0.take(["/data/product/name", "/subject", "/data"]) }
        let binary = try Schemas.object("sales-lead.created.binary")
        let headers = try #require(binary["headers"] as? [String: String])
        let value = try JSONSerialization.data(withJSONObject: try #require(binary["value"]))
        let one = try #require(decoder.read(try Schemas.example("sales-lead.created")).event)
        let other = try #require(decoder.read(Array(value), headers: headers.map { ($0, $1) }).event)
        #expect(other.fields[2] == String(decoding: value, as: UTF8.self))
        #expect(one.fields[0...1] == ["Household Plus", "l-9001"])
        var same = other
        same.fields[2] = one.fields[2]
        #expect(same == one)
    }

    /// A decoder knows the outlines of what it has read.
    @Test func anOrderOfKeysIsAsGoodAsAnother() throws {
        let seed: UInt64 = 5
        var generator = SeededGenerator(seed: seed)
        let decoder = try EventDecoder.standard { $0.take(["/data/product/name", "/data/checkout/url"]) }
        let examples = try typeNames.map { try Schemas.object($0) }
        for _ in 0..<500 {
            let example = try #require(examples.randomElement(using: &generator))
            let text = Self.json(example, &generator)
            let fresh = try EventDecoder.standard { $0.take(["/data/product/name", "/data/checkout/url"]) }
            #expect(decoder.read(Array(text.utf8)) == fresh.read(Array(text.utf8)), "\(text), seed \(seed)")
        }
    }

    /// JSON with the members in any order, and members that nobody knows between them.
    private static func json(_ value: Any, _ generator: inout SeededGenerator) -> String {
        guard let object = value as? [String: Any] else {
            let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed])
            return String(decoding: data ?? Data(), as: UTF8.self)
        }
        var members = object.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\(json($0.value, &generator))" }
        if generator.chance(50) { members.append("\"tenanT\":\"other\"") }
        if generator.chance(50) { members.append("\"a-key-of-more-than-sixteen-bytes\":{\"id\":\"other\"}") }
        return "{" + members.shuffled(using: &generator).joined(separator: ",") + "}"
    }

    @Test(arguments: typeNames)
    func everyExampleIsAnEventOfItsType(name: String) throws {
        let event = try #require(try EventDecoder.standard().read(try Schemas.example(name)).event)
        #expect(event.type == name)
        #expect(!event.prospectID.isEmpty || event.address == .usable)
    }

    @Test(arguments: [
        ("application/cloudevents+json", true), ("application/cloudevents+json; charset=UTF-8", true),
        ("Application/CloudEvents+JSON", true), ("application/cloudevents", true), ("application/json", true),
        ("application/cloudevents-batch+json", false), ("application/cloudevents+avro", false),
    ])
    func theContentTypeTellsWhetherTheEventIsStructured(contentType: String, isRead: Bool) throws {
        let outcome = try EventDecoder.standard().read(EventText().text, headers: [("content-type", contentType)])
        #expect((outcome.event != nil) == isRead)
        #expect((outcome.refusal?.reason == .unsupportedContentType) == !isRead)
    }

    static let binaryHeaders = [
        ("ce_specversion", "1.0"), ("ce_id", "e-1"), ("ce_source", "/shop"), ("ce_type", "checkout.started"),
    ]

    @Test func aBinaryEventWithAnotherContentThanJSONIsRefused() throws {
        let headers = Self.binaryHeaders + [("content-type", "application/avro")]
        let refusal = try #require(try EventDecoder.standard().read("\u{1}\u{2}", headers: headers).refusal)
        #expect(refusal.reason == .unsupportedContentType)
        #expect(refusal.message == "header content-type says that the content is not JSON")
    }

    @Test func aRefusedHeaderIsNamed() throws {
        let headers = Self.binaryHeaders + [("ce_time", "yesterday")]
        let refusal = try #require(try EventDecoder.standard().read(EventText().dataText, headers: headers).refusal)
        #expect(refusal.reason == .invalidTime)
        #expect(refusal.location == "ce_time")
    }

    @Test func aMissingTimeIsTheMessagesOwn() throws {
        let decoder = try EventDecoder.standard()
        #expect(
            decoder.read(EventText().with("time", nil).text, timestamp: 1_800_000_000_000).event?.time
                == 1_800_000_000_000)
        #expect(decoder.read(EventText().with("time", nil).text, timestamp: -1).refusal?.reason == .missingField)
        #expect(decoder.read(EventText().with("time", nil).text, timestamp: 5).refusal?.reason == .timeOutOfRange)
    }

    @Test func anEventWithoutTenantIsOfTheNamelessOne() throws {
        let event = try EventDecoder.standard().read(EventText().with(data: "tenant", nil).text).event
        #expect(event?.tenant == "")
    }

    @Test func wholeNumbersIdentify() throws {
        let decoder = try EventDecoder.standard()
        let text = EventText().with(data: "prospect", #"{"id":4711}"#).with(data: "tenant", "7").text
        let event = try #require(decoder.read(text).event)
        #expect(event.prospectID == "4711")
        #expect(event.tenant == "7")
        let fraction = decoder.read(EventText().with(data: "prospect", #"{"id":47.5}"#).text)
        #expect(fraction.refusal?.reason == .wrongType)
    }

    @Test func escapesAreUndone() throws {
        let decoder = try EventDecoder.standard { $0.take(["/data/a~1b~0c", "/data/note", "/data/items/1/name"]) }
        let text = EventText()
            .with(data: #"a\/b~c"#, #""\"slash\" \\ tab\t""#)
            .with(data: "note", #""Gr\u00fc\u00dfe \ud83d\ude00""#)
            .with(data: "items", #"[{"name":"no"},{"name":"yes"}]"#)
        let event = try #require(decoder.read(text.text).event)
        #expect(event.fields == ["\"slash\" \\ tab\t", "Grüße 😀", "yes"])
    }

    @Test func theFirstOfSeveralEqualKeysCounts() throws {
        let decoder = try EventDecoder.standard()
        let twice =
            #"{"prospect":{"id":"p-1"},"prospect":{"id":"p-2","email":"b@example.com"},"tenant":"a","tenant":"b"}"#
        let head = #"{"specversion":"1.0","id":"1","source":"s","type":"offer.created","data":"#
        let event = try #require(decoder.read(head + twice + "}").event)
        #expect(event.prospectID == "p-1")
        #expect(event.address == .missing)
        #expect(event.tenant == "a")
    }

    @Test func nullAndEmptyAreMissing() throws {
        let decoder = try EventDecoder.standard { $0.take(["/data/a", "/data/b"]) }
        let text = EventText().with("subject", "null").with(data: "consent", "null").with(data: "product", "null")
            .with(data: "a", "null").with(data: "b", #""""#)
        let event = try #require(decoder.read(text.text).event)
        #expect(event.subject == "" && event.product == "" && event.consent == .unknown)
        #expect(event.fields == [nil, nil])
        #expect(decoder.read(EventText().with("id", #""""#).text).refusal?.reason == .missingField)
    }

    @Test func anUnknownTypeIsNoFault() throws {
        let decoder = try EventDecoder.standard()
        #expect(decoder.read(EventText(type: "invoice.sent").with("time", "17").text) == .unknownType)
        #expect(decoder.read("not json", headers: [("ce_type", "invoice.sent")]) == .unknownType)
    }

    @Test(arguments: [
        (" Jane.Doe@Example.COM\n", "Jane.Doe@Example.COM", "jane.doe@example.com"),
        ("jürgen@müller.example", "jürgen@müller.example", "jürgen@müller.example"),
        ("a+b@x.co", "a+b@x.co", "a+b@x.co"),
    ])
    func anAddressIsTrimmedAndForIdentityInLowerCase(text: String, email: String, normalised: String) throws {
        let escaped = text.replacingOccurrences(of: "\n", with: "\\n")
        let outcome = try EventDecoder.standard().read(
            EventText().with(data: "prospect", #"{"email":"\#(escaped)"}"#).text)
        let event = try #require(outcome.event)
        #expect(event.address == .usable)
        #expect(event.email == email)
        #expect(event.normalisedEmail == normalised)
    }

    @Test(arguments: [
        "a", "@example.com", "a@", "a@example", "a@@example.com", "a@b@example.com", "a b@example.com",
        "a@.example.com",
        "a@example.com.", "a@exa..mple.com", ".a@example.com", "a.@example.com", "a@example.com,b@example.com",
        "a@example.com;b", "<a@example.com>", #"\"a\"@example.com"#, #"a\nBcc: b@example.com"#, "n/a", "none",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com",
        String(repeating: "a", count: 400),
    ])
    func anAddressThatIsNoneIsTreatedAsMissing(text: String) throws {
        let decoder = try EventDecoder.standard()
        let withID = decoder.read(EventText().with(data: "prospect", #"{"id":"p-1","email":"\#(text)"}"#).text)
        #expect(withID.event?.address == .unusable)
        #expect(withID.event?.email == "")
        let without = decoder.read(EventText().with(data: "prospect", #"{"email":"\#(text)"}"#).text)
        #expect(without.refusal?.reason == .missingIdentity)
    }

    @Test func identityByAddressNeedsOne() throws {
        let decoder = try EventDecoder.standard { $0.identity = .email }
        #expect(decoder.read(EventText().text).event?.normalisedEmail == "a@example.com")
        let refusal = decoder.read(EventText().with(data: "prospect", #"{"id":"p-1"}"#).text).refusal
        #expect(refusal?.reason == .missingIdentity)
        #expect(refusal?.field == .email)
    }

    @Test func aShapeOfOnesOwnIsReadFromWhereItSays() throws {
        var shape = EventShape()
        shape.format = .json
        shape.places = [
            .type: [.pointer("/type")], .id: [.pointer("/event_id")], .time: [.pointer("/occurred_at")],
            .tenant: [.pointer("/tenant")], .prospectID: [.pointer("/prospect_id")],
        ]
        shape.timeFormat = .unixMilliseconds
        shape.required = []
        let decoder = try EventDecoder(shape: shape, typeNames: ["cart_updated"])
        let own = #"{"event_id":"x","type":"cart_updated","prospect_id":"p","occurred_at":1782864000001,"tenant":"t"}"#
        let copy = UnsafeRawBufferPointer.copy(of: own.utf8)
        defer { copy.deallocate() }
        let none = UnsafeBufferPointer<HeaderView>(start: nil, count: 0)
        guard case .event = decoder.decode(value: copy, headers: none, messageTimestamp: 0) else {
            Issue.record("the event was not read")
            return
        }
        #expect(decoder.timeMilliseconds == 1_782_864_000_001)
        #expect(decoder.id.text == "x" && decoder.tenant.text == "t" && decoder.prospectID.text == "p")
    }

    @Test func whatIsNoPointerMakesNoDecoder() {
        #expect(throws: ContractError.self) { try EventDecoder.standard { $0.fields = [[.pointer("data/name")]] } }
        #expect(throws: ContractError.self) { try EventDecoder.standard { $0.fields = [[.pointer("/data/~2")]] } }
        #expect(throws: ContractError.self) {
            try EventDecoder.standard { $0.fields = (0...EventBounds.fieldCount).map { [.pointer("/data/\($0)")] } }
        }
    }
}
