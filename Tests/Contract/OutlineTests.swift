import Contract
import Foundation
import RandomTestSupport
import Testing

/// A decoder knows the outline of texts that it has read: it must never read another text by it.
@Suite struct OutlineTests {
    private static let fields = [
        "/data/prospect/firstName", "/data/checkout/url", "/data/items/1", "/data/items", "/data/\(longKey)",
    ]
    private static let longKey = "a-key-of-more-than-sixteen-bytes"
    private static let known = """
        {"type":"checkout.started","id":"e-1","source":"/shop","time":"2026-07-01T09:30:00Z","specversion":"1.0",\
        "subject":"c-1","data":{"items":["x",2],\
        "prospect":{"id":"p-1","email":"a@example.com","firstName":"Jane"},"checkout":{"url":"u"},"\(longKey)":1,"last":"z"}}
        """

    private static func decoder() throws -> EventDecoder { try .standard { $0.take(fields) } }

    /// Each of these is nearly the text whose outline is known.
    @Test(arguments: [
        // Other keys, among them one that ends where the known one does, and keys in another order.
        ("\"id\":\"e-1\",\"source\":\"/shop\"", "\"source\":\"/shop\",\"id\":\"e-1\""),
        ("\"email\"", "\"emaiL\""), ("\"firstName\"", "\"lirstName\""), ("sixteen-bytes\"", "sixteen-bytez\""),
        ("\"firstName\"", "\"id\""), ("\"url\"", "\"urls\""), ("\"id\"", "\"type\""), ("\"last\"", "\"data\""),
        // White space where it may be, and where it may not.
        (",", " , "), (":", " : "), ("{", "{\n"), ("}", "\t}"), ("\"e-1\"", "\"e-1\" "), ("\"e-1\"", "\"e-1\"x"),
        ("\"e-1\"", "\"e-1\" x"), ("\"e-1\",", "\"e-1\" \"x\","),
        // Brackets, colons and commas where they may not be.
        ("\"id\":", "\"id\","), ("\"id\":", "\"id\"}"), ("\"e-1\",", "\"e-1\":"), ("[\"x\",2]", "[\"x\":2]"),
        ("[\"x\",2]", "{\"x\",2}"), ("[\"x\",2]", "[\"x\",2}"), ("{\"url\":\"u\"}", "[\"url\":\"u\"]"),
        ("}}", "]}"), ("}}", "}]"), ("}}", "}"), ("}}", "}}}"), ("}}", "}},"), ("}}", "}}1"),
        ("{\"type\"", "[\"type\""),
        // Other values.
        ("\"e-1\"", "1"), ("\"e-1\"", "null"), ("\"a@example.com\"", "true"), ("\"a@example.com\"", "tru"),
        ("\"p-1\"", "4711"), ("\"p-1\"", "47.11"), ("\"p-1\"", "047"), ("\"p-1\"", "4.x"), ("\"p-1\"", "\"\""),
        (",2]", ",{}]"), (",2]", ",[]]"), (",2]", ",\"y\"]"), (",2]", "]"), (",2]", ",2,3]"), ("[\"x\",2]", "[]"),
        ("{\"url\":\"u\"}", "\"u\""), ("{\"url\":\"u\"}", "{}"), ("{\"url\":\"u\"}", "null"), ("\"u\"", "{\"u\":1}"),
        // What is looked into closely.
        ("\"Jane\"", "\"J\\u0061ne\""), ("\"Jane\"", "\"J\\ane\""), ("\"Jane\"", "\"Jürgen\""),
        ("\"last\"", "\"l\\u0061st\""),
        ("Jane", "Ja\u{1}e"), ("\"z\"", "\"z"), ("Jane", "J\u{fc}rgen of the very long name"),
        ("Jane\"", "Jane\n"), ("Jane\"", "Jane\\"), ("\"z\"", "\"z\n"),
        // Less than is looked at at once.
        ("{\"type\":\"checkout.started\"", "{}"), ("\"z\"}}", "\"a string that has more than sixteen bytes\"}}"),
    ])
    func aTextThatDiffersIsReadAsItStands(part: String, other: String) throws {
        let decoder = try Self.decoder()
        let known = try Self.decoder().read(Self.known)
        #expect(known.event?.fields[0] == "Jane")
        for _ in 0..<3 { #expect(decoder.read(Self.known) == known) }
        let text = Self.known.replacingOccurrences(of: part, with: other)
        #expect(text != Self.known)
        let fresh = try Self.decoder()
        #expect(decoder.read(text) == fresh.read(text), "\(text)")
        #expect(decoder.read(Self.known) == known, "after \(text)")
    }

    @Test func aTextWithChangedBytesIsReadAsItStands() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let bytes = Array("{}[]\",:\\ \n019-.eEtfn".utf8) + [0x00, 0x80, 0xC3]
        let decoder = try Self.decoder()
        for _ in 0..<1500 {
            var text = Array(Self.known.utf8)
            #expect(decoder.read(text).event != nil)
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let index = text.indices.randomElement(using: &random) ?? 0
                let byte = bytes.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text.insert(byte, at: index)
                case 1: text.remove(at: index)
                default: text[index] = byte
                }
            }
            let fresh = try Self.decoder()
            #expect(decoder.read(text) == fresh.read(text), "seed \(seed): \(String(decoding: text, as: UTF8.self))")
        }
    }

    /// More outlines than a decoder keeps, in turns: some that go on in other ways than any before, and some that are
    /// learnt again after all have been forgotten.
    @Test func manyOutlinesAreReadInTurns() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let attributes = [
            "\"type\":\"checkout.started\"", "\"source\":\"/shop\"", "\"time\":\"2026-07-01T09:30:00Z\"",
            "\"specversion\":\"1.0\"", "\"subject\":\"c-1\"",
        ]
        let orders = (0..<60).map { ["\"extra\($0)\":[7,{\"\($0)\":null}]"] + attributes.shuffled(using: &random) }
        let decoder = try Self.decoder()
        for number in 0..<3000 {
            let order = try #require(orders.randomElement(using: &random))
            let kept = order.prefix(random.chance(80) ? order.count : order.count - 1)
            let text =
                "{\(kept.joined(separator: ",")),\"id\":\"e-\(number)\",\"data\":{\"prospect\":{\"email\":\"a\(number)@b.com\"}}}"
            let fresh = try Self.decoder()
            #expect(decoder.read(text) == fresh.read(text), "seed \(seed): \(text)")
        }
    }
}
