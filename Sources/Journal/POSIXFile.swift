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
        let (protection, flags) =
            switch access {
            case .readOnly: (PROT_READ, MAP_SHARED)
            case .copyOnWrite: (PROT_READ | PROT_WRITE, MAP_PRIVATE)
            }
        guard let base = mmap(nil, length, protection, flags, descriptor, 0), base != MAP_FAILED else {
            throw failure(path, "cannot be mapped")
        }
        // Advice only: a system that does not take it reads more than is asked for.
        if access == .readOnly { _ = madvise(base, length, MADV_RANDOM) }
        return POSIXMapping(bytes: UnsafeMutableRawBufferPointer(start: base, count: length))
    }
}

/// Safe to share: the region stays mapped as long as the object lives; who writes to it is its user's matter.
private final class POSIXMapping: MappedRegion, @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    init(bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

    deinit { munmap(bytes.baseAddress, bytes.count) }
}
