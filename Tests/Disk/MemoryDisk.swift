import Journal

/// Files in memory that a trial may change behind the journal's back, copy as a whole, and look into while they are read.
///
/// Nothing is lost and nothing fails here: damage is what the trial does to the bytes.
public final class MemoryDisk: FileSystem, @unchecked Sendable {
    // Unchecked, because one thread uses a disk; each thread of a trial has a copy.
    private var nodes: [String: MemoryNode] = [:]
    private var folders: Set<String> = []
    /// Told of every read: the buffer that was filled and the offset in the file. What lies in that buffer is all that the
    /// reader knows of the file, so a byte that is changed there is a byte that the disk gave wrongly.
    public var wasRead: ((UnsafeMutableRawBufferPointer, UInt64) -> Void)?
    /// Whether a mapping is the file's own memory: for trials that only verify what they map.
    public var mapsInPlace = false

    public init() {}

    /// The same files, in memory of their own.
    public func copy() -> MemoryDisk {
        let other = MemoryDisk()
        other.nodes = nodes.mapValues { MemoryNode($0.bytes) }
        other.folders = folders
        return other
    }

    /// The paths of all files, in order.
    public var paths: [String] { nodes.keys.sorted() }

    /// A file's bytes, which may be changed in place; valid until the file is written, cut or removed.
    public func bytes(_ path: String) throws -> UnsafeMutableRawBufferPointer { try node(path).bytes }

    /// Replaces a file, or makes it.
    public func set(_ path: String, to bytes: UnsafeRawBufferPointer) { nodes[path] = MemoryNode(bytes) }

    public func set(_ path: String, to bytes: [UInt8]) { bytes.withUnsafeBytes { set(path, to: $0) } }

    /// Ends a file after so many of its bytes. The rest comes back if it is made longer again.
    public func setLength(_ path: String, _ count: Int) throws { try node(path).setLength(count) }

    public func open(_ path: String, _ mode: OpenMode) throws -> any File {
        if mode == .create { nodes[path] = MemoryNode(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return MemoryFile(node: try node(path), disk: self)
    }

    public func list(_ directory: String) throws -> [String] {
        let prefix = directory + "/"
        var names: Set<String> = []
        for path in nodes.keys where path.hasPrefix(prefix) { names.insert(Self.first(path.dropFirst(prefix.count))) }
        for path in folders where path.hasPrefix(prefix) { names.insert(Self.first(path.dropFirst(prefix.count))) }
        return Array(names)
    }

    private static func first(_ path: Substring) -> String { String(path.prefix { $0 != "/" }) }

    public func exists(_ path: String) throws -> Bool { nodes[path] != nil || folders.contains(path) }

    public func remove(_ path: String) throws {
        guard nodes.removeValue(forKey: path) != nil else { throw missing(path) }
    }

    public func rename(_ from: String, to: String) throws {
        guard let node = nodes.removeValue(forKey: from) else { throw missing(from) }
        nodes[to] = node
    }

    public func makeDirectory(_ path: String, permissions: UInt32) throws { folders.insert(path) }
    public func syncDirectory(_ path: String) throws {}
    public func lock(_ path: String) throws -> any FileLock { NoLock() }

    private func node(_ path: String) throws -> MemoryNode {
        guard let node = nodes[path] else { throw missing(path) }
        return node
    }

    private func missing(_ path: String) -> JournalError {
        JournalError(.notFound, path: path, message: "there is no such file")
    }

    private final class NoLock: FileLock, Sendable {
        func release() {}
    }
}

/// A file's memory.
private final class MemoryNode: MappedRegion, @unchecked Sendable {
    // Unchecked for the same reason as the disk.
    private var memory: UnsafeMutableRawBufferPointer
    private var count: Int

    /// Page-aligned, as a mapping is.
    private static let alignment = 4096

    init(_ content: some Collection<UInt8>) {
        count = content.count
        memory = .allocate(byteCount: max(count, 1), alignment: Self.alignment)
        memory.copyBytes(from: content)
    }

    deinit { memory.deallocate() }

    var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[..<count]) }

    func setLength(_ length: Int) {
        if length > memory.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(length, 2 * memory.count), alignment: Self.alignment)
            larger.copyMemory(from: UnsafeRawBufferPointer(bytes))
            UnsafeMutableRawBufferPointer(rebasing: larger[count...]).initializeMemory(as: UInt8.self, repeating: 0)
            memory.deallocate()
            memory = larger
        }
        count = length
    }
}

private final class MemoryFile: File, @unchecked Sendable {
    private let node: MemoryNode
    private let disk: MemoryDisk

    init(node: MemoryNode, disk: MemoryDisk) {
        self.node = node
        self.disk = disk
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws -> Int {
        let bytes = node.bytes
        guard offset < UInt64(bytes.count) else { return 0 }
        let part = bytes[Int(offset)..<min(bytes.count, Int(offset) + buffer.count)]
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
        disk.wasRead?(UnsafeMutableRawBufferPointer(rebasing: buffer[..<part.count]), offset)
        return part.count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws {
        let end = Int(offset) + bytes.count
        if end > node.bytes.count { node.setLength(end) }
        UnsafeMutableRawBufferPointer(rebasing: node.bytes[Int(offset)..<end]).copyMemory(from: bytes)
    }

    func waitUntilWritten(_ range: Range<UInt64>) {}
    func sync() throws {}
    func size() throws -> UInt64 { UInt64(node.bytes.count) }
    func truncate(to size: UInt64) throws { node.setLength(Int(size)) }

    func map(length: Int, _ access: MapAccess) throws -> any MappedRegion {
        disk.mapsInPlace ? node : MemoryNode(node.bytes[..<length])
    }

    func close() {}
}
