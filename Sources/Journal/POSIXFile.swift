import CLinux
import Glibc
import Synchronization

/// An open file of the operating system.
///
/// Safe to share: the descriptor is only used by positional calls, and closed once.
final class POSIXFile: File {
    private let path: String
    private let descriptor: Int32
    private let isClosed = Atomic(false)

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close() }

    func close() {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        _ = Glibc.close(descriptor)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            let count = retrying { pread(descriptor, base + done, buffer.count - done, off_t(offset) + off_t(done)) }
            guard count >= 0 else { throw failure(path, "cannot be read") }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = retrying { pwrite(descriptor, base + done, bytes.count - done, off_t(offset) + off_t(done)) }
            guard count > 0 else { throw failure(path, "cannot be written") }
            done += count
        }
        // The disk begins at once, so that a sync finds little left to wait for. It promises nothing, so it may fail.
        _ = sync_file_range(descriptor, Int64(offset), Int64(bytes.count), CLINUX_SYNC_FILE_RANGE_WRITE)
    }

    func waitUntilWritten(_ range: Range<UInt64>) throws {
        if range.isEmpty { return }
        let flags =
            CLINUX_SYNC_FILE_RANGE_WAIT_BEFORE | CLINUX_SYNC_FILE_RANGE_WRITE | CLINUX_SYNC_FILE_RANGE_WAIT_AFTER
        let result = retrying {
            Int(sync_file_range(descriptor, Int64(range.lowerBound), Int64(range.count), flags))
        }
        // A write that failed is told of once: here, or by the next sync. Where the file system cannot wait, nobody does.
        guard result == 0 || errno == EINVAL || errno == ENOSYS || errno == ESPIPE else {
            throw failure(path, "cannot be written")
        }
    }

    func sync() throws {
        guard fdatasync(descriptor) == 0 else { throw failure(path, "cannot be synced") }
    }

    func size() throws -> UInt64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, "cannot be looked up") }
        return UInt64(status.st_size)
    }

    func truncate(to size: UInt64) throws {
        guard retrying({ ftruncate(descriptor, off_t(size)) }) == 0 else {
            throw failure(path, "cannot be truncated")
        }
    }

    func map(length: Int, _ access: MapAccess) throws -> any MappedRegion {
        switch access {
        case .readOnly: return try mapPages(length)
        case .ownCopy: return try copy(length)
        }
    }

    private func mapPages(_ length: Int) throws -> POSIXMapping {
        guard let base = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
            throw failure(path, "cannot be mapped")
        }
        // Advice only: a system that does not take it reads more than is asked for.
        _ = madvise(base, length, MADV_RANDOM)
        return POSIXMapping(bytes: UnsafeMutableRawBufferPointer(start: base, count: length))
    }

    /// Reads the file into huge pages, where the kernel has them. Pages that are mapped and copied when they are first written
    /// to are each a fault that stops all the process's threads: with changes all over a large file they took half of the
    /// time of whoever made them.
    private func copy(_ length: Int) throws -> POSIXMapping {
        let hugePage = 2 << 20
        let reserved = length + hugePage
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let base = mmap(nil, reserved, PROT_READ | PROT_WRITE, flags, -1, 0), base != MAP_FAILED else {
            throw failure(path, "has no room in memory")
        }
        // From a multiple of a huge page on; what is left before it takes no memory.
        let start = base.alignedUp(toMultipleOf: hugePage)
        if length >= hugePage { _ = madvise(start, length, MADV_HUGEPAGE) }
        let mapping = POSIXMapping(
            bytes: UnsafeMutableRawBufferPointer(start: start, count: length),
            reserved: UnsafeMutableRawBufferPointer(start: base, count: reserved))
        guard try read(into: mapping.bytes, at: 0) == length else {
            throw JournalError(.inputOutput, path: path, message: "became shorter while it was read")
        }
        return mapping
    }
}

/// Safe to share: the region stays mapped as long as the object lives; who writes to it is its user's matter.
private final class POSIXMapping: MappedRegion, @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
    /// What was mapped, if that is more.
    private let reserved: UnsafeMutableRawBufferPointer

    init(bytes: UnsafeMutableRawBufferPointer, reserved: UnsafeMutableRawBufferPointer? = nil) {
        self.bytes = bytes
        self.reserved = reserved ?? bytes
    }

    deinit { munmap(reserved.baseAddress, reserved.count) }
}
