import Contract
import RandomTestSupport
import Testing

/// Damaged messages: whatever is cut or changed, nothing crashes, and nobody else's event comes out.
@Suite struct TruncationTests {
    @Test(arguments: typeNames)
    func aCutEventIsNeverAnEvent(name: String) throws {
        let decoder = try EventDecoder.standard { $0.take(["/data/prospect/firstName", "/data/checkout"]) }
        let whole = try Schemas.example(name)
        let end = try #require(whole.lastIndex(of: UInt8(ascii: "}")))
        for count in 0...end {
            #expect(decoder.read(Array(whole[..<count])).event == nil, "\(name) cut to \(count) bytes")
        }
    }

    @Test func aChangedByteIsReadAsItStandsOrRefused() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let decoder = try EventDecoder.standard { $0.take(["/data/product/name"]) }
        for name in typeNames {
            let whole = try Schemas.example(name)
            let original = try #require(decoder.read(whole).event)
            for _ in 0..<400 {
                var bytes = whole
                let at = Int(random.next() % UInt64(bytes.count))
                bytes[at] = UInt8(truncatingIfNeeded: random.next())
                guard let event = decoder.read(bytes).event, event.prospectID != original.prospectID else { continue }
                // Another identity comes only from a change inside it, or from one that hides where it stands.
                let isSame = event.prospectID.utf8.count == original.prospectID.utf8.count
                #expect(isSame || event.prospectID.isEmpty, "seed \(seed), \(name), byte \(at)")
            }
        }
    }

    @Test func noiseIsRefused() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let decoder = try EventDecoder.standard()
        let tokens = [
            "{", "}", "[", "]", ":", ",", "\"", "\\", "\"a\"", "1", "-", "true", "null", " ", "\n", "é", "\u{0}",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int(random.next() % 24)).map { _ in tokens[Int(random.next() % UInt64(tokens.count))] }
                .joined()
            #expect(decoder.read(text).refusal != nil, "seed \(seed): \(text)")
        }
    }
}
