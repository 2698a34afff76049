import Foundation
import Testing

/// The program as it was built beside the tests.
struct WinbackProgram {
    struct Ending {
        var code: Int32
        var output: String
        var errors: String
    }

    /// No command of these tests may take longer.
    static let timeoutSeconds = 60.0

    let url: URL

    init() throws {
        // On Linux the tests are themselves a program, in the folder where the products lie.
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let candidates = [Bundle.main.bundleURL, folder, URL(fileURLWithPath: CommandLine.arguments[0])]
            .flatMap { [$0, $0.deletingLastPathComponent()] }
            .map { $0.appendingPathComponent("winback") }
        url = try #require(
            candidates.first {
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: $0.path, isDirectory: &isFolder) && !isFolder.boolValue
            }, "winback is not among \(candidates.map(\.path)): build it first")
    }

    /// Runs it to its end. Its output goes to files, so that no pipe can fill up.
    func run(_ arguments: [String], input: String? = nil, environment: [String: String] = [:]) throws -> Ending {
        let folder = try TemporaryFolder()
        let output = folder.url.appendingPathComponent("output")
        let errors = folder.url.appendingPathComponent("errors")
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let given = folder.url.appendingPathComponent("input")
        try Data((input ?? "").utf8).write(to: given)
        process.standardInput = try FileHandle(forReadingFrom: given)
        try process.run()
        let deadline = Date().addingTimeInterval(Self.timeoutSeconds)
        while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
        if process.isRunning {
            process.terminate()
            Issue.record("winback \(arguments.joined(separator: " ")) took more than \(Self.timeoutSeconds) s")
        }
        process.waitUntilExit()
        return Ending(
            code: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }
}

/// A folder that goes with the value that holds it.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("winback-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file and returns its path.
    func write(_ text: String, to name: String) throws -> String {
        let file = url.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file.path
    }
}
