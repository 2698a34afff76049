import Foundation
import KafkaTestSupport
import Testing

/// A disk that fills up is told of, and the engine leaves before a write fails.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct DiskTests {
    private static let diskFull: Int32 = 74
    private static let settings = Stage.Settings(partitions: 1, wait: "4s")
    /// A disk of 256 MiB, of which the engine takes 80 at once.
    private static let limits = ["--set", "disk.warnFree=150MiB", "--set", "disk.stopFree=100MiB"]

    @Test(.enabled(if: SmallDisk.isAvailable, "no disk can be mounted: that takes root"))
    func aDiskThatFillsUpIsToldOfAndStopsTheEngineBeforeAWriteFails() async throws {
        try await Stage.play(Self.settings) { stage in
            let disk = try SmallDisk(at: stage.data, mebibytes: 256)
            defer { disk.unmount() }
            let engine = try stage.start(Self.limits)
            try engine.waitUntilRunning()
            try stage.publish((0..<20).map { .opening("early-\($0)") })
            try stage.waitUntilFolded(20)
            #expect(!engine.log.contains("the disk is nearly full"))

            try disk.fill(mebibytes: 40)
            try engine.waitUntilItSays("the disk is nearly full")
            let status = try stage.start(command: ["status", "--data", stage.data.path])
            #expect(try status.exitCode() == 0, "\(status.log)")
            #expect(status.log.contains("the engine stops below 100.0 MiB"), "\(status.log)")

            try disk.fill(mebibytes: 50)
            #expect(try engine.exitCode(within: 20) == Self.diskFull, "\(engine.log.suffix(2000))")
            #expect(engine.log.contains("everything that was folded is committed"), "\(engine.log.suffix(2000))")
            #expect(engine.log.contains("Make room on that disk"), "\(engine.log.suffix(2000))")
            #expect(!engine.log.contains("No space left"), "\(engine.log.suffix(2000))")
            try stage.publish((0..<20).map { .opening("late-\($0)") })
            try stage.expectRefusal(code: Self.diskFull, ["Make room on that disk"], Self.limits)

            try disk.empty()
            let again = try stage.start(Self.limits)
            try again.waitUntilRunning()
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            try again.stop()
            let names = try stage.reminded().filter { !marks.contains($0) }
            let expected = (0..<20).flatMap { ["early-\($0)", "late-\($0)"] }
            #expect(names.sorted() == expected.sorted())
        }
    }

    @Test func anEngineThatWaitsForItsBrokerSaysSoInItsStatus() async throws {
        try await Stage.play(Self.settings) { stage in
            let engine = try stage.start(["--set", "kafka.bootstrap.servers=127.0.0.1:1"])
            try engine.waitUntilItSays("no broker answers")
            let status = try stage.start(command: ["status", "--data", stage.data.path])
            #expect(try status.exitCode() == 0, "\(status.log)")
            try engine.stop()
        }
    }
}
