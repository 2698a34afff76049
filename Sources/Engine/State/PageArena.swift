import Glibc

/// Zeroed 64 KiB chunks, cut from larger mappings and given back together at the end.
///
/// The mappings are 2 MiB and aligned to that, so that the kernel can back them with huge pages: a random look-up among
/// a million prospects otherwise spends as much time on address translation as on the data.
struct PageArena: ~Copyable {
    static let chunkBytes = 65_536
    static let mappingBytes = 2 << 20

    private var mappings: ContiguousArray<UnsafeMutableRawPointer> = []
    private var next: UnsafeMutableRawPointer?
    private var left = 0
    /// Chunks handed out.
    private(set) var chunkCount = 0

    mutating func allocate() -> UnsafeMutableRawPointer {
        if left == 0 { map() }
        guard let chunk = next else { preconditionFailure("a mapping has chunks") }
        next = chunk + Self.chunkBytes
        left -= 1
        chunkCount += 1
        return chunk
    }

    private mutating func map() {
        // Twice the size, then the unaligned ends are given back.
        let size = Self.mappingBytes * 2
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let start = mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED else {
            preconditionFailure("no memory for another \(Self.mappingBytes) bytes of prospects (errno \(errno))")
        }
        let address = UInt(bitPattern: start)
        let aligned = (address + UInt(Self.mappingBytes) - 1) & ~(UInt(Self.mappingBytes) - 1)
        let head = Int(aligned - address)
        let mapping = start + head
        if head > 0 { munmap(start, head) }
        if head < Self.mappingBytes { munmap(mapping + Self.mappingBytes, Self.mappingBytes - head) }
        madvise(mapping, Self.mappingBytes, MADV_HUGEPAGE)
        mappings.append(mapping)
        next = mapping
        left = Self.mappingBytes / Self.chunkBytes
    }

    deinit {
        for mapping in mappings { munmap(mapping, Self.mappingBytes) }
    }
}
