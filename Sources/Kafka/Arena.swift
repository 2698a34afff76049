/// Memory for copies that are all given up at once. Chunks stay where they are while the arena grows.
struct Arena: ~Copyable {
    private static let chunkSize = 1 << 20
    private var chunks: [UnsafeMutableRawBufferPointer] = []
    private var current = 0
    private var used = 0

    init() {}

    deinit {
        for chunk in chunks { chunk.deallocate() }
    }

    /// Copies bytes. An empty buffer gets an address too: empty is not null.
    mutating func copy(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
        let size = max(1, bytes.count)
        while current < chunks.count, used + size > chunks[current].count {
            current += 1
            used = 0
        }
        if current == chunks.count {
            chunks.append(.allocate(byteCount: max(Self.chunkSize, size), alignment: 16))
            used = 0
        }
        let target = chunks[current].baseAddress! + used
        if let source = bytes.baseAddress { target.copyMemory(from: source, byteCount: bytes.count) }
        used += size
        return UnsafeRawPointer(target)
    }

    /// Forgets all copies and keeps the memory for the next ones.
    mutating func reset() {
        current = 0
        used = 0
    }
}
