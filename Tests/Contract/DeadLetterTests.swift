import Contract
import Testing

@Suite struct DeadLetterTests {
    /// The headers as texts, of a message on partition 3 of `checkout-events`.
    static func headers(
        original: [(String, String)] = [], refusal: Refusal, omitted: [UInt8]? = nil
    ) -> [(String, String)] {
        let letter = DeadLetter()
        let topic = UnsafeRawBufferPointer.copy(of: "checkout-events".utf8)
        let digest = UnsafeRawBufferPointer.copy(of: omitted ?? [])
        let views = original.map { HeaderView(name: .copy(of: $0.0.utf8), value: .copy(of: $0.1.utf8)) }
        defer {
            topic.deallocate()
            digest.deallocate()
            for view in views {
                view.name.deallocate()
                view.value.deallocate()
            }
        }
        return views.withUnsafeBufferPointer { views in
            letter.withHeaders(
                original: views, origin: DeadLetter.Origin(topic: topic, partition: 3, offset: 184_467),
                refusal: refusal, worker: 0,
                omitted: omitted == nil ? nil : DeadLetter.OmittedValue(count: 5_000_000, sha256: digest)
            ) { headers in headers.map { ($0.name.text, $0.value.text) } }
        }
    }

    static func refusal(_ text: String) throws -> Refusal {
        try #require(try EventDecoder.standard().read(text).refusal)
    }

    @Test func theMessagesOwnHeadersComeFirstAndUntouched() throws {
        let own = [("trace", "1"), ("ce_id", ""), ("trace", "2"), ("winback-reason", "old")]
        let headers = Self.headers(original: own, refusal: try Self.refusal("{"))
        #expect(headers.prefix(4).map(\.0) == own.map(\.0))
        #expect(headers.prefix(4).map(\.1) == own.map(\.1))
        #expect(headers.last { $0.0 == "winback-reason" }?.1 == "malformed-json")
    }

    @Test func itSaysWhereItWasAndWhyInConnectsWords() throws {
        let text = EventText().with("time", #""noon""#).text
        let headers = Dictionary(uniqueKeysWithValues: Self.headers(refusal: try Self.refusal(text)))
        let example = try Schemas.object("dead-letter-headers") as? [String: String]
        #expect(headers == example)
    }

    @Test func aValueThatIsLeftOutIsDescribed() {
        let refusal = Refusal.size(.tooLarge, count: 5_000_000, limit: 1_000_000, field: .value)
        let headers = Self.headers(refusal: refusal, omitted: (0..<32).map { UInt8($0) })
        let named = Dictionary(uniqueKeysWithValues: headers)
        #expect(named["winback-value-bytes"] == "5000000")
        #expect(named["winback-value-sha256"] == "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
    }

    @Test func aFaultOfKeyOrHeadersSaysSo() {
        func stage(_ field: EventField) -> String? {
            Self.headers(refusal: Refusal(.missingKey, field: field)).first { $0.0.hasSuffix("stage") }?.1
        }
        #expect(stage(.key) == "KEY_CONVERTER")
        #expect(stage(.headers) == "HEADER_CONVERTER")
        #expect(stage(.consent) == "VALUE_CONVERTER")
    }

    @Test func noRefusalQuotesTheEvent() throws {
        let secret = "jane.doe@example.com"
        for each in RefusalTests.fields {
            let text = each.text.replacingOccurrences(of: "xxx", with: secret)
            guard let refusal = try EventDecoder.standard().read(text).refusal else { continue }
            #expect(!Self.headers(refusal: refusal).contains { $0.1.contains("jane") })
        }
    }
}
