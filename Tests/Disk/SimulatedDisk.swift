import Journal
import RandomTestSupport

/// A disk in memory that fails as disks do.
///
/// When the power fails, what was not synced survives sector by sector, torn, or not at all, as the seed says; names that were
/// made, renamed or removed and not synced survive up to a random one, in their order. A killed process loses nothing.
/// A sync that fails leaves pages that look clean: what they hold is read until they are dropped from memory, and no later
/// sync writes them unless they are written again.
public final class SimulatedDisk: FileSystem, @unchecked Sendable {
    // Unchecked, because there is one thread.
    static let sectorBytes = 512
    static let pageBytes = 4096
    /// A full disk stays full for so many calls.
    private static let fullCalls = 300

    let fortune: Fortune
    private var names: [String: SimulatedNode] = [:]
    private var durableNames: [String: SimulatedNode] = [:]
    /// One operation each: a rename happens as a whole or not at all.
    private var changes: [[(path: String, node: SimulatedNode?)]] = []
    private var folders: Set<String> = [""]
    private var locks: Set<String> = []
    private var fullUntil = 0

    public init(_ fortune: Fortune) { self.fortune = fortune }

    // MARK: What happens to it

    /// What is there when the process is started again, after whatever ended it.
    public func restart() {
        locks = []
        fullUntil = 0
        if fortune.death == .powerBefore || fortune.death == .powerAfter {
            losePower()
        } else {
            // Whether the system has dropped pages from memory meanwhile.
            forEachFile { if fortune.random.chance(50) { $0.dropCleanPages() } }
        }
    }

    /// The power fails and comes back.
    public func losePower() {
        locks = []
        let kept = Int.random(in: 0...changes.count, using: &fortune.random)
        for change in changes.prefix(kept).joined() { durableNames[change.path] = change.node }
        changes = []
        names = durableNames
        forEachFile { $0.settle(&fortune.random) }
    }

    /// In an order that the seed decides, not the hash of a name.
    private func forEachFile(_ body: (SimulatedNode) -> Void) {
        for path in names.keys.sorted() { names[path].map(body) }
    }

    /// A copy of all files as a program reads them, on a disk of its own.
    public func copy(_ fortune: Fortune? = nil) -> SimulatedDisk {
        let copy = SimulatedDisk(fortune ?? self.fortune)
        copy.names = names.mapValues { $0.copy() }
        copy.durableNames = copy.names
        copy.folders = folders
        return copy
    }

    /// The files, and how long they are.
    public var files: [(path: String, bytes: Int)] {
        names.sorted { $0.key < $1.key }.map { ($0.key, $0.value.now.count) }
    }

    /// A bit turns over while nobody looks, and is read so until its byte is written again.
    public func flip(_ path: String, bit: Int) { names[path]?.flip(bit) }

    /// Whether a byte is zero, as most are where nothing was written yet.
    public func isZero(_ path: String, byte: Int) -> Bool { names[path]?.now[byte] == 0 }

    /// All bits are again as they were written.
    public func mend() { forEachFile { $0.mend() } }

    // MARK: What a program asks

    /// - Parameter fault: what the disk itself has to answer.
    func failure(_ fault: Fault?, _ call: Call, _ path: String) -> JournalError? {
        switch fault {
        case .inputOutput, .lostPages:
            JournalError(.inputOutput, path: path, message: "\(call.rawValue): Input/output error")
        case .full, .shortWrite:
            JournalError(.inputOutput, path: path, message: "\(call.rawValue): No space left on device")
        default: nil
        }
    }

    /// Does what is asked for, unless something goes wrong.
    func perform<R>(_ call: Call, _ path: String, _ effect: () throws -> R) throws -> R {
        let fault = try meet(call, path)
        if let failure = failure(fault, call, path) { throw failure }
        let result = try effect()
        try fortune.survive(fault)
        return result
    }

    func meet(_ call: Call, _ path: String, needsRoom: Bool = false) throws -> Fault? {
        var fault = try fortune.meet(call, path)
        if fault == .full || fault == .shortWrite { fullUntil = fortune.operations + Self.fullCalls }
        let isFull = fortune.operations < fullUntil && (needsRoom || call == .create)
        if fault == nil, isFull { fault = .full }
        return fault
    }

    public func open(_ path: String, _ mode: OpenMode) throws -> any File {
        try perform(mode == .create ? .create : .open, path) {
            if mode == .create {
                // Emptying a file in place is never durable by itself; a new node stands for it.
                let node = SimulatedNode()
                names[path] = node
                changes.append([(path, node)])
                return SimulatedFile(path: path, node: node, disk: self)
            }
            guard let node = names[path] else { throw missing(path) }
            return SimulatedFile(path: path, node: node, disk: self)
        }
    }

    public func list(_ directory: String) throws -> [String] {
        try perform(.list, directory) {
            let prefix = directory + "/"
            let inside = Array(names.keys) + folders
            return Set(inside.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count).prefix { $0 != "/" } })
                .map(String.init).sorted()
        }
    }

    public func exists(_ path: String) throws -> Bool {
        try perform(.look, path) { names[path] != nil || folders.contains(path) }
    }

    public func remove(_ path: String) throws {
        try perform(.remove, path) {
            guard names.removeValue(forKey: path) != nil else { throw missing(path) }
            changes.append([(path, nil)])
        }
    }

    public func rename(_ from: String, to: String) throws {
        try perform(.rename, from) {
            guard let node = names.removeValue(forKey: from) else { throw missing(from) }
            names[to] = node
            changes.append([(to, node), (from, nil)])
        }
    }

    /// A folder that was made survives.
    public func makeDirectory(_ path: String, permissions: UInt32) throws {
        try perform(.makeFolder, path) { _ = folders.insert(path) }
    }

    public func syncDirectory(_ path: String) throws {
        try perform(.syncFolder, path) {
            let isInside = { (change: (path: String, node: SimulatedNode?)) in
                change.path.hasPrefix(path + "/") && !change.path.dropFirst(path.count + 1).contains("/")
            }
            for change in changes where change.contains(where: isInside) {
                for (path, node) in change { durableNames[path] = node }
            }
            changes.removeAll { $0.contains(where: isInside) }
        }
    }

    public func space(at path: String) throws -> DiskSpace? { nil }

    public func lock(_ path: String) throws -> any FileLock {
        try perform(.lock, path) {
            guard locks.insert(path).inserted else { throw JournalError(.locked, path: path, message: "is held") }
            return Lock(disk: self, path: path)
        }
    }

    private func missing(_ path: String) -> JournalError {
        JournalError(.notFound, path: path, message: "there is no such file")
    }

    private final class Lock: FileLock, @unchecked Sendable {
        private let disk: SimulatedDisk
        private let path: String

        init(disk: SimulatedDisk, path: String) {
            self.disk = disk
            self.path = path
        }

        func release() { disk.locks.remove(path) }
    }
}
