import Engine
import Foundation
import Synchronization
import Terminal
import Testing

@testable import winback

@Suite struct StatusReportTests {
    private static func partition(_ number: Int, unusableAddresses: Int) -> String {
        """
        {"partition":\(number),"topics":[{"name":"checkout-events","offset":41,"end":42}],"journalPosition":900,
         "confirmedPosition":900,"waiting":5,"prospects":7,"overdue":0,"unusableAddresses":\(unusableAddresses),
         "events":2041,"opened":9,"reminders":3,"skipped":1,"converted":4,"deadLetters":6}
        """
    }

    private static func status() throws -> EngineStatus {
        let partitions = [partition(0, unusableAddresses: 1), partition(1, unusableAddresses: 1200)]
        let text = """
            {"version":"0.1.0","librdkafka":"2.0.2","processID":1,"instance":"winback-a","group":"winback",
             "startedAt":1790000000000,"writtenAt":1790000060000,"phase":"running",
             "partitions":[\(partitions.joined(separator: ","))],
             "destruction":{"records":7,"heldUp":[{"partition":1,"why":"delete that folder"}],"finished":[]},
             "oddities":{"foreignKeys":0,"strays":1300,"partitioner":"murmur2","withoutID":3}}
            """
        return try JSONDecoder().decode(EngineStatus.self, from: Data(text.utf8))
    }

    @Test func aPersonIsToldWhatHasBeenMetSinceTheStart() throws {
        let output = Output()
        StatusReport(
            status: try Self.status(), running: .running, directory: "data",
            screen: Screen(isTerminal: true, width: 200) { output.append($0) }
        ).write()
        let lines = output.text.split(separator: "\n").map(String.init)
        #expect(lines.contains("Since then 4,082 events, 18 journeys opened, 8 converted, 2 reminders skipped"))
        #expect(lines.contains("           12 dead letters, 1,201 unusable addresses"))
        #expect(lines.contains { $0.contains("1,300 events lie in another partition than murmur2 puts their keys") })
        #expect(lines.contains { $0.contains("3 events name their prospect by the address only, others by an id") })
        #expect(lines.contains { $0.contains("Erasures   partition 1 is held up: delete that folder") })
        #expect(!lines.contains { $0.contains("another key than their prospect's identity") })
    }

    private final class Output: Sendable {
        private let content = Mutex("")
        var text: String { content.withLock { $0 } }
        func append(_ text: String) { content.withLock { $0 += text } }
    }
}
