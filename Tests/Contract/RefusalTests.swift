import Contract
import Testing

@Suite struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let reason: Refusal.Reason
        let field: EventField
        var message: String?
        var testDescription: String { "\(reason.name) \(field.name): \(text.prefix(60))" }

        init(_ text: String, _ reason: Refusal.Reason, _ field: EventField, _ message: String? = nil) {
            self.text = text
            self.reason = reason
            self.field = field
            self.message = message
        }
    }

    static let event = EventText()
    static func long(_ count: Int) -> String { "\"" + String(repeating: "x", count: count) + "\"" }

    static let syntax: [Case] = [
        Case("", .malformedJSON, .value),
        Case("  \n ", .malformedJSON, .value),
        Case("hello", .malformedJSON, .value),
        Case("[]", .notAnObject, .value, "the value is not a JSON object at byte 0: expected an object"),
        Case("17", .notAnObject, .value),
        Case(#""text""#, .notAnObject, .value),
        Case(event.text + "}", .malformedJSON, .value),
        Case(event.text + event.text, .malformedJSON, .value),
        Case(#"{"a":1,}"#, .malformedJSON, .value),
        Case(#"{"a" 1}"#, .malformedJSON, .value),
        Case(#"{"a":1 "b":2}"#, .malformedJSON, .value),
        Case(#"{a:1}"#, .malformedJSON, .value),
        Case(#"{"a":01}"#, .malformedJSON, .value),
        Case(#"{"a":1.}"#, .malformedJSON, .value),
        Case(#"{"a":-}"#, .malformedJSON, .value),
        Case(#"{"a":1e}"#, .malformedJSON, .value),
        Case(#"{"a":+1}"#, .malformedJSON, .value),
        Case(#"{"a":tru}"#, .malformedJSON, .value),
        Case(#"{"a":nullx}"#, .malformedJSON, .value),
        Case(#"{"a":NaN}"#, .malformedJSON, .value),
        Case(#"{"a":[1,2}}"#, .malformedJSON, .value),
        Case(#"{"a":[1,]}"#, .malformedJSON, .value),
        Case(#"{"a":"\q"}"#, .malformedJSON, .value, "/a is not JSON at byte 5: the string has a wrong escape"),
        Case(#"{"a":"\u12g4"}"#, .malformedJSON, .value),
        Case(#"{"a":"\ud800"}"#, .malformedJSON, .value),
        Case("{\"a\":\"line\nbreak\"}", .malformedJSON, .value),
        Case(#"{"a":"open}"#, .malformedJSON, .value),
        Case(
            #"{"a":{"b/c":[0,{"d":x}]}}"#, .malformedJSON, .value,
            "/a/b~1c/1/d is not JSON at byte 20: expected a value"),
        Case(
            String(repeating: #"{"a":"#, count: 200) + "1" + String(repeating: "}", count: 200), .malformedJSON,
            .value),
    ]

    static let fields: [Case] = [
        Case(event.with("type", nil).text, .missingField, .type, "type (/type) is missing"),
        Case(event.with("type", "7").text, .wrongType, .type),
        Case(event.with("specversion", nil).text, .missingField, .specVersion),
        Case(event.with("specversion", #""0.3""#).text, .unsupportedSpecVersion, .specVersion),
        Case(event.with("specversion", "1.0").text, .wrongType, .specVersion),
        Case(event.with("id", nil).text, .missingField, .id),
        Case(event.with("id", "null").text, .missingField, .id),
        Case(event.with("id", "17").text, .wrongType, .id, "id (/id) is a number, which it must not be"),
        Case(event.with("id", long(513)).text, .fieldTooLong, .id, "id (/id) has 513 bytes; at most 512 are accepted"),
        Case(event.with("source", nil).text, .missingField, .source),
        Case(event.with("source", long(513)).text, .fieldTooLong, .source),
        Case(event.with("subject", "[]").text, .wrongType, .subject),
        Case(event.with("subject", long(257)).text, .fieldTooLong, .subject),
        Case(event.with("traceparent", long(129)).text, .fieldTooLong, .traceparent),
        Case(event.with("time", #""soon""#).text, .invalidTime, .time),
        Case(event.with("time", "1782898200000").text, .wrongType, .time),
        Case(event.with("time", #""0001-01-01T00:00:00Z""#).text, .timeOutOfRange, .time),
        Case(event.with("time", #""9999-12-31T23:59:59Z""#).text, .timeOutOfRange, .time),
        Case(event.with("time", #""1999-12-31T23:59:59.999Z""#).text, .timeOutOfRange, .time),
        Case(event.with("time", #""2100-01-01T00:00:00Z""#).text, .timeOutOfRange, .time),
        Case(event.with(data: "tenant", "{}").text, .wrongType, .tenant),
        Case(event.with(data: "tenant", long(257)).text, .fieldTooLong, .tenant),
        Case(event.with(data: "prospect", nil).text, .missingIdentity, .prospectID),
        Case(event.with(data: "prospect", "{}").text, .missingIdentity, .prospectID),
        Case(event.with(data: "prospect", #""p-1""#).text, .missingIdentity, .prospectID),
        Case(event.with(data: "prospect", #"{"id":true}"#).text, .wrongType, .prospectID),
        Case(event.with(data: "prospect", "{\"id\":\(long(257))}").text, .fieldTooLong, .prospectID),
        Case(event.with(data: "prospect", #"{"id":"p","email":7}"#).text, .wrongType, .email),
        Case(event.with(data: "product", "{\"id\":\(long(257))}").text, .fieldTooLong, .product),
        Case(event.with(data: "subject", long(257)).text, .fieldTooLong, .aboutSubject),
        Case(event.with(data: "consent", #""yes""#).text, .wrongType, .consent),
        Case(event.with(data: "note", long(2049)).text, .fieldTooLong, .further),
        Case(event.with(data: "filler", long(EventBounds.value)).text, .tooLarge, .value),
    ]

    @Test(arguments: syntax + fields)
    func whatCannotBeReadIsRefusedWithFieldAndReason(each: Case) throws {
        let decoder = try EventDecoder.standard { $0.take(["/data/note"]) }
        let refusal = try #require(decoder.read(each.text).refusal)
        #expect(refusal.reason == each.reason)
        #expect(refusal.field == each.field)
        if let message = each.message { #expect(refusal.message == message) }
        #expect(decoder.read(Self.event.text).event != nil, "the decoder goes on")
    }

    @Test func everyBoundIsAccepted() throws {
        let decoder = try EventDecoder.standard { $0.take(["/data/note"]) }
        let text = Self.event.with("id", Self.long(512)).with("source", Self.long(512)).with("subject", Self.long(256))
            .with("traceparent", Self.long(128)).with(data: "tenant", Self.long(256))
            .with(data: "prospect", "{\"id\":\(Self.long(256))}").with(data: "product", "{\"id\":\(Self.long(256))}")
            .with(data: "subject", Self.long(256)).with(data: "note", Self.long(2048))
            .with("time", #""2000-01-01T00:00:00Z""#)
        #expect(decoder.read(text.text).event != nil)
    }

    @Test func allFurtherFieldsTogetherAreBounded() throws {
        let decoder = try EventDecoder.standard { $0.take((0..<9).map { "/data/f\($0)" }) }
        var event = Self.event
        for i in 0..<8 { event = event.with(data: "f\(i)", Self.long(2048)) }
        #expect(decoder.read(event.text).event != nil)
        let refusal = try #require(decoder.read(event.with(data: "f8", Self.long(1)).text).refusal)
        #expect(refusal.reason == .fieldTooLong)
        #expect(refusal.message == "/data/f8 has 16385 bytes; at most 16384 are accepted")
    }

    @Test func bytesThatAreNotUTF8AreRefusedWithTheirPlace() throws {
        var bytes = Array(Self.event.with(data: "note", #"{"by":"J?rg"}"#).text.utf8)
        bytes[try #require(bytes.firstIndex(of: UInt8(ascii: "?")))] = 0xF6
        let refusal = try #require(try EventDecoder.standard().read(bytes).refusal)
        #expect(refusal.reason == .invalidUTF8)
        #expect(refusal.location == "/data/note/by")
    }

    @Test func aHeaderThatIsNotUTF8IsRefused() throws {
        let decoder = try EventDecoder.standard()
        let name = UnsafeRawBufferPointer.copy(of: "ce_id".utf8)
        let value = UnsafeRawBufferPointer.copy(of: [0x61, 0xFF])
        defer {
            name.deallocate()
            value.deallocate()
        }
        let rest = EventDecoderTests.binaryHeaders.filter { $0.0 != "ce_id" }.map {
            HeaderView(name: .copy(of: $0.0.utf8), value: .copy(of: $0.1.utf8))
        }
        defer {
            for header in rest {
                header.name.deallocate()
                header.value.deallocate()
            }
        }
        let data = UnsafeRawBufferPointer.copy(of: Self.event.dataText.utf8)
        defer { data.deallocate() }
        let result = (rest + [HeaderView(name: name, value: value)]).withUnsafeBufferPointer {
            decoder.decode(value: data, headers: $0, messageTimestamp: 1_782_900_000_000)
        }
        guard case .refused(let refusal) = result else {
            Issue.record("the event was not refused")
            return
        }
        #expect(refusal.reason == .invalidUTF8 && refusal.location == "ce_id")
    }

    @Test(arguments: ["ce_id", "ce_type", "ce_extension", "content-type"])
    func aHeaderThatIsThereTwiceIsRefused(name: String) throws {
        let headers = EventDecoderTests.binaryHeaders + [("content-type", "application/json"), ("ce_extension", "1")]
        let decoder = try EventDecoder.standard()
        #expect(decoder.read(Self.event.dataText, headers: headers).event != nil)
        let twice = headers + headers.filter { $0.0 == name }
        let refusal = try #require(decoder.read(Self.event.dataText, headers: twice).refusal)
        #expect(refusal.reason == .duplicateHeader)
        #expect(refusal.message == "header \(name) is there more than once")
        let others = headers + [("trace", "1"), ("trace", "2")]
        #expect(decoder.read(Self.event.dataText, headers: others).event != nil)
    }

    @Test func moreEventHeadersThanAreLookedAtAreRefused() throws {
        let many = (0...EventBounds.headerCount).map { ("ce_x\($0)", "1") }
        let refusal = try EventDecoder.standard().read(
            Self.event.dataText, headers: EventDecoderTests.binaryHeaders + many
        ).refusal
        #expect(refusal?.reason == .tooLarge && refusal?.field == .headers)
    }

    @Test func namesAndNumbersOfReasonsAreDistinct() {
        #expect(Set(Refusal.Reason.allCases.map(\.name)).count == Refusal.Reason.allCases.count)
        #expect(Refusal.Reason.allCases.map(\.rawValue) == Array(1...17))
        #expect(Set(EventField.allCases.map(\.name)).count == EventField.allCases.count)
    }
}
