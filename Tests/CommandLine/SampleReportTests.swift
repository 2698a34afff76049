import Configuration
import Foundation
import Synchronization
import Terminal
import Testing

@testable import winback

/// What a person at a terminal is told of a sample as a whole.
@Suite struct SampleReportTests {
    private static func report(_ lines: [String], identity: String = "prospect") throws -> [String] {
        let folder = try TemporaryFolder()
        let path = try folder.write(lines.joined(separator: "\n"), to: "sample.ndjson")
        let configuration = try Configuration.parse(
            text: """
                kafka: {bootstrap.servers: "localhost:9092"}
                identity: \(identity)
                templates: [spot-saved]
                policies:
                  - name: abandoned
                    opensOn: [checkout.started]
                    convertsOn: [checkout.completed]
                    steps: [{after: 1h, template: spot-saved}]
                    command: {fields: {name: {from: /data/name, fallback: x}}}
                """)
        let output = Output()
        _ = try SampleReport(
            configuration: configuration,
            sample: SampleFile(path: path, topic: 0, topics: ["checkout-events"]).read(count: 100),
            screen: Screen(isTerminal: true, width: 200) { output.append($0) }
        ).write(format: .aligned)
        return output.text.split(separator: "\n").map(String.init)
    }

    private static func event(_ type: String, _ prospect: String, _ more: String = "") -> String {
        #"{"specversion":"1.0","id":"1","source":"/s","type":"\#(type)","data":{"prospect":\#(prospect)\#(more)}}"#
    }

    private static let named = event("checkout.started", #"{"id":"p","email":"A@example.com"}"#, #","name":"Gold""#)
    private static let nameless = event("checkout.completed", #"{"email":"a@example.com"}"#)

    @Test func whoComesWithAndWithoutAnIDIsSaidToBeTwoProspects() throws {
        let warning = "1 addresses come both with and without a prospect's id"
        #expect(try Self.report([Self.named, Self.nameless]).contains { $0.contains(warning) })
        #expect(try !Self.report([Self.named, Self.named]).contains { $0.contains(warning) })
        #expect(try !Self.report([Self.named, Self.nameless], identity: "email").contains { $0.contains(warning) })
    }

    @Test func whatIsMissingIsCountedAmongThoseThatOpen() throws {
        let bare = Self.event("checkout.started", #"{"id":"p"}"#)
        let lines = try Self.report([Self.named, bare, Self.nameless, "{"])
        #expect(lines.contains("3 events: 2 checkout.started, 1 checkout.completed"))
        #expect(lines.contains("/data/name is missing in 1 of 2 that open a journey"))
        #expect(lines.contains("email is missing in 1 of 2 that open a journey"))
        #expect(lines.contains { $0.contains("1 would be dead letters: 1 malformed-json") })
        #expect(lines.contains { $0.contains("sample.ndjson:4: ") })
    }

    private final class Output: Sendable {
        private let content = Mutex("")
        var text: String { content.withLock { $0 } }
        func append(_ text: String) { content.withLock { $0 += text } }
    }
}
