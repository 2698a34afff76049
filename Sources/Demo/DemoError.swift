import Terminal

/// Why a demo could not be played to its end.
public struct DemoError: ExitCodeProviding, CustomStringConvertible {
    public enum Code: Sendable {
        /// The engine did not begin to work in time.
        case notStarted
    }

    public let code: Code
    public let description: String

    public var exitCode: ExitCode { .temporary }
}
