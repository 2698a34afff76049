import Foundation
import KafkaTestSupport
import Testing

/// A copy that was taken while the engine ran goes on where nothing was committed since, and is refused where something was:
/// in no case is a reminder sent twice, or left out.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct BackupTests {
    private static let refused: Int32 = 77

    /// Long enough that a copy is taken, and an engine started on it, while reminders wait.
    private static let waitSeconds = 6
    private static let settings = Stage.Settings(partitions: 2, wait: "\(waitSeconds)s")

    private static func startLoad(_ stage: Stage) throws {
        try stage.witness.ask(
            "start_load",
            [
                "topic": stage.events, "seed": 7, "rate": 150, "longest": 4.0,
                "opens": "sales-lead.created", "converts": "policy.issued",
            ])
    }

    private static func waitUntilCommitted(_ stage: Stage) throws {
        let question: [String: Any] = [
            "group": stage.group, "topic": stage.events, "partitions": stage.partitions,
        ]
        _ = try eventually("all is committed", within: 30) {
            try stage.witness.ask("all_is_committed", question)["done"] as? Bool == true ? true : nil
        }
    }

    private static func copy(_ from: URL, _ to: URL) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/cp")
        process.arguments = ["-a", from.path, to.path]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }

    private static func replace(_ data: URL, with copy: URL) throws {
        try FileManager.default.moveItem(at: data, to: data.appendingPathExtension("lost"))
        try FileManager.default.moveItem(at: copy, to: data)
    }

    /// Loses the directory while reminders wait, and goes on from a copy that `take` makes of it beside the engine.
    private static func goOn(_ stage: Stage, from take: (URL) throws -> Void, after: (URL) throws -> Void) throws {
        let engine = try stage.run()
        try startLoad(stage)
        var old: [URL] = []
        for number in 0..<3 {
            Thread.sleep(forTimeInterval: 0.6)
            let copy = stage.folder.appendingPathComponent("old-\(number)")
            try take(copy)
            old.append(copy)
        }
        let load = try stage.witness.ask("stop_load")
        let leads = try #require(load["leads"] as? [String: Double])
        let purchases = try #require(load["purchases"] as? [String: Double])
        let (newest, late, marks) = try copyWhileAllWait(stage, take)
        engine.kill()
        for copy in old { try after(copy) }
        try replace(stage.data, with: newest)
        let again = try stage.run()
        let lastMarks = try stage.waitUntilAllBeforeNowIsDecided()
        try again.stop()
        let names = try stage.reminded().filter { !marks.contains($0) && !lastMarks.contains($0) }
        let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
        #expect(counts.filter { $0.value > 1 } == [:], "sent more than once")
        #expect(Set(counts.keys).isSuperset(of: late), "never sent: \(Set(late).subtracting(counts.keys))")
        let missing = leads.keys.filter { purchases[$0] == nil && counts[$0] == nil }
        #expect(missing == [], "never sent")
    }

    /// A copy after which nothing was committed: it was ready before the first reminder of those that wait in it was due. On a
    /// busy machine it may come too late, and is taken again.
    private static func copyWhileAllWait(
        _ stage: Stage, _ take: (URL) throws -> Void
    ) throws -> (copy: URL, late: [String], marks: Set<String>) {
        var late: [String] = []
        var marks: Set<String> = []
        for attempt in 0..<mostCopies {
            marks.formUnion(try stage.waitUntilAllBeforeNowIsDecided())
            let published = ContinuousClock.now
            let names = (0..<40).map { "late-\(attempt)-\($0)" }
            try stage.publish(names.map(Event.opening))
            try waitUntilCommitted(stage)
            let copy = stage.folder.appendingPathComponent("newest-\(attempt)")
            try take(copy)
            late += names
            if ContinuousClock.now - published < .seconds(waitSeconds - 1) { return (copy, late, marks) }
        }
        throw CopyTookTooLong()
    }

    private struct CopyTookTooLong: Error {}

    private static let mostCopies = 5

    private static func requireRefusal(_ stage: Stage, _ copy: URL) throws {
        try stage.expectRefusal(code: refused, ["older copy was put back", "othing was read or sent"], data: copy)
    }

    @Test func aBackupBesideTheEngineGoesOnAndAnOlderOneIsRefused() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.goOn(stage) { target in
                let backup = try stage.start(command: ["backup", target.path, "--data", stage.data.path])
                #expect(try backup.exitCode() == 0, "\(backup.log)")
                #expect(backup.log.contains("holds 2 partitions"), "\(backup.log)")
            } after: { copy in
                // It opens by itself, and shows what it knows.
                let leads = try stage.start(command: ["leads", "--json", "--data", copy.path])
                #expect(try leads.exitCode() == 0, "\(leads.log.suffix(500))")
                try Self.requireRefusal(stage, copy)
            }
        }
    }

    @Test func aCopyOfFilesThatAreBeingWrittenGoesOnOrIsRefused() async throws {
        try await Stage.play(Self.settings) { stage in
            try Self.goOn(stage) { target in
                try Self.copy(stage.data, target)
            } after: { copy in
                try Self.requireRefusal(stage, copy)
            }
        }
    }
}
