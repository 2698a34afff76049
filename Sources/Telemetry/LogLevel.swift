/// How much a log line matters to whoever is on call.
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
    /// For someone who looks for a mistake in the program.
    case debug
    /// What happened, as expected.
    case info
    /// Unexpected, and handled; worth a look when it repeats.
    case warning
    /// Something that was promised does not hold, or work has stopped.
    case error

    public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}
