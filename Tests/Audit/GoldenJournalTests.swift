import Configuration
import Foundation
import Journal
import Journey
import Records
import Testing

@testable import Audit
@testable import Engine

/// A data directory of an earlier day, with bodies of all versions, that every later program has to read the same.
///
/// Where one of these fails, journals that exist can no longer be read as they were written: make the reader know both forms.
/// `WINBACK_GOLDEN=write swift test --filter GoldenJournal` writes another one, for a format that is new beside the old ones.
@Suite("The golden journal") struct GoldenJournalTests {
    private let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    private var journal: String { golden.appendingPathComponent("data").path }
    private var expected: URL { golden.appendingPathComponent("answers.txt") }
    private static var writes: Bool { ProcessInfo.processInfo.environment["WINBACK_GOLDEN"] == "write" }

    private func withCopy(_ body: (String) throws -> Void) throws {
        let copy = FileManager.default.temporaryDirectory.path + "/winback-golden-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: journal, toPath: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try body(copy)
    }

    @Test(.enabled(if: writes)) func writeIt() throws {
        try? FileManager.default.removeItem(atPath: golden.path)
        try FileManager.default.createDirectory(at: golden, withIntermediateDirectories: true)
        try GoldenStory().write(to: journal)
        let source = try AuditSource(path: journal, fileSystem: POSIXFileSystem())
        try GoldenAnswers(source: source).text().write(to: expected, atomically: true, encoding: .utf8)
    }

    @Test(.enabled(if: !writes)) func itGivesTheAnswersOfThen() throws {
        try withCopy { path in
            let answers = try GoldenAnswers(source: try AuditSource(path: path, fileSystem: POSIXFileSystem())).text()
            let expected = try String(contentsOf: expected, encoding: .utf8)
            let (now, then) = (answers.split(separator: "\n"), expected.split(separator: "\n"))
            for (line, line2) in zip(now, then) where line != line2 { Issue.record("\(line)\nwas\n\(line2)") }
            #expect(now.count == then.count)
        }
    }

    @Test(.enabled(if: !writes)) func itHasBodiesOfAllVersions() throws {
        let reader = try JournalReader(directory: journal + "/shards/0", fileSystem: POSIXFileSystem())
        var versions: Set<UInt8> = []
        while let frame = try reader.next() { versions.insert(frame.body[0]) }
        #expect(versions == [1, 2, 3])
    }

    @Test(.enabled(if: !writes)) func anEngineGoesOnFromIt() throws {
        try withCopy { path in
            let engine = try OfflineEngine(
                configuration: try GoldenStory.configuration(path, hours: 5), partitions: 1,
                activation: GoldenStory.start, fileSystem: POSIXFileSystem(), journal: GoldenStory.settings)
            let now = GoldenStory.start + .hours(3)
            try GoldenStory.fold(
                "checkout.started", GoldenStory.person("gus"), offset: 12, at: now, into: engine)
            var reminders: [String] = []
            while try engine.tick(now + .hours(6)) > 0 {
                try engine.commit { reminders.append($0.value.map { String(decoding: $0, as: UTF8.self) } ?? "") }
            }
            try engine.close()
            // She who had moved to the newer policy, and he who has just come.
            #expect(reminders.count == 2)
            #expect(reminders.contains { $0.contains("eve@example.com") })
            #expect(reminders.contains { $0.contains("gus@example.com") })
        }
    }
}
