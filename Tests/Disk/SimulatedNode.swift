import RandomTestSupport

/// A file as memory and the disk have it.
///
/// Invariant: outside of `dirty` and `lost` sectors, and up to the smaller size, both have the same bytes.
final class SimulatedNode {
    /// What a program reads.
    var now: [UInt8] = []
    /// What is on the disk for certain.
    private(set) var lowestSize = 0
    var durable: [UInt8] = []
    /// Sectors that may be on the disk as a program reads them, or torn, or not.
    private var dirty: Set<Int> = []
    /// Sectors that look clean, and that a failed sync has not brought to the disk.
    private var lost: Set<Int> = []

    /// Bits that are read wrongly, by their byte.
    private var wrong: [Int: UInt8] = [:]

    func flip(_ bit: Int) { wrong[bit / 8, default: 0] ^= 1 << UInt8(bit % 8) }

    func mend() { wrong = [:] }

    /// The bytes from an offset on, as many as there are and fit.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        guard offset < now.count else { return 0 }
        let end = min(now.count, offset + buffer.count)
        buffer.copyBytes(from: now[offset..<end])
        for (byte, bits) in wrong where byte >= offset && byte < end { buffer[byte - offset] ^= bits }
        return end - offset
    }

    /// - Invariant: the copy has the wrong bits for right ones.
    func copy() -> SimulatedNode {
        let copy = SimulatedNode()
        copy.now = now
        for (byte, bits) in wrong where byte < now.count { copy.now[byte] ^= bits }
        copy.durable = copy.now
        copy.lowestSize = now.count
        return copy
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        guard !bytes.isEmpty else { return }
        let end = offset + bytes.count
        if end > now.count { now.append(contentsOf: repeatElement(0, count: end - now.count)) }
        now.withUnsafeMutableBytes {
            UnsafeMutableRawBufferPointer(rebasing: $0[offset..<end]).copyMemory(from: bytes)
        }
        if !wrong.isEmpty { wrong = wrong.filter { !(offset..<end).contains($0.key) } }
        dirty.formUnion(offset / SimulatedDisk.sectorBytes...(end - 1) / SimulatedDisk.sectorBytes)
        guard !lost.isEmpty else { return }
        // A page is written as a whole.
        let perPage = SimulatedDisk.pageBytes / SimulatedDisk.sectorBytes
        let pages = offset / SimulatedDisk.pageBytes...(end - 1) / SimulatedDisk.pageBytes
        let again = lost.filter { pages.contains($0 / perPage) }
        dirty.formUnion(again)
        lost.subtract(again)
    }

    func truncate(to size: Int) {
        if size < now.count {
            now.removeLast(now.count - size)
            wrong = wrong.filter { $0.key < size }
        } else {
            now.append(contentsOf: repeatElement(0, count: size - now.count))
        }
        lowestSize = min(lowestSize, size)
    }

    func sync() {
        resize(to: now.count)
        for sector in dirty { bring(sector, of: now.count) }
        dirty.removeAll(keepingCapacity: true)
        lowestSize = now.count
    }

    /// - Parameter some: whether some sectors reach the disk all the same.
    func failSync(some: Bool, _ random: inout SeededGenerator) {
        for sector in dirty.sorted() {
            if some, random.chance(50), sector * SimulatedDisk.sectorBytes < durable.count {
                bring(sector, of: durable.count)
            } else {
                lost.insert(sector)
            }
        }
        dirty = []
    }

    /// Memory is needed for something else: what looked clean is read from the disk the next time.
    func dropCleanPages() {
        for sector in lost {
            let start = sector * SimulatedDisk.sectorBytes
            for index in start..<max(start, min(start + SimulatedDisk.sectorBytes, now.count)) {
                now[index] = index < durable.count ? durable[index] : 0
            }
        }
        lost = []
    }

    func settle(_ random: inout SeededGenerator) {
        if now.count != durable.count || lowestSize < durable.count, random.chance(50) { resize(to: now.count) }
        for sector in dirty.sorted() where random.chance(50) {
            let torn = random.chance(25) ? Int.random(in: 0..<SimulatedDisk.sectorBytes, using: &random) : nil
            bring(sector, of: min(durable.count, now.count), bytes: torn)
        }
        now = durable
        dirty = []
        lost = []
        lowestSize = now.count
    }

    private func resize(to size: Int) {
        let kept = min(lowestSize, durable.count)
        if kept < durable.count { durable.removeLast(durable.count - kept) }
        durable.append(contentsOf: repeatElement(0, count: max(0, size - durable.count)))
    }

    private func bring(_ sector: Int, of size: Int, bytes: Int? = nil) {
        let start = sector * SimulatedDisk.sectorBytes
        let end = min(start + (bytes ?? SimulatedDisk.sectorBytes), size)
        if start < end { durable.replaceSubrange(start..<end, with: now[start..<end]) }
    }
}
