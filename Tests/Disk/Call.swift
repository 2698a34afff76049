/// What a program asks of its disk and of its brokers.
public enum Call: String, Sendable, CaseIterable {
    case open, create, list, look, read, write, sync, size, truncate, remove, rename, lock
    case makeFolder = "make folder"
    case syncFolder = "sync folder"
    case subscribe, poll, assign, unassign, committed, membership, begin, send, commit, abort, ends, beginnings
    case partitions, members, record
    case commitOffsets = "commit offsets"
    case initTransactions = "init transactions"
    case sendOffsets = "send offsets"

    public var isOfDisk: Bool {
        switch self {
        case .open, .create, .list, .look, .read, .write, .sync, .size, .truncate, .remove, .rename, .lock, .makeFolder,
            .syncFolder:
            true
        case .subscribe, .poll, .assign, .unassign, .committed, .membership, .begin, .send, .commit, .abort, .ends,
            .beginnings, .partitions, .members, .record, .commitOffsets, .initTransactions, .sendOffsets:
            false
        }
    }

    /// Everything that can go wrong with it.
    public var faults: [Fault] { Fault.allCases.filter { $0.meets(self) } }
}
