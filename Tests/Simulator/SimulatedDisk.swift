import Journal
import RandomTestSupport

/// A disk in memory that loses power: what was not synced then survives sector by sector, torn, or not at all, as the
/// world's seed says. Names that were made, renamed or removed and not synced survive up to a random one, in their order.
public final class SimulatedDisk: FileSystem, @unchecked Sendable {
    // Unchecked, because there is one thread.
    static let sectorBytes = 512

    final class Node {
        var now: [UInt8] = []
        /// What is on the disk for certain, and the sectors that may be otherwise.
        var durable: [UInt8] = []
        var dirty: Set<Int> = []
        var isResized = false
    }

    private let world: World
    private var names: [String: Node] = [:]
    private var durableNames: [String: Node] = [:]
    /// One operation each: a rename happens as a whole or not at all.
    private var changes: [[(path: String, node: Node?)]] = []
    private var folders: Set<String> = [""]
    private var locks: Set<String> = []

    public init(world: World) { self.world = world }

    /// Power comes back; what is there then.
    func restart() {
        let kept = Int.random(in: 0...changes.count, using: &world.random)
        for change in changes.prefix(kept).joined() { durableNames[change.path] = change.node }
        changes = []
        names = durableNames
        // In an order that the seed decides, not the hash of a name.
        for path in names.keys.sorted() { names[path].map(settle) }
        locks = []
    }

    private func settle(_ node: Node) {
        let size = node.isResized && world.random.chance(50) ? node.now.count : node.durable.count
        if size > node.durable.count {
            node.durable.append(contentsOf: repeatElement(0, count: size - node.durable.count))
        } else {
            node.durable.removeLast(node.durable.count - size)
        }
        for sector in node.dirty.sorted() where world.random.chance(50) {
            let start = sector * Self.sectorBytes
            let end = min(start + Self.sectorBytes, node.now.count, size)
            guard start < end else { continue }
            let torn = world.random.chance(25) ? Int.random(in: 0..<(end - start), using: &world.random) : end - start
            node.durable[start..<start + torn] = node.now[start..<start + torn]
        }
        node.now = node.durable
        node.dirty = []
        node.isResized = false
    }

    func operate() throws { try world.operate() }

    public func open(_ path: String, _ mode: OpenMode) throws -> any File {
        try operate()
        if mode == .create {
            // Emptying a file in place is never durable by itself; a new node stands for it.
            let node = Node()
            names[path] = node
            changes.append([(path, node)])
            return SimulatedFile(node: node, disk: self)
        }
        guard let node = names[path] else { throw missing(path) }
        return SimulatedFile(node: node, disk: self)
    }

    public func list(_ directory: String) throws -> [String] {
        try operate()
        let prefix = directory + "/"
        let inside = Array(names.keys) + folders
        return Set(inside.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count).prefix { $0 != "/" } })
            .map(String.init).sorted()
    }

    public func exists(_ path: String) throws -> Bool {
        try operate()
        return names[path] != nil || folders.contains(path)
    }

    public func remove(_ path: String) throws {
        try operate()
        guard names.removeValue(forKey: path) != nil else { throw missing(path) }
        changes.append([(path, nil)])
    }

    public func rename(_ from: String, to: String) throws {
        try operate()
        guard let node = names.removeValue(forKey: from) else { throw missing(from) }
        names[to] = node
        changes.append([(to, node), (from, nil)])
    }

    public func makeDirectory(_ path: String, permissions: UInt32) throws {
        try operate()
        folders.insert(path)
    }

    public func syncDirectory(_ path: String) throws {
        try operate()
        for change in changes.joined() { durableNames[change.path] = change.node }
        changes = []
    }

    public func space(at path: String) throws -> DiskSpace? { nil }

    public func lock(_ path: String) throws -> any FileLock {
        guard locks.insert(path).inserted else { throw JournalError(.locked, path: path, message: "is held") }
        return Lock(disk: self, path: path)
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

private final class SimulatedFile: File, @unchecked Sendable {
    private let node: SimulatedDisk.Node
    private let disk: SimulatedDisk

    init(node: SimulatedDisk.Node, disk: SimulatedDisk) {
        self.node = node
        self.disk = disk
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws -> Int {
        try disk.operate()
        guard offset < UInt64(node.now.count) else { return 0 }
        let part = node.now[Int(offset)..<min(node.now.count, Int(offset) + buffer.count)]
        buffer.copyBytes(from: part)
        return part.count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws {
        // A write that meets the end of the power may have happened in part.
        let outcome = Result { try disk.operate() }
        let count = if case .success = outcome { bytes.count } else { bytes.count / 2 }
        let end = Int(offset) + count
        if end > node.now.count {
            node.now.append(contentsOf: repeatElement(0, count: end - node.now.count))
            node.isResized = true
        }
        node.now.withUnsafeMutableBytes { target in
            UnsafeMutableRawBufferPointer(rebasing: target[Int(offset)..<end])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        }
        if count > 0 {
            node.dirty.formUnion(Int(offset) / SimulatedDisk.sectorBytes...(end - 1) / SimulatedDisk.sectorBytes)
        }
        try outcome.get()
    }

    func sync() throws {
        try disk.operate()
        if node.isResized {
            node.durable = node.now
        } else {
            for sector in node.dirty {
                let start = sector * SimulatedDisk.sectorBytes
                let end = min(start + SimulatedDisk.sectorBytes, node.now.count)
                node.durable[start..<end] = node.now[start..<end]
            }
        }
        node.dirty.removeAll(keepingCapacity: true)
        node.isResized = false
    }

    func size() throws -> UInt64 {
        try disk.operate()
        return UInt64(node.now.count)
    }

    func truncate(to size: UInt64) throws {
        try disk.operate()
        node.now = Array(node.now.prefix(Int(size)))
        node.isResized = true
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
        init(_ length: Int) {
            bytes = .allocate(byteCount: length, alignment: 4096)
            bytes.initializeMemory(as: UInt8.self, repeating: 0)
        }
        deinit { bytes.deallocate() }
    }
}
