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

    @discardableResult
    private static func shell(_ path: String, _ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    private static func mount(_ folder: URL) -> Bool {
        shell("/bin/mount", ["-t", "tmpfs", "-o", "size=256m,mode=0700", "tmpfs", folder.path])
    }

    private static func unmount(_ folder: URL) { shell("/bin/umount", ["-l", folder.path]) }

    private static let canMount: Bool = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("winback-mount-\(UUID().uuidString)")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        guard mount(folder) else { return false }
        unmount(folder)
        return true
    }()

    private static func fill(_ folder: URL, _ mebibytes: Int) throws {
        try Data(repeating: 1, count: mebibytes << 20)
            .write(to: folder.appendingPathComponent("filler-\(UUID().uuidString)"))
    }

    private static func empty(_ folder: URL) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasPrefix("filler-") {
            try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
    }

    @Test(.enabled(if: DiskTests.canMount, "no disk can be mounted: that takes root"))
    func aDiskThatFillsUpIsToldOfAndStopsTheEngineBeforeAWriteFails() async throws {
        try await Stage.play(Self.settings) { stage in
            try FileManager.default.createDirectory(at: stage.data, withIntermediateDirectories: true)
            try #require(Self.mount(stage.data))
            defer { Self.unmount(stage.data) }
            let engine = try stage.start(Self.limits)
            try engine.waitUntilRunning()
            try stage.publish((0..<20).map { .opening("early-\($0)") })
            try stage.waitUntilFolded(20)
            #expect(!engine.log.contains("the disk is nearly full"))

            try Self.fill(stage.data, 40)
            try engine.waitUntilItSays("the disk is nearly full")
            let status = try stage.start(command: ["status", "--data", stage.data.path])
            #expect(try status.exitCode() == 0, "\(status.log)")
            #expect(status.log.contains("the engine stops below 100.0 MiB"), "\(status.log)")

            try Self.fill(stage.data, 50)
            #expect(try engine.exitCode(within: 20) == Self.diskFull, "\(engine.log.suffix(2000))")
            #expect(engine.log.contains("everything that was folded is committed"), "\(engine.log.suffix(2000))")
            #expect(engine.log.contains("Make room on that disk"), "\(engine.log.suffix(2000))")
            #expect(!engine.log.contains("No space left"), "\(engine.log.suffix(2000))")
            try stage.publish((0..<20).map { .opening("late-\($0)") })
            try stage.expectRefusal(code: Self.diskFull, ["Make room on that disk"], Self.limits)

            try Self.empty(stage.data)
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
