import Terminal

/// What stops a command and has no better place: what happened, where, what to do, and the exit code.
struct CommandError: ExitCodeProviding, CustomStringConvertible {
    let exitCode: ExitCode
    let description: String

    init(_ exitCode: ExitCode, _ description: String) {
        self.exitCode = exitCode
        self.description = description
    }
}
