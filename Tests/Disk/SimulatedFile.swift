import Journal

final class SimulatedFile: File, @unchecked Sendable {
    // Unchecked, because there is one thread.
    private let path: String
    private let node: SimulatedNode
    private let disk: SimulatedDisk

    init(path: String, node: SimulatedNode, disk: SimulatedDisk) {
        self.path = path
        self.node = node
        self.disk = disk
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws -> Int {
        try disk.perform(.read, path) { node.read(into: buffer, at: Int(clamping: offset)) }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws {
        let fault = try disk.meet(.write, path, needsRoom: Int(offset) + bytes.count > node.now.count)
        switch fault {
        case .shortWrite, .powerBefore, .killBefore:
            node.write(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)]), at: Int(offset))
        case .inputOutput, .full: break
        default: node.write(bytes, at: Int(offset))
        }
        if let failure = disk.failure(fault, .write, path) { throw failure }
        try disk.fortune.survive(fault)
    }

    /// What is written at once has nobody waiting for it; what fails, fails when it is written or synced.
    func waitUntilWritten(_ range: Range<UInt64>) {}

    func sync() throws {
        let fault = try disk.meet(.sync, path)
        if let failure = disk.failure(fault, .sync, path) {
            node.failSync(some: fault == .inputOutput, &disk.fortune.random)
            throw failure
        }
        node.sync()
        try disk.fortune.survive(fault)
    }

    func size() throws -> UInt64 { try disk.perform(.size, path) { UInt64(node.now.count) } }

    func truncate(to size: UInt64) throws { try disk.perform(.truncate, path) { node.truncate(to: Int(size)) } }

    /// Memory of its own with the file's content.
    func map(length: Int, _ access: MapAccess) throws -> any MappedRegion {
        try disk.perform(.read, path) {
            let region = Copy(length)
            _ = node.read(into: region.bytes, at: 0)
            return region
        }
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
