import Contract
import Testing

/// Events of another shape than that of `schemas/`.
struct OwnShapeTests {
    private static func decoder(_ change: (inout EventShape) -> Void = { _ in }) throws -> EventDecoder {
        var shape = EventShape()
        shape.format = .json
        shape.required = []
        shape.places = [
            .type: [.pointer("/event")], .id: [.pointer("/no")], .time: [.pointer("/at")],
            .tenant: [.pointer("/shop"), .header("shop"), .constant("main")],
            .prospectID: [.pointer("/customer/number")], .email: [.pointer("/customer/email"), .pointer("/email")],
            .subject: [.pointer("/cart/id")], .aboutSubject: [.pointer("/cart/id")], .consent: [.header("consent")],
            .traceparent: [.header("traceparent")],
        ]
        change(&shape)
        return try EventDecoder(shape: shape, typeNames: typeNames, lenientTypes: lenientTypes)
    }

    private static func event(_ more: String = "", type: String = "checkout.started") -> String {
        #"{"event":"\#(type)","customer":{"number":12}\#(more.isEmpty ? "" : "," + more)}"#
    }

    @Test func fieldsAreReadFromWhereTheShapeSays() throws {
        let decoder = try Self.decoder { $0.fields = [[.pointer("/cart/items/1")], [.header("page")]] }
        let event = try #require(
            decoder.read(
                Self.event(#""no":7,"at":"2026-07-01T09:30:00Z","cart":{"id":99,"items":["Tie","Socks"]}"#),
                headers: [("page", "/basket"), ("traceparent", "00-1-2-01")]
            ).event)
        #expect(event.id == "7" && event.prospectID == "12" && event.subject == "99" && event.aboutSubject == "99")
        #expect(event.time == 1_782_898_200_000 && event.traceparent == "00-1-2-01")
        #expect(event.fields == ["Socks", "/basket"])
        #expect(event.source == "" && event.product == "")
    }

    @Test func theFirstPlaceThatHasSomethingCounts() throws {
        let decoder = try Self.decoder()
        func tenant(_ more: String, _ headers: [(String, String)]) -> String? {
            decoder.read(Self.event(more), headers: headers).event?.tenant
        }
        // In an order in which what one message left behind would show in the next.
        #expect(tenant("", []) == "main")
        #expect(tenant(#""shop":"a""#, [("shop", "b")]) == "a")
        #expect(tenant("", [("shop", "b")]) == "b")
        #expect(tenant("", []) == "main")
        #expect(tenant(#""shop":null"#, []) == "main")
        #expect(tenant(#""shop":"""#, [("shop", "")]) == "main")
        let address = decoder.read(Self.event(#""email":"b@example.com""#)).event?.email
        #expect(address == "b@example.com")
        let both = decoder.read(
            #"{"event":"checkout.started","customer":{"email":"a@example.com"},"email":"b@example.com"}"#)
        #expect(both.event?.email == "a@example.com")
    }

    @Test func aConstantOutlivesAnEventThatWasReadWithoutIt() throws {
        // A conversion that needs little has what is wrong with it left out, the constant's place included.
        let decoder = try Self.decoder { $0.places[.product] = [.constant(String(repeating: "x", count: 300))] }
        #expect(decoder.read(Self.event(type: "policy.issued")).event?.product == "")
        #expect(decoder.read(Self.event()).refusal?.reason == .fieldTooLong)
        #expect(decoder.read(Self.event(type: "policy.issued")).event?.product == "")
    }

    @Test(arguments: [
        (EventShape.TimeFormat.unixSeconds, "1782898200", 1_782_898_200_000),
        (.unixSeconds, "1782898200.25", 1_782_898_200_250),
        (.unixSeconds, "1782898200.1239", 1_782_898_200_123),
        (.unixSeconds, #""1782898200""#, 1_782_898_200_000),
        (.unixMilliseconds, "1782898200001", 1_782_898_200_001),
        (.unixMilliseconds, "1782898200001.9", 1_782_898_200_001),
        (.unixMilliseconds, #""1782898200001""#, 1_782_898_200_001),
    ])
    func unixTimesAreNumbersOrTexts(format: EventShape.TimeFormat, text: String, expected: Int64) throws {
        let decoder = try Self.decoder { $0.timeFormat = format }
        #expect(decoder.read(Self.event(#""at":\#(text)"#)).event?.time == expected)
    }

    @Test(arguments: [
        (EventShape.TimeFormat.unixSeconds, "1782898200001", Refusal.Reason.timeOutOfRange),
        (.unixMilliseconds, "1782898200", .timeOutOfRange), (.unixSeconds, "-5", .timeOutOfRange),
        (.unixSeconds, "99999999999999999999", .timeOutOfRange),
        (.unixMilliseconds, "-99999999999999999999", .timeOutOfRange),
        (.unixSeconds, "9223372036854775", .timeOutOfRange),
        (.unixSeconds, "1.7e9", .invalidTime), (.unixSeconds, #""1782898200.""#, .invalidTime),
        (.unixSeconds, #"".5""#, .invalidTime), (.unixSeconds, #""-""#, .invalidTime),
        (.unixMilliseconds, #""2026-07-01T09:30:00Z""#, .invalidTime), (.unixMilliseconds, "true", .wrongType),
        (.rfc3339, "1782898200", .wrongType), (.rfc3339, #""1782898200""#, .invalidTime),
    ])
    func whatIsNoTimeOfTheFormatIsRefused(
        format: EventShape.TimeFormat, text: String, reason: Refusal.Reason
    ) throws {
        let decoder = try Self.decoder { $0.timeFormat = format }
        #expect(decoder.read(Self.event(#""at":\#(text)"#)).refusal?.reason == reason)
    }

    @Test(arguments: [
        ("true", EventDecoder.Consent.given), ("TRUE", .given), ("1", .given), ("false", .withheld), ("0", .withheld),
        ("", .unknown),
    ])
    func consentMayBeAText(text: String, expected: EventDecoder.Consent) throws {
        let decoder = try Self.decoder()
        #expect(decoder.read(Self.event(), headers: [("consent", text)]).event?.consent == expected)
    }

    @Test func aRefusalNamesThePlaceThatWasMeant() throws {
        let decoder = try Self.decoder()
        let consent = decoder.read(Self.event(), headers: [("consent", "maybe")]).refusal
        #expect(consent?.message == "consent (header consent) is a string, which it must not be")
        let time = decoder.read(Self.event(#""at":"noon""#)).refusal
        #expect(time?.message == "time (/at) is not a time as RFC 3339 has it, such as 2026-07-01T09:30:00Z")
        let address = decoder.read(Self.event(#""email":[1]"#)).refusal
        #expect(address?.message == "email (/email) is an array, which it must not be")
        let tenant = decoder.read(Self.event(), headers: [("shop", String(repeating: "s", count: 257))]).refusal
        #expect(tenant?.message == "tenant (header shop) has 257 bytes; at most 256 are accepted")
        let nobody = decoder.read(#"{"event":"checkout.started"}"#).refusal
        #expect(nobody?.location == "/customer/number")
    }

    @Test func aMappedHeaderThatIsThereTwiceIsRefusedWhereItMatters() throws {
        let decoder = try Self.decoder { $0.places[.prospectID] = [.header("customer")] }
        let twice = decoder.read(Self.event(), headers: [("customer", "1"), ("customer", "2")])
        #expect(twice.refusal?.reason == .duplicateHeader && twice.refusal?.location == "customer")
        let consent = decoder.read(Self.event(), headers: [("customer", "1"), ("consent", "1"), ("consent", "0")])
        #expect(consent.event?.consent == .given)
    }

    @Test func aHeaderThatIsNoUTF8IsRefused() throws {
        let decoder = try Self.decoder { $0.places[.prospectID] = [.header("customer")] }
        let value = Array(Self.event().utf8)
        let name = UnsafeRawBufferPointer.copy(of: "customer".utf8)
        let bytes = UnsafeRawBufferPointer.copy(of: [0xFF, 0x41])
        defer {
            name.deallocate()
            bytes.deallocate()
        }
        let result = value.withUnsafeBytes { value in
            [HeaderView(name: name, value: bytes)].withUnsafeBufferPointer {
                decoder.decode(value: value, headers: $0, messageTimestamp: 1_782_900_000_000)
            }
        }
        guard case .refused(let refusal) = result else {
            Issue.record("it was accepted")
            return
        }
        #expect(refusal.reason == .invalidUTF8 && refusal.field == .prospectID)
    }

    @Test func headersOfCloudEventsMeanNothingInJSONOfOnesOwn() throws {
        let decoder = try Self.decoder()
        let headers = [("ce_type", "policy.issued"), ("ce_type", "x"), ("content-type", "application/avro")]
        #expect(decoder.read(Self.event(), headers: headers).event?.type == "checkout.started")
    }

    @Test func aCloudEventMayHaveItsDataAnywhere() throws {
        var shape = EventShape()
        shape.places[.prospectID] = [.pointer("/data/buyer"), .header("buyer")]
        shape.places[.tenant] = [.pointer("/shop"), .constant("main")]
        let decoder = try EventDecoder(shape: shape, typeNames: typeNames, lenientTypes: lenientTypes)
        let attributes = [
            ("content-type", "application/json"), ("ce_specversion", "1.0"), ("ce_id", "e-1"), ("ce_source", "/shop"),
            ("ce_type", "checkout.started"), ("ce_time", "2026-07-01T09:30:00Z"),
        ]
        let binary = decoder.read(#"{"buyer":5}"#, headers: attributes + [("ce_shop", "north")]).event
        #expect(binary?.prospectID == "5" && binary?.tenant == "north" && binary?.id == "e-1")
        let fromHeader = decoder.read("{}", headers: attributes + [("buyer", "6")]).event
        #expect(fromHeader?.prospectID == "6" && fromHeader?.tenant == "main")
        let structured = decoder.read(
            #"{"specversion":"1.0","id":"e-2","source":"/s","type":"checkout.started","data":{"buyer":"7"}}"#
        ).event
        #expect(structured?.prospectID == "7" && structured?.tenant == "main" && structured?.id == "e-2")
    }

    @Test func aTypeMayBeTheSameForAllEvents() throws {
        let decoder = try Self.decoder { $0.places[.type] = [.constant("offer.created")] }
        #expect(decoder.read(#"{"customer":{"number":"p"}}"#).event?.type == "offer.created")
    }

    @Test func moreThanFourPlacesMakeNoDecoder() {
        let five = (0..<5).map { EventShape.Place.pointer("/\($0)") }
        #expect(throws: ContractError.self) { try Self.decoder { $0.places[.email] = five } }
        #expect(throws: ContractError.self) { try Self.decoder { $0.fields = [five] } }
    }
}
