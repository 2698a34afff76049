/// What can go wrong with a call; its name says it in a test's or a program's argument.
public enum Fault: String, Sendable, CaseIterable, Comparable {
    // The machine.
    case powerBefore = "power-before"
    case powerAfter = "power-after"
    /// The process is killed: what it had not synced stays with the system.
    case killBefore = "kill-before"
    case killAfter = "kill-after"
    /// The process is stopped for an hour and wakes up.
    case sleep
    /// The same, and meanwhile another process works on a copy of its data directory.
    case successor
    /// The wall clock is set, forward or back.
    case clockForward = "clock-forward"
    case clockBack = "clock-back"
    // The disk.
    case inputOutput = "eio"
    /// The disk is full, for a while.
    case full
    /// A part of it is written before the disk is full.
    case shortWrite = "short-write"
    /// A sync fails, and the pages that it could not write look clean from then on.
    case lostPages = "lost-pages"
    // Brokers.
    /// No answer in time, and nothing has happened.
    case timeOut = "time-out"
    /// No answer in time, although it has happened.
    case lostAnswer = "lost-answer"
    /// No answer in time; it happens when the next one asks.
    case late
    case disconnected, retriable, fatal
    /// The transaction has to be aborted.
    case abortable
    /// Another epoch: the coordinator has ended what was open, a time-out for example.
    case fenced
    /// The group takes the partitions back, or gives up on its member.
    case revoked
    case lost

    public static func < (left: Fault, right: Fault) -> Bool { left.rawValue < right.rawValue }

    public func meets(_ call: Call) -> Bool {
        switch self {
        case .powerBefore, .powerAfter, .killBefore, .killAfter, .sleep, .successor: true
        case .clockForward, .clockBack: call == .poll || call == .ends
        case .inputOutput: call.isOfDisk && call != .lock && call != .look
        case .full: [.create, .write, .makeFolder, .rename].contains(call)
        case .shortWrite: call == .write
        case .lostPages: call == .sync
        case .timeOut, .disconnected: !call.isOfDisk && ![.begin, .membership, .poll, .unassign].contains(call)
        case .lostAnswer:
            [.commitOffsets, .initTransactions, .sendOffsets, .commit, .abort].contains(call)
        case .late: call == .commit
        case .retriable: [.commitOffsets, .initTransactions, .sendOffsets, .committed, .ends, .members].contains(call)
        case .fatal: [.initTransactions, .begin, .send, .sendOffsets, .commit, .abort, .poll].contains(call)
        case .abortable: [.send, .sendOffsets, .commit].contains(call)
        case .fenced: [.initTransactions, .begin, .send, .sendOffsets, .commit, .abort, .poll].contains(call)
        case .revoked, .lost: call == .poll
        }
    }

    /// Whether nothing of the process goes on.
    public var isDeath: Bool {
        switch self {
        case .powerBefore, .powerAfter, .killBefore, .killAfter: true
        default: false
        }
    }
}
