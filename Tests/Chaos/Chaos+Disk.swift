import Foundation
import KafkaTestSupport

/// What is done to the disk.
extension Chaos {
    private static let diskFull: Int32 = 74
    /// Less than it goes on with.
    private static let leftMebibytes = 64
    /// The journals are mostly beyond it, and the log is not.
    private static let limitBytes = 48 << 10

    /// Without a disk of its own to fill, its writes fail instead.
    func fillDisk() throws {
        guard let disk = stage.disk else { return try failWrites() }
        defer { try? disk.empty() }
        wait(0...0.5)
        guard Bool.random(using: &random) else { return try fillUnwatchedDisk(disk) }
        try stage.engine.waitUntilRunning()
        try disk.fill(leavingMebibytes: Self.leftMebibytes)
        try expectStop()
        try stage.restart()
        try expectStop()
        try disk.empty()
        try stage.restart()
    }

    private func expectStop() throws {
        let code = try stage.engine.exitCode()
        let log = stage.engine.log
        try require(
            code == Self.diskFull && log.contains("Make room on that disk"),
            "it ended with \(code):\n\(log.suffix(2000))")
    }

    /// Nobody looks how much room there is: writes meet a disk that has none.
    private func fillUnwatchedDisk(_ disk: SmallDisk) throws {
        try stage.killAndRestart(["--set", "disk.stopFree=0", "--set", "disk.warnFree=0"])
        wait(0...1)
        try disk.fill(leavingMebibytes: 0)
        wait(0.5...2.5)
        try stage.killAndRestart(["--set", "disk.stopFree=0", "--set", "disk.warnFree=0"])
        wait(0.5...2.5)
        try disk.empty()
        try stage.killAndRestart()
    }

    /// No file can be written beyond a limit: the disk fails under a Winback that works, and then does not any more.
    func failWrites() throws {
        try stage.engine.waitUntilRunning()
        wait(0...0.5)
        try limit(String(Self.limitBytes))
        let end = Date().addingTimeInterval(Double.random(in: 1...3, using: &random))
        while stage.engine.isRunning && Date() < end { Thread.sleep(forTimeInterval: 0.02) }
        guard stage.engine.isRunning else { return try stage.restart() }
        try limit("unlimited")
    }

    /// Of the process while it runs; the hard limit stays, so that this one can be lifted.
    private func limit(_ bytes: String) throws {
        try ExternalProgram.run(
            "prlimit", ["--pid", String(stage.engine.process.processIdentifier), "--fsize=\(bytes):"],
            input: URL(fileURLWithPath: "/dev/null"))
    }
}
