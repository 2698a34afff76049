import Configuration
import Foundation
import Testing

@testable import winback

/// What becomes of a record, by its columns' names or by a mapping.
@Suite struct EventTemplateTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var mapping: String?
        var header: String
        var row: String
        /// The event as JSON, with its members in the template's order; or, after `!`, what is wrong.
        var expected: String

        init(_ name: String, mapping: String? = nil, _ header: String, _ row: String, _ expected: String) {
            testDescription = name
            self.mapping = mapping
            self.header = header
            self.row = row
            self.expected = expected
        }
    }

    private static let tail = #""specversion":"1.0","id":"7","source":"/csv/t.csv"}"#
    private static let typed = "constants: {type: checkout.started}\n"

    static let cases = [
        Case(
            "names say what columns are", "type,prospect,email", "checkout.started,p-1,a@example.com",
            #"{"type":"checkout.started","data":{"prospect":{"id":"p-1","email":"a@example.com"}},"# + tail),
        Case(
            "in whatever spelling", "Type,Prospect,First Name,productName", "checkout.started,p-1,Ann,Gold",
            #"{"type":"checkout.started","data":{"prospect":{"id":"p-1","firstName":"Ann"},"product":{"name":"Gold"}},"#
                + tail),
        Case(
            "a pointer is a name", "type,/data/prospect/id,/data/cart/a~1b", "x,p-1,2",
            #"{"type":"x","data":{"prospect":{"id":"p-1"},"cart":{"a/b":"2"}},"# + tail),
        Case(
            "ids of one's own", "type,id,source,prospect", "x,e-1,/crm,p-1",
            #"{"type":"x","id":"e-1","source":"/crm","data":{"prospect":{"id":"p-1"}},"specversion":"1.0"}"#),
        Case(
            "empty fields are left out", "type,prospect,email,url", "x,p-1,,",
            #"{"type":"x","data":{"prospect":{"id":"p-1"}},"# + tail),
        Case(
            "consent is a boolean", "type,prospect,consent", "x,p-1,Yes",
            #"{"type":"x","data":{"prospect":{"id":"p-1"},"consent":true},"# + tail),
        Case(
            "what is not one", "type,prospect,consent", "x,p-1,maybe",
            "!column 3 `consent` must be true, false, yes, no, 1 or 0"),
        Case("too few fields", "type,prospect", "x", "!it has 1 fields, and the table 2 columns"),
        Case(
            "a time without zone", "type,time", "x,2026-07-01 09:30:00",
            "!column 2 `time` must be a time, such as 2026-07-01T09:30:00Z (one without a zone needs `zone` in the mapping)"
        ),
        Case(
            "text is escaped", "type,prospect", "x,a\"\\\u{1}é",
            #"{"type":"x","data":{"prospect":{"id":"a\"\\\u0001é"}},"# + tail),
        Case(
            "a mapping names columns and constants",
            mapping: "columns: {Kunde: prospect}\nconstants: {type: lead, tenant: kasko, /data/n: 3, consent: true}",
            "Kunde,Notiz", "p-1,secret",
            #"{"type":"lead","data":{"tenant":"kasko","n":3,"consent":true,"prospect":{"id":"p-1"}},"# + tail),
        Case(
            "other words for values", mapping: "columns: {s: {to: type, values: {open: checkout.started}}}", "s",
            "open",
            #"{"type":"checkout.started","# + tail),
        Case(
            "a word that is none", mapping: "columns: {s: {to: type, values: {open: a, won: b}}}", "s", "lost",
            "!column 1 `s` must be one of `open`, `won`, which the mapping knows"),
        Case(
            "a zone for times", mapping: "columns: {t: {to: time, as: time, zone: \"+02:00\"}}\n" + typed, "t",
            "2026-07-01 09:30", #"{"type":"checkout.started","time":"2026-07-01T07:30:00.000Z","# + tail),
        Case(
            "seconds since 1970", mapping: "columns: {t: {to: time, as: unixSeconds}}\n" + typed, "t", "1782898200.25",
            #"{"type":"checkout.started","time":"2026-07-01T09:30:00.250Z","# + tail),
        Case(
            "milliseconds since 1970", mapping: "columns: {t: {to: time, as: unixMilliseconds}}\n" + typed, "t",
            "1782898200001", #"{"type":"checkout.started","time":"2026-07-01T09:30:00.001Z","# + tail),
        Case(
            "no end of seconds", mapping: "columns: {t: {to: time, as: unixSeconds}}\n" + typed, "t", "1e300",
            "!column 1 `t` must be a time in seconds since 1970, such as 1782898200"),
        Case(
            "numbers", mapping: "columns: {n: {to: /data/n, as: number}}\n" + typed, "n", "-12.50",
            #"{"type":"checkout.started","data":{"n":-12.50},"# + tail),
        Case(
            "what JSON takes for none", mapping: "columns: {n: {to: /data/n, as: number}}\n" + typed, "n", "012",
            "!column 1 `n` must be a number, such as 12 or 12.50"),
    ]

    private static func template(_ header: String, _ mapping: String?) throws -> EventTemplate {
        try EventTemplate(
            header: header.split(separator: ",").map(String.init),
            mapping: try mapping.map { try ColumnMapping.parse(text: $0, file: "map.yaml") }, file: "t.csv")
    }

    @Test(arguments: cases) func aRecordBecomesAnEvent(_ example: Case) throws {
        let template = try Self.template(example.header, example.mapping)
        let fields = example.row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let event: String
        do throws(EventTemplate.Fault) {
            event = try template.event(fields, line: 7)
            _ = try? JSONSerialization.jsonObject(with: Data(event.utf8)) as? [String: Any]
        } catch {
            #expect("!\(error)" == example.expected)
            return
        }
        // Constants come before the columns in a mapping's event; order says nothing in JSON.
        #expect(try Self.normalised(event) == Self.normalised(example.expected))
    }

    private static func normalised(_ json: String) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
        let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    struct Mistake: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var mapping: String?
        var header: String
    }

    static let mistakes = [
        Mistake(testDescription: "t.csv:1: no column says what type its events have", header: "prospect"),
        Mistake(testDescription: "t.csv:1: the name of column `Kunde` does not tell what it is", header: "type,Kunde"),
        Mistake(testDescription: "also what stands between two fields", header: "type;prospect"),
        Mistake(testDescription: "t.csv:1: two columns are named `type`", header: "type,type"),
        Mistake(
            testDescription: "columns `prospect` and `/data/prospect/id` both become",
            header: "type,prospect,/data/prospect/id"),
        Mistake(
            testDescription: "there is no column `Kunde`, which the mapping names; there are `type`",
            mapping: "columns: {Kunde: prospect}", header: "type"),
        Mistake(
            testDescription: "map.yaml:1:14: an event has no part named `prospct`", mapping: "columns: {a: prospct}",
            header: "a"),
        Mistake(
            testDescription: "did you mean `prospect`", mapping: "columns: {a: prospct}", header: "a"),
        Mistake(
            testDescription: "map.yaml:1:14: `data/x` is no JSON pointer", mapping: "columns: {a: data/x}", header: "a"),
        Mistake(
            testDescription: "column `a` and column `b` both become `/type`", mapping: "columns: {a: type, b: type}",
            header: "a,b"),
        Mistake(
            testDescription: "a constant both become `/type`", mapping: "columns: {a: type}\nconstants: {type: x}",
            header: "a"),
        Mistake(
            testDescription: "`zone` goes with `as: time` alone", mapping: "columns: {a: {to: type, zone: Z}}",
            header: "a"),
        Mistake(
            testDescription: "`zone` must be `Z` or an offset",
            mapping: "columns: {a: {to: time, as: time, zone: CEST}}",
            header: "a"),
        Mistake(testDescription: "`columns` is missing", mapping: "constants: {type: x}", header: "a"),
        Mistake(testDescription: "unknown key `colums`", mapping: "colums: {a: type}", header: "a"),
        Mistake(testDescription: "`separator` must be", mapping: "separator: x\ncolumns: {a: type}", header: "a"),
    ]

    @Test(arguments: mistakes) func aMistakeIsNamedWithItsPlace(_ example: Mistake) throws {
        do {
            _ = try Self.template(example.header, example.mapping)
            Issue.record("was accepted")
        } catch {
            #expect("\(error)".contains(example.testDescription), "\(error)")
        }
    }
}
