import Glibc
import Journal
import Synchronization

/// The system's disk, with a stopwatch at what is written: at the syncs of segments, and at whatever the thread waits
/// for that folds.
///
/// Only files that are opened for writing are watched: segments that are prepared ahead are created, by another thread,
/// and nobody waits for them.
final class TimedFileSystem: FileSystem {
    private let disk = POSIXFileSystem()
    let times = DiskTimes()

    func open(_ path: String, _ mode: OpenMode) throws -> any File {
        let file = try times.waiting { try disk.open(path, mode) }
        return mode == .write ? TimedFile(file, times) : file
    }
    func list(_ directory: String) throws -> [String] { try times.waiting { try disk.list(directory) } }
    func exists(_ path: String) throws -> Bool { try times.waiting { try disk.exists(path) } }
    func remove(_ path: String) throws { try times.waiting { try disk.remove(path) } }
    func rename(_ from: String, to: String) throws { try times.waiting { try disk.rename(from, to: to) } }
    func makeDirectory(_ path: String, permissions: UInt32) throws {
        try times.waiting { try disk.makeDirectory(path, permissions: permissions) }
    }
    func syncDirectory(_ path: String) throws { try times.waiting { try disk.syncDirectory(path) } }
    func space(at path: String) throws -> DiskSpace? { try disk.space(at: path) }
    func lock(_ path: String) throws -> any FileLock { try disk.lock(path) }
}

/// What the disk has cost.
final class DiskTimes: Sendable {
    struct Sync: Sendable {
        /// Written since the sync before.
        var bytes: Int
        var seconds: Double
    }

    private struct State {
        var syncs: [Sync] = []
        var writtenBytes = 0
        var waitedSeconds = 0.0
    }

    private let state = Mutex(State())
    /// Whoever made it folds.
    private let folder = pthread_self()

    /// Does something with the disk, and counts how long the folding thread waits for it.
    func waiting<R>(_ work: () throws -> R) rethrows -> R {
        guard pthread_equal(folder, pthread_self()) != 0 else { return try work() }
        let watch = Stopwatch()
        defer { state.withLock { $0.waitedSeconds += watch.seconds } }
        return try work()
    }

    func wrote(_ bytes: Int) { state.withLock { $0.writtenBytes += bytes } }

    func synced(_ seconds: Double) {
        state.withLock { state in
            state.syncs.append(Sync(bytes: state.writtenBytes, seconds: seconds))
            state.writtenBytes = 0
        }
    }

    /// The syncs since the last call.
    func takeSyncs() -> [Sync] {
        state.withLock { state in
            defer { state.syncs = [] }
            return state.syncs
        }
    }

    /// For how long the folding thread has waited for the disk, in all.
    var waitedSeconds: Double { state.withLock { $0.waitedSeconds } }
}

private final class TimedFile: File {
    private let file: any File
    private let times: DiskTimes

    init(_ file: any File, _ times: DiskTimes) {
        self.file = file
        self.times = times
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws -> Int {
        try times.waiting { try file.read(into: buffer, at: offset) }
    }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws {
        try times.waiting { try file.write(bytes, at: offset) }
        times.wrote(bytes.count)
    }
    func waitUntilWritten(_ range: Range<UInt64>) throws {
        try times.waiting { try file.waitUntilWritten(range) }
    }
    func sync() throws {
        let watch = Stopwatch()
        try times.waiting { try file.sync() }
        times.synced(watch.seconds)
    }
    func size() throws -> UInt64 { try file.size() }
    func truncate(to size: UInt64) throws { try times.waiting { try file.truncate(to: size) } }
    func map(length: Int, _ access: MapAccess) throws -> any MappedRegion { try file.map(length: length, access) }
    func close() { times.waiting { file.close() } }
}
