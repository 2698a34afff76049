/// A subcommand, declared by one type: what the help text says, what the parser accepts, and what it does.
public protocol Command: Sendable {
    /// As typed; two words make a group: "topics create".
    static var name: String { get }
    /// One line, beginning with a verb, without a full stop.
    static var summary: String { get }
    /// Whole sentences below the usage line; empty when the summary says it all.
    static var details: String { get }
    static var options: [any OptionDeclaration] { get }
    static var positionals: [Positional] { get }
    static var examples: [Example] { get }

    /// Takes its settings from arguments that have been checked one by one; throws a ``UsageError`` where they do not
    /// go together.
    init(_ arguments: Arguments) throws

    func run() throws -> ExitCode
}

/// A command line worth trying, and what it shows.
public struct Example: Sendable {
    public let line: String
    public let help: String

    public init(_ line: String, help: String) {
        self.line = line
        self.help = help
    }
}

extension Command {
    public static var details: String { "" }
    public static var options: [any OptionDeclaration] { [] }
    public static var positionals: [Positional] { [] }
    public static var examples: [Example] { [] }
}
