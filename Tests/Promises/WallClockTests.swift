import Foundation
import KafkaTestSupport
import Testing

/// Somebody sets the machine's clock while the engine runs.
@Suite(
    .enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"),
    .enabled(if: FakeClock.isSeenByPrograms, "a sanitizer waits by the machine's own clock"))
struct WallClockTests {
    private static func openings(_ prefix: String) -> [Event] { (0..<5).map { .opening("\(prefix)-\($0)") } }

    private static func play(setTo seconds: Int64) async throws {
        try await Stage.play(Stage.Settings(wait: "1s", sessionMilliseconds: 1500)) { stage in
            let clock = try FakeClock(in: stage.folder)
            stage.launcher = try clock.launcher
            let engine = try stage.run()
            try stage.publish(openings("early"))
            _ = try stage.reminded(count: 5)

            try clock.set(aheadSeconds: seconds)
            try engine.waitUntilItSays("ticks are stopped")
            #expect(engine.log.contains("set the clock right, and start again with `run --accept-clock`"))
            try stage.publish(openings("late") + openings("buyer"))
            try stage.waitUntilFolded(15)
            let status = try stage.start(command: ["status", "--data", stage.data.path])
            _ = try status.exitCode()
            #expect(status.log.contains("\tstopped\t"), "\(status.log)")
            // Far longer than the wait.
            Thread.sleep(forTimeInterval: 4)
            #expect(try stage.reminded().count == 5)
            try engine.stop()

            try stage.publish((0..<5).map { .purchase("buyer-\($0)") })
            try clock.set(aheadSeconds: 0)
            let again = try stage.start(["--accept-clock"])
            try again.waitUntilRunning()
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            try again.stop()
            let reminded = try stage.reminded().filter { !marks.contains($0) }
            #expect(reminded.sorted() == (openings("early") + openings("late")).map(\.prospect).sorted())
        }
    }

    @Test func aClockSetBackAnHourStopsRemindersUntilSomebodySaysThatItIsRight() async throws {
        try await Self.play(setTo: -3600)
    }

    @Test func aClockSetAheadAnHourStopsRemindersUntilSomebodySaysThatItIsRight() async throws {
        try await Self.play(setTo: 3600)
    }

    /// The machine was an hour ahead, and was set right while nobody ran: what is due waits, and nothing is sent twice.
    @Test func remindersWaitWhileTheClockIsBehindTheLastTick() async throws {
        try await Stage.play(Stage.Settings(wait: "1s", sessionMilliseconds: 1500)) { stage in
            let clock = try FakeClock(in: stage.folder)
            stage.launcher = try clock.launcher
            let engine = try stage.run()
            try stage.publish(Self.openings("early"))
            _ = try stage.reminded(count: 5)
            try engine.stop()
            try clock.set(aheadSeconds: -3600)
            let behind = try stage.run()
            try stage.publish(Self.openings("late"))
            try stage.waitUntilFolded(5)
            Thread.sleep(forTimeInterval: 3)
            #expect(try stage.reminded().count == 5)
            try behind.stop()
            try clock.set(aheadSeconds: 0)
            let right = try stage.run()
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            try right.stop()
            let reminded = try stage.reminded().filter { !marks.contains($0) }
            #expect(reminded.sorted() == (Self.openings("early") + Self.openings("late")).map(\.prospect).sorted())
        }
    }
}
