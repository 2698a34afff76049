import Foundation

/// A broker of the Kafka in KAFKA_HOME, on loopback, in a folder of its own: `scripts/kafka` starts and stops it.
final class LocalBroker {
    let bootstrapServers: String
    private let script: URL
    private let directory: String

    /// Whether there is a Kafka to start.
    static var isAvailable: Bool { !(ProcessInfo.processInfo.environment["KAFKA_HOME"] ?? "").isEmpty }

    /// - Parameter directory: where its data goes.
    init(_ directory: String) throws {
        self.directory = directory
        script = try Self.findScript()
        // It ends with this process, however that ends.
        let owner = String(ProcessInfo.processInfo.processIdentifier)
        bootstrapServers = try Self.run(script, ["start", "--owner", owner, "--dir", directory])
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func stop() throws { _ = try Self.run(script, ["stop", "--dir", directory]) }

    /// This program lies somewhere below the repository's folder.
    private static func findScript() throws -> URL {
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let script = folder.appendingPathComponent("scripts/kafka")
            if FileManager.default.isExecutableFile(atPath: script.path) { return script }
        }
        throw BenchError("no scripts/kafka above this program: start a broker yourself, and name it with --kafka")
    }

    private static func run(_ script: URL, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = script
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError("scripts/kafka \(arguments[0]) ended with \(process.terminationStatus)")
        }
        return String(decoding: text, as: UTF8.self)
    }
}
