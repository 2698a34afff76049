import Contract
import Foundation
import RandomTestSupport
import Testing

@Suite("Addresses") struct EmailAddressTests {
    /// The address in lower case; `nil` where the text is none.
    private func lowercase(_ text: [UInt8]) -> [UInt8]? {
        let guarded = 400
        var target = [UInt8](repeating: 0xEE, count: guarded)
        let isAddress = text.withUnsafeBytes { text in
            target.withUnsafeMutableBufferPointer { EmailAddress.lowercase(text, to: $0.baseAddress!) }
        }
        // Nothing is written behind the text, whatever it is.
        #expect(target[text.count...].allSatisfy { $0 == 0xEE })
        return isAddress ? Array(target[..<text.count]) : nil
    }

    /// The rules once more, a byte at a time.
    private func expected(_ text: [UInt8]) -> [UInt8]? {
        guard (5...320).contains(text.count) else { return nil }
        let forbidden = Array(#""(),:;<>[\]"#.utf8) + [0x7F]
        guard text.allSatisfy({ $0 > 0x20 && !forbidden.contains($0) }) else { return nil }
        let parts = text.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].count) else { return nil }
        let labels = parts.map { $0.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) }
        guard labels.allSatisfy({ $0.allSatisfy { !$0.isEmpty } }), labels[1].count > 1 else { return nil }
        return text.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    @Test(arguments: [
        ("Ann@Example.COM", "ann@example.com"), ("a@b.c", "a@b.c"),
        ("A.B+Tag_1-x@SUB.example.co.uk", "a.b+tag_1-x@sub.example.co.uk"), ("zoë@exämple.de", "zoë@exämple.de"),
        (String(repeating: "L", count: 64) + "@example.com", String(repeating: "l", count: 64) + "@example.com"),
    ])
    func anAddressIsPutIntoLowerCase(text: String, lower: String) {
        #expect(lowercase(Array(text.utf8)) == Array(lower.utf8))
    }

    @Test(arguments: [
        "", "a@b.", "@b.cd", "a@bcd", "a@@b.c", "a@b@c.d", ".a@b.c", "a.@b.c", "a..b@c.d", "a@.b.c", "a@b..c", "a@b.c.",
        "a b@c.de", "a,b@c.de", "Ann <a@b.c>", "a@b.c\r\nBcc: x", "a@b.c\u{7F}", "a@b.c\0",
        "averylonglocalpart.of.an.address@example.com;second@example.com",
        String(repeating: "l", count: 65) + "@example.com", "a@" + String(repeating: "d", count: 317) + ".c",
    ])
    func whatNoMailCanGoToIsNone(text: String) { #expect(lowercase(Array(text.utf8)) == nil) }

    @Test(arguments: [5, 15, 16, 17, 33]) func everyByteCountsWhereverItIs(count: Int) throws {
        let plain = Array("a@b.c".utf8) + [UInt8](repeating: UInt8(ascii: "d"), count: count - 5)
        for place in 0..<count {
            for byte in UInt8.min...UInt8.max {
                var text = plain
                text[place] = byte
                if lowercase(text) != expected(text) {
                    Issue.record("byte \(byte) at \(place) of \(count)")
                    return
                }
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func randomTextsAreWhatTheRulesSay(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("abYZ.@.@-,ä".utf8)
        var addresses = 0
        for _ in 0..<20_000 {
            var text = (0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            if random.chance(70) {
                text = text.filter { $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: ",") }
                text.insert(UInt8(ascii: "@"), at: Int.random(in: 0...text.count, using: &random))
            }
            guard lowercase(text) == expected(text) else {
                Issue.record("seed \(seed): \(String(decoding: text, as: UTF8.self))")
                return
            }
            if expected(text) != nil { addresses += 1 }
        }
        #expect(addresses > 1000)
    }
}
