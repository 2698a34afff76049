import Foundation
import KafkaTestSupport
import Testing

/// One `winback run`, or another command, with everything that it says in a file.
final class EngineProcess {
    let process = Process()
    let logFile: URL
    private let witness: Witness
    private var isGuarded = false

    init(_ command: [String] = ["run"], arguments: [String], logFile: URL, witness: Witness) throws {
        self.logFile = logFile
        self.witness = witness
        try Data().write(to: logFile)
        let output = try FileHandle(forWritingTo: logFile)
        defer { try? output.close() }
        process.executableURL = try Self.program
        process.arguments = command + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        isGuarded = true
        try witness.ask("guard", ["pid": Int(process.processIdentifier), "alive": true])
    }

    deinit { kill() }

    /// The program as it was built beside the tests.
    static var program: URL {
        get throws {
            let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            let url = folder.appendingPathComponent("winback")
            try #require(FileManager.default.isExecutableFile(atPath: url.path), "no \(url.path): build it first")
            return url
        }
    }

    var isRunning: Bool { process.isRunning }

    var log: String { (try? String(contentsOf: logFile, encoding: .utf8)) ?? "" }

    func waitUntilItSays(_ text: String, within seconds: Double = 60) throws {
        let deadline = Date().addingTimeInterval(seconds)
        while !log.contains(text) {
            guard isRunning, Date() < deadline else {
                throw TimedOut(
                    description:
                        "the engine \(isRunning ? "did" : "ended and did") not say `\(text)`:\n\(log.suffix(2000))")
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    /// Until it folds events.
    func waitUntilRunning() throws { try waitUntilItSays(#""message":"running""#) }

    /// Ends it as a crash would.
    func kill() {
        guard isGuarded else { return }
        if process.isRunning { send(SIGKILL) }
        process.waitUntilExit()
        release()
    }

    func send(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

    /// Waits for its end, and says with which code that came.
    func exitCode(within seconds: Double = 60) throws -> Int32 {
        _ = try eventually("the engine ends; it said:\n\(log.suffix(2000))", within: seconds) {
            isRunning ? nil : true
        }
        process.waitUntilExit()
        release()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// Asks it to leave, as a service manager does, and sees it leave cleanly.
    func stop() throws {
        send(SIGTERM)
        let code = try exitCode(within: 20)
        #expect(code == 0, "\(log.suffix(2000))")
    }

    private func release() {
        isGuarded = false
        _ = try? witness.ask("guard", ["pid": Int(process.processIdentifier), "alive": false])
    }
}
