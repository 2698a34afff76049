/// Why a worker's session ends: it recovers in a new one, or the process ends.
enum SessionEnd: Error, CustomStringConvertible {
    /// What was not committed is cut off and folded again. Says why.
    case recover(String)
    /// Another member may have taken over: the group is asked before anything else is done.
    case fenced(String)
    /// Asked to stop while it waited.
    case stopped

    var description: String {
        switch self {
        case .recover(let why), .fenced(let why): why
        case .stopped: "asked to stop"
        }
    }
}
