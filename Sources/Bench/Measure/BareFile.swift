import Glibc

/// A file of zeros that is written over and synced with nothing else around it: what the disk can do.
final class BareFile {
    private let descriptor: Int32
    private let path: String
    private let size: Int
    private var offset = 0
    private let block: UnsafeMutableRawBufferPointer

    private static let blockBytes = 1 << 20
    private static let pageBytes = 4096

    init(_ path: String, bytes: Int) throws {
        self.path = path
        size = max(bytes, Self.blockBytes)
        descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        block = .allocate(byteCount: Self.blockBytes, alignment: Self.pageBytes)
        guard descriptor >= 0 else { throw BenchError("cannot write \(path)") }
        block.initializeMemory(as: UInt8.self, repeating: 0)
        var written = 0
        while written < size { written += try write(min(Self.blockBytes, size - written), at: written) }
        try sync()
        block.initializeMemory(as: UInt8.self, repeating: 0x5A)
    }

    deinit {
        block.deallocate()
        if descriptor >= 0 { Glibc.close(descriptor) }
        unlink(path)
    }

    /// Writes so many bytes behind the last ones, or from the file's beginning where it ends.
    func write(_ count: Int) throws {
        if offset + count > size { offset = 0 }
        var left = min(count, size)
        while left > 0 {
            let written = try write(min(left, Self.blockBytes), at: offset)
            offset += written
            left -= written
        }
    }

    func sync() throws {
        guard fdatasync(descriptor) == 0 else { throw BenchError("cannot sync \(path)") }
    }

    private func write(_ count: Int, at offset: Int) throws -> Int {
        let written = pwrite(descriptor, block.baseAddress, count, off_t(offset))
        guard written > 0 else { throw BenchError("cannot write \(path)") }
        return written
    }
}
