/// The command line is wrong: what was wrong, and what would be right where that can be guessed.
public struct UsageError: ExitCodeProviding, CustomStringConvertible, Equatable {
    public enum Code: Sendable {
        case unknownCommand
        case missingCommand
        case unknownOption
        case ambiguousOption
        case missingValue
        case unexpectedValue
        case invalidValue
        case repeatedOption
        case missingArgument
        case unexpectedArgument
        case conflict
    }

    public let code: Code
    public let message: String
    /// What was probably meant, as it would be typed.
    public let suggestion: String?

    public init(_ code: Code, _ message: String, suggestion: String? = nil) {
        self.code = code
        self.message = message
        self.suggestion = suggestion
    }

    public var exitCode: ExitCode { .usage }

    public var description: String {
        guard let suggestion else { return message }
        return "\(message); did you mean '\(suggestion)'?"
    }
}
