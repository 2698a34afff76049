import Contract
import Foundation
import Testing

/// An independent validator looks at the schemas, the examples, and at what is really written.
@Suite struct SchemaTests {
    static let isValidatorThere = (try? Validator.run("import jsonschema", [])) == ""

    @Test(.enabled(if: isValidatorThere, "needs python3-jsonschema"))
    func everySchemaIsOne() throws {
        let report = try Validator.run(Validator.checkSchemas, [])
        #expect(report == "16 schemas")
    }

    @Test(.enabled(if: isValidatorThere, "needs python3-jsonschema"), arguments: typeNames)
    func everyExampleFollowsItsSchema(name: String) throws {
        #expect(try Validator.errors(try Schemas.example(name), schema: name) == "")
    }

    @Test(.enabled(if: isValidatorThere, "needs python3-jsonschema"))
    func theBinaryExampleIsTheStructuredOne() throws {
        let binary = try Schemas.object("sales-lead.created.binary")
        let headers = try #require(binary["headers"] as? [String: String])
        var event: [String: Any] = ["data": try #require(binary["value"]), "datacontenttype": headers["content-type"]!]
        for (name, value) in headers where name.hasPrefix("ce_") { event[String(name.dropFirst(3))] = value }
        let written = try JSONSerialization.data(withJSONObject: event)
        #expect(try Validator.errors(Array(written), schema: "sales-lead.created") == "")
        let structured = try Schemas.object("sales-lead.created")
        #expect(event as NSDictionary == structured as NSDictionary)
    }

    @Test(.enabled(if: isValidatorThere, "needs python3-jsonschema"))
    func whatTheDecoderRefusesTheSchemaRefuses() throws {
        // Not these: a schema knows neither ranges of time nor the size of a whole message.
        let decoderOnly: Set<Refusal.Reason> = [.timeOutOfRange, .tooLarge]
        let cases = RefusalTests.fields.filter { !decoderOnly.contains($0.reason) && $0.field != .further }
        let errors = try Validator.errors(in: cases.map { Array($0.text.utf8) }, schema: "checkout.started")
        for (each, errors) in zip(cases, errors) { #expect(errors != "", "\(each.testDescription)") }
    }

    @Test(.enabled(if: isValidatorThere, "needs python3-jsonschema"))
    func everyCommandFollowsItsSchema() throws {
        #expect(try Validator.errors(try Schemas.example("send-reminder"), schema: "send-reminder") == "")
        #expect(try Validator.errors(CommandFixture().encoded(), schema: "send-reminder") == "")
        var bare = CommandFixture()
        for name in ["prospectID", "traceparent", "campaign", "openingSource", "openingID", "tenant"] {
            bare.texts[name] = ""
        }
        bare.tags = []
        bare.fields = [("items", .json("[1]"))]
        #expect(try Validator.errors(bare.encoded(), schema: "send-reminder") == "")
        bare.texts["email"] = ""
        #expect(try Validator.errors(bare.encoded(), schema: "send-reminder") != "")
    }

    @Test(.enabled(if: isValidatorThere, "needs python3-jsonschema"))
    func everyDeadLetterFollowsItsSchema() throws {
        let schema = "dead-letter-headers"
        #expect(try Validator.errors(try Schemas.example(schema), schema: schema) == "")
        let refusals =
            Refusal.Reason.allCases.map { Refusal($0, field: .time) }
            + EventField.allCases.map { Refusal(.tooLarge, field: $0) }
        let written = try refusals.map { refusal in
            let headers = DeadLetterTests.headers(refusal: refusal, omitted: [UInt8](repeating: 7, count: 32))
            return Array(try JSONSerialization.data(withJSONObject: Dictionary(headers) { $1 }))
        }
        for (refusal, errors) in zip(refusals, try Validator.errors(in: written, schema: schema)) {
            #expect(errors == "", "\(refusal.message)")
        }
    }
}

/// Debian's python3-jsonschema, which knows nothing of this program.
enum Validator {
    static let checkSchemas = """
        import glob, json, jsonschema, sys
        names = sorted(glob.glob(sys.argv[1] + '/*.schema.json'))
        for name in names:
            jsonschema.Draft202012Validator.check_schema(json.load(open(name)))
        print(len(names), 'schemas', end='')
        """

    /// `$ref` is resolved beside the schema that uses it.
    private static let validate = """
        import json, jsonschema, sys, warnings
        warnings.simplefilter('ignore')
        folder, name = sys.argv[1:3]
        schema = json.load(open(folder + '/' + name + '.schema.json'))
        resolver = jsonschema.RefResolver('file://' + folder + '/', schema)
        checker = jsonschema.FormatChecker()
        validator = jsonschema.Draft202012Validator(schema, resolver=resolver, format_checker=checker)
        for line in sys.stdin:
            print('; '.join(error.json_path + ' ' + error.message for error in validator.iter_errors(json.loads(line))))
        """

    static func errors(_ document: [UInt8], schema: String) throws -> String {
        try #require(try errors(in: [document], schema: schema).first)
    }

    /// What is wrong with each of the documents.
    static func errors(in documents: [[UInt8]], schema: String) throws -> [String] {
        // A line each: there is no line break inside JSON but as white space.
        let lines = documents.map { $0.map { $0 == 0x0A ? 0x20 : $0 } + [0x0A] }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".json")
        try Data(lines.joined()).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let report = try run(validate, [schema], input: try FileHandle(forReadingFrom: file))
        let results = report.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        try #require(results.count == documents.count, "\(report)")
        return results
    }

    static func run(_ script: String, _ arguments: [String], input: FileHandle = .nullDevice) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-W", "ignore", "-c", script, Schemas.folder.path] + arguments
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self)
    }
}
