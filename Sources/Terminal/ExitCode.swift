/// How a command ended: the numbers of `sysexits.h`, so that service managers and scripts need no table of ours.
public enum ExitCode: Int32, CaseIterable, Sendable {
    case ok = 0
    case found = 1
    case usage = 64
    case data = 65
    case noInput = 66
    case unavailable = 69
    case internalError = 70
    case cannotCreate = 73
    case inputOutput = 74
    case temporary = 75
    case permission = 77
    case interrupted = 130

    /// One line for the help text: the only place where the codes are documented.
    public var meaning: String {
        switch self {
        case .ok: "all went well"
        case .found: "a comparison found a difference (nothing was changed)"
        case .usage: "the command line is wrong"
        case .data: "the configuration or the input is wrong; each mistake is listed with its place"
        case .noInput: "a file that was named cannot be read"
        case .unavailable: "the broker, a topic or another service is not there"
        case .internalError: "a mistake in this program; please report it"
        case .cannotCreate: "a file or folder cannot be made"
        case .inputOutput: "a disk or the network failed while reading or writing"
        case .temporary: "it may work when tried again: someone else holds the data, or a time-out passed"
        case .permission: "not allowed, or refused to protect what was promised until an operator decides"
        case .interrupted: "interrupted from the keyboard before the work was done"
        }
    }
}

/// An error that says with which code the program is to end. All others end with ``ExitCode/internalError``.
public protocol ExitCodeProviding: Error {
    var exitCode: ExitCode { get }
}
