import Foundation

/// One `winback run`, or another command, with everything that it says in a file.
public final class EngineProcess {
    public let process = Process()
    public let logFile: URL
    private let witness: Witness
    private var isGuarded = false

    /// - Parameter launcher: what starts the program in its own place, such as a shell that says `exec "$@"`.
    public init(
        _ command: [String] = ["run"], arguments: [String], logFile: URL, witness: Witness, launcher: [String] = []
    ) throws {
        self.logFile = logFile
        self.witness = witness
        try Data().write(to: logFile)
        let output = try FileHandle(forWritingTo: logFile)
        defer { try? output.close() }
        let words = launcher + [try Self.program.path] + command + arguments
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        isGuarded = true
        try witness.ask("guard", ["pid": Int(process.processIdentifier), "alive": true])
    }

    deinit { kill() }

    /// Where the tests were built, and all else with them.
    static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    /// The program as it was built beside the tests.
    public static var program: URL {
        get throws {
            let url = folder.appendingPathComponent("winback")
            guard FileManager.default.isExecutableFile(atPath: url.path) else {
                throw TimedOut(description: "no \(url.path): build it first")
            }
            return url
        }
    }

    public var isRunning: Bool { process.isRunning }

    public var log: String { (try? String(contentsOf: logFile, encoding: .utf8)) ?? "" }

    public func waitUntilItSays(_ text: String, within seconds: Double = 60) throws {
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
    public func waitUntilRunning() throws { try waitUntilItSays(#""message":"running""#) }

    /// Ends it as a crash would.
    public func kill() {
        guard isGuarded else { return }
        if process.isRunning { send(SIGKILL) }
        process.waitUntilExit()
        release()
    }

    public func send(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

    /// Waits for its end, and says with which code that came.
    public func exitCode(within seconds: Double = 60) throws -> Int32 {
        _ = try eventually("the engine ends; it said:\n\(log.suffix(2000))", within: seconds) {
            isRunning ? nil : true
        }
        process.waitUntilExit()
        release()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// Asks it to leave, as a service manager does, and sees it leave cleanly.
    public func stop() throws {
        send(SIGTERM)
        let code = try exitCode(within: 20)
        guard code == 0 else { throw TimedOut(description: "it left with \(code):\n\(log.suffix(2000))") }
    }

    private func release() {
        isGuarded = false
        _ = try? witness.ask("guard", ["pid": Int(process.processIdentifier), "alive": false])
    }
}
