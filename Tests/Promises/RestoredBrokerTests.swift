import Foundation
import KafkaTestSupport
import Testing

/// A broker that comes back with its disk as a backup had it.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct RestoredBrokerTests {
    private static let settings = Stage.Settings(wait: "5s", sessionMilliseconds: 1500)

    private static func openings(_ prefix: String) -> [Event] { (0..<10).map { .opening("\(prefix)-\($0)") } }

    /// While the broker is stopped.
    private static func copy(_ from: URL, to: URL) throws {
        try? FileManager.default.removeItem(at: to)
        try ExternalProgram.run("cp", ["-a", from.path, to.path], input: URL(fileURLWithPath: "/dev/null"))
    }

    private static func mails(_ stage: Stage) throws -> [(prospect: String, id: String)] {
        try stage.witness.read(stage.reminders).map { (Stage.prospect($0), $0.json["id"] as? String ?? "") }
    }

    @Test func aBrokerWhoseDiskComesFromAnOlderBackupIsNotFollowedUntilSomebodyDecidesAndNobodyIsRemindedTwice()
        async throws
    {
        let broker = try RealBroker()
        defer { broker.remove() }
        let disk = broker.directory.appendingPathComponent("data")
        let backup = broker.directory.appendingPathComponent("backup")
        try await Stage.play(Self.settings, broker: broker) { stage in
            let first = try stage.run()
            try stage.publish(Self.openings("early"))
            _ = try stage.reminded(count: 10)
            try first.stop()
            try broker.stop()
            try Self.copy(disk, to: backup)
            try broker.restart()

            // Life goes on: some are reminded, and of some the broker will know nothing any more.
            let second = try stage.run()
            try stage.publish(Self.openings("later") + Self.openings("buyer"))
            try stage.publish((0..<10).map { .purchase("buyer-\($0)") })
            _ = try stage.reminded(count: 20)
            try stage.publish(Self.openings("waiting"))
            try stage.waitUntilFolded(40)
            try second.stop()
            let sent = try Self.mails(stage)
            #expect(Set(sent.map(\.prospect)) == Set((Self.openings("early") + Self.openings("later")).map(\.prospect)))

            try broker.stop()
            try Self.copy(backup, to: disk)
            try broker.restart()
            let restored = try Self.mails(stage)
            #expect(Set(restored.map(\.prospect)) == Set(Self.openings("early").map(\.prospect)))
            try stage.expectRefusal(
                code: RefusalTests.refused, ["restored from a backup", "may have been sent already", "winback recover"])
            #expect(try Self.mails(stage).map(\.id).sorted() == restored.map(\.id).sorted())

            let asked = try stage.start(command: ["recover"])
            #expect(try asked.exitCode() == RefusalTests.refused)
            #expect(asked.log.contains("offsets-restored") && asked.log.contains("resume"), "\(asked.log)")
            let recover = try stage.start(command: ["recover", "--accept", "resume"])
            #expect(try recover.exitCode() == 0, "\(recover.log)")
            let third = try stage.run()
            try stage.publish(Self.openings("new"))
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            try third.stop()
            let known = Set(restored.map(\.id))
            let after = try Self.mails(stage).filter { !known.contains($0.id) && !marks.contains($0.prospect) }
            #expect(
                after.map(\.prospect).sorted()
                    == (Self.openings("waiting") + Self.openings("new")).map(\.prospect).sorted())
            #expect(Set(after.map(\.id)).isDisjoint(with: sent.map(\.id)))
        }
    }
}
