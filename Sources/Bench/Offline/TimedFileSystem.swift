import Journal
import Synchronization

/// The system's disk, with a stopwatch at the syncs of segments that are written to.
///
/// Only files that are opened for writing are watched: segments that are prepared ahead are created, by another thread, and
/// nobody waits for them.
final class TimedFileSystem: FileSystem {
    private let disk = POSIXFileSystem()
    let syncs = SyncTimes()

    func open(_ path: String, _ mode: OpenMode) throws -> any File {
        let file = try disk.open(path, mode)
        return mode == .write ? TimedFile(file, syncs) : file
    }
    func list(_ directory: String) throws -> [String] { try disk.list(directory) }
    func exists(_ path: String) throws -> Bool { try disk.exists(path) }
    func remove(_ path: String) throws { try disk.remove(path) }
    func rename(_ from: String, to: String) throws { try disk.rename(from, to: to) }
    func makeDirectory(_ path: String, permissions: UInt32) throws {
        try disk.makeDirectory(path, permissions: permissions)
    }
    func syncDirectory(_ path: String) throws { try disk.syncDirectory(path) }
    func space(at path: String) throws -> DiskSpace? { try disk.space(at: path) }
    func lock(_ path: String) throws -> any FileLock { try disk.lock(path) }
}

/// What syncs have cost, and how much was written between them.
final class SyncTimes: Sendable {
    struct Sync: Sendable {
        var bytes: Int
        var seconds: Double
    }

    private let state = Mutex((syncs: [Sync](), written: 0))

    func wrote(_ bytes: Int) { state.withLock { $0.written += bytes } }

    func synced(_ seconds: Double) {
        state.withLock { state in
            state.syncs.append(Sync(bytes: state.written, seconds: seconds))
            state.written = 0
        }
    }

    /// The syncs since the last call.
    func take() -> [Sync] {
        state.withLock { state in
            defer { state.syncs = [] }
            return state.syncs
        }
    }
}

private final class TimedFile: File {
    private let file: any File
    private let times: SyncTimes

    init(_ file: any File, _ times: SyncTimes) {
        self.file = file
        self.times = times
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws -> Int {
        try file.read(into: buffer, at: offset)
    }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws {
        try file.write(bytes, at: offset)
        times.wrote(bytes.count)
    }
    func sync() throws {
        let watch = Stopwatch()
        try file.sync()
        times.synced(watch.seconds)
    }
    func size() throws -> UInt64 { try file.size() }
    func truncate(to size: UInt64) throws { try file.truncate(to: size) }
    func map(length: Int, _ access: MapAccess) throws -> any MappedRegion { try file.map(length: length, access) }
    func close() { file.close() }
}
