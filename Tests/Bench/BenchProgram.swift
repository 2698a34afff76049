import Foundation
import Testing

/// The benchmark program as it was built beside the tests.
struct BenchProgram {
    struct Ending {
        var code: Int32
        var output: String
        var errors: String
    }

    /// Whatever the machine is busy with: nothing here judges how fast it is.
    private static let timeoutSeconds = 300.0

    private let url: URL
    let folder: URL

    init() throws {
        let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let candidates = [Bundle.main.bundleURL, programs].flatMap { [$0, $0.deletingLastPathComponent()] }
            .map { $0.appendingPathComponent("winback-bench") }
        url = try #require(
            candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) },
            "winback-bench is not among \(candidates.map(\.path)): build it first")
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("bench-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// Runs it to its end, without the Kafka that may be in the environment.
    func run(_ arguments: [String]) async throws -> Ending {
        let files = ["output", "errors"].map { folder.appendingPathComponent($0) }
        for file in files { try Data().write(to: file) }
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(["KAFKA_HOME": ""]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try process.run()
        let deadline = Date().addingTimeInterval(Self.timeoutSeconds)
        while process.isRunning, Date() < deadline { try await Task.sleep(for: .milliseconds(20)) }
        if process.isRunning {
            process.terminate()
            Issue.record("winback-bench took more than \(Self.timeoutSeconds) s")
        }
        process.waitUntilExit()
        return Ending(
            code: process.terminationStatus, output: try String(contentsOf: files[0], encoding: .utf8),
            errors: try String(contentsOf: files[1], encoding: .utf8))
    }

    /// Measures with few prospects and reads the report.
    ///
    /// - Returns: values by figure.
    func measure(_ arguments: [String], json: String) async throws -> [String: Double] {
        let ending = try await run(
            ["--small", "--prospects", "500", "--folder", folder.path, "--json", json] + arguments)
        #expect(ending.code == 0, "\(ending.errors)")
        let data = try Data(contentsOf: folder.appendingPathComponent(json))
        let report = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let figures = try #require(report["figures"] as? [[String: Any]])
        return try Dictionary(
            uniqueKeysWithValues: figures.map { figure in
                (try #require(figure["figure"] as? String), try #require(figure["value"] as? Double))
            })
    }
}
