import Glibc

/// Zeroed 64 KiB chunks, cut from larger mappings and given back together at the end. Pages that are never written to
/// take no memory.
struct PageArena: ~Copyable {
    static let chunkBytes = 65_536
    static let mappingBytes = 2 << 20

    private var mappings: ContiguousArray<UnsafeMutableRawPointer> = []
    private var next: UnsafeMutableRawPointer?
    private var left = 0

    mutating func allocate() -> UnsafeMutableRawPointer {
        if left == 0 { map() }
        guard let chunk = next else { preconditionFailure("a mapping has chunks") }
        next = chunk + Self.chunkBytes
        left -= 1
        return chunk
    }

    /// Makes a chunk zero again and gives its memory back until it is used the next time.
    static func clear(_ chunk: UnsafeMutableRawPointer) {
        if madvise(chunk, chunkBytes, MADV_DONTNEED) != 0 {
            chunk.initializeMemory(as: UInt8.self, repeating: 0, count: chunkBytes)
        }
    }

    private mutating func map() {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let mapping = mmap(nil, Self.mappingBytes, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let mapping, mapping != MAP_FAILED else {
            preconditionFailure("no memory for another \(Self.mappingBytes) bytes of prospects (errno \(errno))")
        }
        mappings.append(mapping)
        next = mapping
        left = Self.mappingBytes / Self.chunkBytes
    }

    deinit {
        for mapping in mappings { munmap(mapping, Self.mappingBytes) }
    }
}
