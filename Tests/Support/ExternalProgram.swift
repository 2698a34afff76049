import Foundation

/// A program of the system, such as `kcat`: a witness that shares no code with ours.
public final class ExternalProgram {
    private let process = Process()

    /// The program's place on the PATH.
    public static func path(of name: String) -> URL? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { URL(fileURLWithPath: String($0)).appendingPathComponent(name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// Starts a program and leaves it running, its output unread.
    public init(_ name: String, _ arguments: [String]) throws {
        guard let url = Self.path(of: name) else { throw TimedOut(description: "no \(name) on the PATH: install it") }
        process.executableURL = url
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    /// Runs a program to its end, with a file as its input.
    ///
    /// - Parameter name: a program on the PATH, or a path.
    public static func run(_ name: String, _ arguments: [String], input: URL) throws {
        guard let url = name.contains("/") ? URL(fileURLWithPath: name) : path(of: name) else {
            throw TimedOut(description: "no \(name) on the PATH: install it")
        }
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        let file = try FileHandle(forReadingFrom: input)
        defer { try? file.close() }
        process.standardInput = file
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TimedOut(description: "\(name) ended with \(process.terminationStatus)")
        }
    }

    deinit { kill() }

    /// Ends the program as a crash would.
    public func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
