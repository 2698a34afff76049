import RandomTestSupport
import Synchronization

@testable import Journal

/// A disk in memory that can lose power: what was not synced then survives sector by sector, or not, as a seed says.
///
/// Names that were made, renamed or removed and not synced survive up to a random one, in their order.
final class CrashingDisk: FileSystem {
    static let sectorBytes = 512

    final class Node: Sendable {
        let content = Mutex<(now: [UInt8], durable: [UInt8])>(([], []))
    }

    private struct State {
        var names: [String: Node] = [:]
        var durableNames: [String: Node] = [:]
        /// One operation each: a rename happens as a whole or not at all.
        var changes: [[(path: String, node: Node?)]] = []
        var folders: Set<String> = []
        var random: SeededGenerator
        var operationsLeft: Int?
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(random: SeededGenerator(seed: seed))) }

    /// Every change from the n-th on throws, as if the machine had stopped; nil for never.
    func stop(after operations: Int?) { state.withLock { $0.operationsLeft = operations } }

    /// Power is lost and comes back.
    func crash() {
        state.withLock { state in
            let kept = Int(state.random.next() % UInt64(state.changes.count + 1))
            for change in state.changes.prefix(kept).joined() { state.durableNames[change.path] = change.node }
            state.changes = []
            state.names = state.durableNames
            for node in Set(state.names.values.map(ObjectIdentifier.init)) {
                guard let file = state.names.values.first(where: { ObjectIdentifier($0) == node }) else { continue }
                Self.settle(file, &state.random)
            }
            state.operationsLeft = nil
        }
    }

    private static func settle(_ node: Node, _ random: inout SeededGenerator) {
        node.content.withLock { content in
            let longer = random.next() % 2 == 0 ? content.now.count : content.durable.count
            var result = content.durable
            result.append(contentsOf: repeatElement(0, count: max(0, longer - result.count)))
            for start in stride(from: 0, to: min(longer, content.now.count), by: sectorBytes) {
                let sector = start..<min(start + sectorBytes, content.now.count, longer)
                guard random.next() % 2 == 0 else { continue }
                // Some sectors are torn in the middle.
                let torn = random.next() % 4 == 0 ? Int(random.next() % UInt64(sector.count)) : sector.count
                for index in sector.prefix(torn) { result[index] = content.now[index] }
            }
            content = (result, result)
        }
    }

    fileprivate func change(_ path: String) throws {
        try state.withLock { state in
            guard let left = state.operationsLeft else { return }
            guard left > 0 else { throw JournalError(.inputOutput, path: path, message: "the machine has stopped") }
            state.operationsLeft = left - 1
        }
    }

    func open(_ path: String, _ mode: OpenMode) throws -> any File {
        if mode == .create { try change(path) }
        let node = try state.withLock { state in
            if mode == .create {
                // Emptying a file in place is never durable by itself; a new node stands for it.
                let node = Node()
                state.names[path] = node
                state.changes.append([(path, node)])
                return node
            }
            guard let node = state.names[path] else { throw JournalError(.notFound, path: path, message: "missing") }
            return node
        }
        return CrashingFile(path: path, node: node, disk: self)
    }

    func list(_ directory: String) throws -> [String] {
        state.withLock { state in
            state.names.keys.filter { $0.hasPrefix(directory + "/") }.map { String($0.dropFirst(directory.count + 1)) }
        }
    }

    func exists(_ path: String) throws -> Bool {
        state.withLock { $0.names[path] != nil || $0.folders.contains(path) }
    }

    func remove(_ path: String) throws {
        try change(path)
        try state.withLock { state in
            guard state.names.removeValue(forKey: path) != nil else {
                throw JournalError(.notFound, path: path, message: "missing")
            }
            state.changes.append([(path, nil)])
        }
    }

    func rename(_ from: String, to: String) throws {
        try change(from)
        try state.withLock { state in
            guard let node = state.names.removeValue(forKey: from) else {
                throw JournalError(.notFound, path: from, message: "missing")
            }
            state.names[to] = node
            state.changes.append([(to, node), (from, nil)])
        }
    }

    func makeDirectory(_ path: String, permissions: UInt32) throws { state.withLock { _ = $0.folders.insert(path) } }

    func syncDirectory(_ path: String) throws {
        try change(path)
        state.withLock { state in
            for change in state.changes.joined() { state.durableNames[change.path] = change.node }
            state.changes = []
        }
    }

    func lock(_ path: String) throws -> any FileLock { NoLock() }

    private final class NoLock: FileLock {
        func release() {}
    }
}

private final class CrashingFile: File {
    private let path: String
    private let node: CrashingDisk.Node
    private let disk: CrashingDisk

    init(path: String, node: CrashingDisk.Node, disk: CrashingDisk) {
        self.path = path
        self.node = node
        self.disk = disk
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws -> Int {
        node.content.withLock { content in
            let part = content.now.dropFirst(Int(offset)).prefix(buffer.count)
            buffer.copyBytes(from: part)
            return part.count
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws {
        // A write that the machine's stop meets may have happened in part.
        let stopped = Result { try disk.change(path) }
        let count = if case .success = stopped { bytes.count } else { bytes.count / 2 }
        node.content.withLock { content in
            let missing = Int(offset) + count - content.now.count
            if missing > 0 { content.now.append(contentsOf: repeatElement(0, count: missing)) }
            for index in 0..<count { content.now[Int(offset) + index] = bytes[index] }
        }
        try stopped.get()
    }

    func sync() throws {
        try disk.change(path)
        node.content.withLock { $0.durable = $0.now }
    }

    func size() throws -> UInt64 { node.content.withLock { UInt64($0.now.count) } }

    func truncate(to size: UInt64) throws {
        try disk.change(path)
        node.content.withLock { $0.now = Array($0.now.prefix(Int(size))) }
    }

    /// Memory of its own with the file's content.
    func map(length: Int, _ access: MapAccess) throws -> any MappedRegion {
        let region = Copy(length)
        _ = try read(into: region.bytes, at: 0)
        return region
    }

    func close() {}

    private final class Copy: MappedRegion, @unchecked Sendable {
        let bytes: UnsafeMutableRawBufferPointer
        init(_ length: Int) { bytes = .allocate(byteCount: length, alignment: 4096) }
        deinit { bytes.deallocate() }
    }
}
