import Glibc

/// Zeroed 64 KiB chunks, cut from larger mappings and given back together at the end. Pages that are never written to
/// take no memory.
///
/// The first mapping is of ordinary pages, so that an idle shard stays small. A store that needs more gets huge ones where
/// the kernel has them: prospects are touched at random, and each touch of an ordinary page costs a walk of the page tables.
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
        let mapping = mappings.isEmpty ? Self.reserve(Self.mappingBytes) : Self.reserveAligned()
        if !mappings.isEmpty { _ = madvise(mapping, Self.mappingBytes, MADV_HUGEPAGE) }
        mappings.append(mapping)
        next = mapping
        left = Self.mappingBytes / Self.chunkBytes
    }

    private static func reserve(_ bytes: Int) -> UnsafeMutableRawPointer {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let mapping = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let mapping, mapping != MAP_FAILED else {
            preconditionFailure("no memory for another \(bytes) bytes of prospects (errno \(errno))")
        }
        return mapping
    }

    /// A mapping that begins at a multiple of its size, as a huge page does: cut out of one of twice the size.
    private static func reserveAligned() -> UnsafeMutableRawPointer {
        let whole = reserve(2 * mappingBytes)
        let before = whole.alignedUp(toMultipleOf: mappingBytes) - whole
        if before > 0 { munmap(whole, before) }
        munmap(whole + before + mappingBytes, mappingBytes - before)
        return whole + before
    }

    deinit {
        for mapping in mappings { munmap(mapping, Self.mappingBytes) }
    }
}
