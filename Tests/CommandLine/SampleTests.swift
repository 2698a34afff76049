import Foundation
import Testing

/// `check --sample`: what a file's messages would become.
@Suite struct SampleTests {
    private let winback: WinbackProgram
    private let folder: TemporaryFolder
    private let configuration: String

    init() throws {
        winback = try WinbackProgram()
        folder = try TemporaryFolder()
        configuration = try folder.write(
            """
            kafka: {bootstrap.servers: "localhost:9092"}
            topics: {events: [carts, orders]}
            templates: [spot-saved]
            events:
              format: json
              type: /event
              time: /at
              timeFormat: seconds
              prospect: /who
              email: [/mail, {header: mail}]
              types: {checkout.started: [CartFilled]}
              topics: {orders: {type: {value: sold}, types: {checkout.completed: [sold]}, prospect: /buyer}}
            policies:
              - name: abandoned
                opensOn: [checkout.started]
                convertsOn: [checkout.completed]
                steps: [{after: 1h, template: spot-saved}]
                command: {fields: {title: {from: /cart/title, fallback: x}}}

            """, to: "winback.yaml")
    }

    private func check(_ lines: [String], _ options: String...) throws -> (
        code: Int32, rows: [[String: String]], errors: String
    ) {
        let file = try folder.write(lines.joined(separator: "\n"), to: "sample.ndjson")
        let ending = try winback.run(["check", "--config", configuration, "--sample", file] + options)
        let lines = ending.output.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        guard !lines.isEmpty else { return (ending.code, [], ending.errors) }
        let rows = lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
        return (ending.code, rows, ending.errors)
    }

    @Test func eachLineIsShownAsWhatItWouldBecome() throws {
        let (code, rows, _) = try check([
            #"{"event":"CartFilled","at":1782898200,"who":"p-1","mail":"a@example.com","cart":{"title":"Tie"}}"#,
            #"{"event":"CartFilled","at":1782898200.5,"who":7}"#, "",
            #"{"event":"CartSeen","who":"p-1"}"#,
        ])
        #expect(code == 0)
        #expect(rows.map { $0["becomes"] } == ["opens abandoned", "opens abandoned", "ignored: unknown type"])
        try #require(rows.count == 3)
        #expect(rows[0]["type"] == "checkout.started" && rows[0]["prospect"] == "p-1" && rows[0]["missing"] == "id")
        #expect(rows[1]["time"] == "2026-07-01T09:30:00.500Z" && rows[1]["prospect"] == "7")
        #expect(rows[1]["missing"] == "email, id, /cart/title")
        #expect(rows[2]["message"]?.hasSuffix("sample.ndjson:4") == true)
    }

    @Test func aDeadLetterIsExplainedAndEndsWith65() throws {
        let (code, rows, _) = try check([#"{"event":"CartFilled","at":"noon","who":"p-1"}"#])
        #expect(code == 65)
        #expect(
            rows.map { $0["becomes"] } == ["dead letter: time (/at) is not a Unix time in seconds, such as 1782898200"])
    }

    @Test func linesOfKcatHaveKeysHeadersAndTopics() throws {
        let (code, rows, _) = try check([
            #"{"topic":"carts","partition":3,"offset":8,"tstype":"create","ts":1782898201000,"broker":1,"headers":["mail","b@example.com"],"key":"p-1","payload":"{\"event\":\"CartFilled\",\"who\":\"p-1\"}"}"#,
            #"{"topic":"orders","partition":3,"offset":9,"tstype":"create","ts":1782898201000,"broker":1,"key":"other","payload":"{\"buyer\":\"p-1\"}"}"#,
            #"{"topic":"carts","partition":3,"offset":9,"tstype":"create","ts":1782898201000,"broker":1,"key":"other","payload":"{\"event\":\"CartFilled\",\"who\":\"p-1\"}"}"#,
            #"{"topic":"carts","partition":3,"offset":10,"tstype":"create","ts":1782898201000,"broker":1,"key":"p-1","payload":null}"#,
        ])
        #expect(code == 65)
        #expect(
            rows.map { $0["becomes"] } == [
                "opens abandoned", "converts abandoned",
                "dead letter: the message's key is not the prospect's identity", "ignored: no value",
            ])
        try #require(rows.count == 4)
        #expect(rows[0]["email"] == "b@example.com" && rows[0]["time"] == "2026-07-01T09:30:01.000Z")
    }

    @Test func aFileMayBeReadAsOfAnotherTopic() throws {
        let line = #"{"buyer":"p-1"}"#
        #expect(try check([line], "--as-topic", "orders").rows.map { $0["becomes"] } == ["converts abandoned"])
        let (code, _, errors) = try check([line], "--as-topic", "order")
        #expect(code == 64 && errors.contains("order is none of the event topics: carts, orders"))
    }

    @Test func aFileWithoutMessagesIsSaidToHaveNone() throws {
        let (code, _, errors) = try check(["", " "])
        #expect(code == 66 && errors.contains("has no line with a message"))
    }
}
