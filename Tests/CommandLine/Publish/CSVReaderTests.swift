import Foundation
import RandomTestSupport
import Testing

@testable import winback

/// RFC 4180, and what is wrong with a table that does not keep to it.
@Suite struct CSVReaderTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var text: String
        /// Each record's first line, and its fields or what is wrong.
        var expected: [String]

        init(_ name: String, _ text: String, _ expected: String...) {
            testDescription = name
            self.text = text
            self.expected = expected
        }
    }

    static let cases = [
        Case("fields", "a,b\n1,2\n", "1: a|b", "2: 1|2"),
        Case("the last line may have no end", "a,b", "1: a|b"),
        Case("lines may end with both characters", "a,b\r\n1,2\r\n", "1: a|b", "2: 1|2"),
        Case("empty fields are fields", ",\n\"\",\n", "1: |", "2: |"),
        Case("spaces belong to fields", " a , b\n", "1:  a | b"),
        Case("a quoted field may have separators", "\"a,b\",c\n", "1: a,b|c"),
        Case("two quotes are one", "\"a \"\"b\"\"\",\"\"\"\"\n", "1: a \"b\"|\""),
        Case("a quoted field may go over lines", "\"a\nb\",c\nd,e\n", "1: a\nb|c", "3: d|e"),
        Case("and keeps the ends of lines", "\"a\r\n\r\nb\"\r\nc\r\n", "1: a\r\n\r\nb", "4: c"),
        Case("empty lines are no records", "a\n\n\nb\n", "1: a", "4: b"),
        Case("an empty file has none", ""),
        Case("the mark of UTF-8 is no part of a name", "\u{FEFF}a,b\n", "1: a|b"),
        Case("letters of all scripts", "Zoë,株式\n", "1: Zoë|株式"),
        Case(
            "a quote inside of a field without", "a,b\"c\nd\n",
            "1! line 1, byte 4: a quote stands in a field without quotes around it", "2: d"),
        Case(
            "something behind a closing quote", "x\n\"a\" ,b\nd\n", "1: x",
            "2! line 2, byte 4: something follows the quote that ends a field", "3: d"),
        Case(
            "the place is that of the fault", "\"a\nb\"c\nd\n",
            "1! line 2, byte 3: something follows the quote that ends a field", "3: d"),
    ]

    private static func read(_ bytes: Data, separator: Character = ",") throws -> [String] {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("table.csv")
        try bytes.write(to: file)
        var reader = CSVReader(try LineReader.open(file.path), separator: try #require(separator.asciiValue))
        var records: [String] = []
        while let record = try reader.next() {
            switch record {
            case .fields(let fields): records.append("\(reader.lineNumber): \(fields.joined(separator: "|"))")
            case .fault(let reason): records.append("\(reader.lineNumber)! \(reason)")
            }
        }
        return records
    }

    @Test(arguments: cases) func aTableIsReadAsTheStandardSays(_ example: Case) throws {
        #expect(try Self.read(Data(example.text.utf8)) == example.expected)
    }

    @Test func anotherSeparatorLeavesCommasAlone() throws {
        #expect(try Self.read(Data("1,5;2\n".utf8), separator: ";") == ["1: 1,5|2"])
    }

    @Test func whatIsNotUTF8IsNamedByItsColumn() throws {
        let bytes = Data("a,".utf8) + [0xE9] + Data("\nb,c\n".utf8)
        #expect(try Self.read(bytes) == ["1! column 2 is not UTF-8: save the table as UTF-8", "2: b|c"])
    }

    @Test func aQuoteThatIsNeverClosedEndsTheReading() throws {
        do {
            _ = try Self.read(Data("a,b\n\"c,d\ne,f\n".utf8))
            Issue.record("was read")
        } catch let error as CommandError {
            #expect(error.description.contains("table.csv:2: a quote is opened in this record and not closed"))
        }
    }

    /// Python's own writer and reader of CSV as the witness.
    @Test func whateverPythonWritesIsReadAsItWasWritten() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let letters: [Character] = ["a", ",", "\"", "\n", "\r\n", " ", "é", ";", "'", "\t"]
        let rows = (0..<300).map { _ in
            (0..<3).map { _ in
                String((0..<Int.random(in: 0...6, using: &random)).map { _ in letters.randomElement(using: &random)! })
            }
        }
        let folder = try TemporaryFolder()
        let json = try folder.write(
            String(decoding: try JSONEncoder().encode(rows), as: UTF8.self), to: "rows.json")
        let table = folder.url.appendingPathComponent("rows.csv")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [
            "-c",
            "import csv, json, sys; csv.writer(open(sys.argv[2], 'w', newline='', encoding='utf-8')).writerows(json.load(open(sys.argv[1])))",
            json, table.path,
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        var reader = CSVReader(try LineReader.open(table.path), separator: UInt8(ascii: ","))
        var read: [[String]] = []
        while let record = try reader.next() {
            guard case .fields(let fields) = record else {
                Issue.record("seed \(seed): \(record)")
                return
            }
            read.append(fields)
        }
        #expect(read == rows, "seed \(seed)")
    }
}
