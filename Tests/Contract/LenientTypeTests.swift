import Contract
import Testing

/// A conversion, an opt-out or an erasure needs only type, identity and time.
@Suite struct LenientTypeTests {
    static let long = "\"" + String(repeating: "x", count: 5000) + "\""

    @Test(arguments: lenientTypes.sorted())
    func noOtherFaultRefusesAnEventThatEndsJourneys(type: Int) throws {
        let decoder = try EventDecoder.standard { $0.take(["/data/note"]) }
        let text = EventText(type: typeNames[type])
            .with("specversion", "3").with("id", "7").with("source", nil).with("subject", Self.long)
            .with("traceparent", "{}")
            .with(data: "prospect", #"{"id":"p-1","email":[]}"#).with(data: "product", #"{"id":{}}"#)
            .with(data: "subject", Self.long).with(data: "consent", #""yes""#).with(data: "note", Self.long)
        let event = try #require(decoder.read(text.text).event)
        #expect(event.prospectID == "p-1" && event.time == 1_782_898_200_000)
        #expect(event.product == "" && event.aboutSubject == "" && event.subject == "" && event.id == "")
        #expect(event.consent == .unknown && event.address == .missing && event.fields == [nil])
    }

    @Test func aSoundFieldOfAFaultyConversionIsKept() throws {
        let text = EventText(type: "policy.issued").with(data: "consent", "1").with(data: "subject", #""o-1""#)
        #expect(try EventDecoder.standard().read(text.text).event?.aboutSubject == "o-1")
    }

    @Test func aLargeConversionIsRead() throws {
        let filler = "\"" + String(repeating: "x", count: 2_000_000) + "\""
        let text = EventText(type: "policy.issued").with(data: "filler", filler).text
        #expect(try EventDecoder.standard().read(text).event?.prospectID == "p-1")
    }

    @Test func bytesThatAreNotUTF8ElsewhereDoNotRefuseAConversion() throws {
        let decoder = try EventDecoder.standard()
        var bytes = Array(
            EventText(type: "policy.issued").with(data: "product", #"{"id":"h?uschen"}"#).with(data: "subject", #""s""#)
                .text.utf8)
        bytes[try #require(bytes.firstIndex(of: UInt8(ascii: "?")))] = 0xE4
        let event = try #require(decoder.read(bytes).event)
        #expect(event.prospectID == "p-1" && event.product == "" && event.aboutSubject == "s")
    }

    @Test func aConversionWhoseIdentityIsNotUTF8IsRefused() throws {
        var bytes = Array(EventText(type: "policy.issued").with(data: "prospect", #"{"id":"?"}"#).text.utf8)
        bytes[try #require(bytes.firstIndex(of: UInt8(ascii: "?")))] = 0xE4
        let refusal = try #require(try EventDecoder.standard().read(bytes).refusal)
        #expect(refusal.reason == .invalidUTF8 && refusal.field == .prospectID)
    }

    @Test func aDuplicateHeaderRefusesAConversionOnlyWhereItMatters() throws {
        let decoder = try EventDecoder.standard()
        let headers = [
            ("ce_type", "policy.issued"), ("ce_time", "2026-07-01T09:30:00Z"), ("ce_id", "1"), ("ce_id", "2"),
        ]
        let data = EventText().dataText
        #expect(decoder.read(data, headers: headers).event?.prospectID == "p-1")
        let twice = headers + [("ce_time", "2026-07-02T09:30:00Z")]
        #expect(decoder.read(data, headers: twice).refusal?.reason == .duplicateHeader)
    }

    @Test(arguments: [
        (EventText(type: "policy.issued").with("time", #""?""#), Refusal.Reason.invalidTime),
        (EventText(type: "policy.issued").with(data: "tenant", "[]"), .wrongType),
        (EventText(type: "policy.issued").with(data: "prospect", #"{"id":[]}"#), .wrongType),
        (EventText(type: "policy.issued").with(data: "prospect", #"{"email":"none"}"#), .missingIdentity),
    ])
    func withoutTimeOrIdentityItIsRefused(text: EventText, reason: Refusal.Reason) throws {
        #expect(try EventDecoder.standard().read(text.text).refusal?.reason == reason)
    }
}
