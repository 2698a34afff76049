import Dispatch
import Synchronization

/// Writes the next segment's zeros ahead of its use, so that no append waits for that and none changes metadata.
///
/// Safe to share: what both sides touch is behind the mutex.
final class SegmentPreparer: Sendable {
    private let directory: String
    private let fileSystem: any FileSystem
    private let settings: JournalSettings
    private let work = Mutex<BackgroundWork?>(nil)
    private let isCancelled = Atomic(false)

    private static let chunkBytes = 1 << 20

    init(directory: String, fileSystem: any FileSystem, settings: JournalSettings) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.settings = settings
    }

    static let onDispatch: @Sendable (@escaping @Sendable () -> Void) -> Void = { work in
        DispatchQueue.global(qos: .utility).async(execute: work)
    }

    /// Begins, unless it has begun.
    func prepare() {
        work.withLock { work in
            if work == nil { work = BackgroundWork(settings.background) { [self] in try write() } }
        }
    }

    /// Begins, unless it has begun, and waits until the file is there.
    func finish() throws {
        prepare()
        try work.withLock { $0 }?.wait()
    }

    /// Waits until nobody writes any more.
    func rest() { try? work.withLock { $0 }?.wait() }

    /// Gives up what is being prepared, for good: nobody should wait for zeros when leaving.
    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
        rest()
    }

    /// Gives the prepared file its name, durably, and is ready to prepare another one.
    func take(as position: UInt64) throws {
        try fileSystem.rename(
            "\(directory)/\(SegmentName.prepared)", to: "\(directory)/\(SegmentName.of(position))")
        try fileSystem.syncDirectory(directory)
        work.withLock { $0 = nil }
    }

    private func write() throws {
        let prepared = "\(directory)/\(SegmentName.prepared)"
        if try fileSystem.exists(prepared) {
            // It got its name after its zeros were synced, so only its size may be another than wanted now.
            let file = try fileSystem.open(prepared, .read)
            defer { file.close() }
            if try file.size() == UInt64(settings.segmentBytes) { return }
        }
        let preparing = "\(directory)/\(SegmentName.preparing)"
        let isWritten = try Self.writeZeros(preparing, bytes: settings.segmentBytes, fileSystem) {
            isCancelled.load(ordering: .relaxed)
        }
        guard isWritten else { return }
        try fileSystem.rename(preparing, to: prepared)
        try fileSystem.syncDirectory(directory)
    }

    /// Makes a file of zeros that are really on the disk: blocks that are only reserved change metadata when written.
    ///
    /// Returns false if it was cancelled before the file was complete.
    @discardableResult
    static func writeZeros(
        _ path: String, bytes: Int, _ fileSystem: any FileSystem, isCancelled: () -> Bool = { false }
    ) throws -> Bool {
        let file = try fileSystem.open(path, .create)
        defer { file.close() }
        guard try overwrite(file, 0..<UInt64(bytes), isCancelled) else { return false }
        try file.sync()
        return true
    }

    /// Overwrites a part of a file with zeros; the caller syncs.
    ///
    /// Returns false if it was cancelled before.
    @discardableResult
    static func overwrite(
        _ file: any File, _ range: Range<UInt64>, _ isCancelled: () -> Bool = { false }
    ) throws -> Bool {
        let zeros = UnsafeMutableRawBufferPointer.allocate(byteCount: min(chunkBytes, range.count), alignment: 64)
        defer { zeros.deallocate() }
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        var output = LargeWrite(file, from: range.lowerBound)
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard !isCancelled() else { return false }
            let count = min(zeros.count, Int(range.upperBound - offset))
            try output.write(UnsafeRawBufferPointer(rebasing: zeros[..<count]), at: offset)
            offset += UInt64(count)
        }
        return true
    }
}
