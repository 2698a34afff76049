/// The writer's segments, opened for reading when they are asked for.
///
/// At most ``limit`` are open at once; the one opened first is closed for another.
final class OpenSegments {
    private(set) var firsts: [UInt64]
    private let directory: String
    private let fileSystem: any FileSystem
    private var open: [(first: UInt64, file: any File)] = []

    private static let limit = 64

    init(directory: String, fileSystem: any FileSystem, firsts: [UInt64]) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.firsts = firsts
    }

    func add(_ first: UInt64) {
        if firsts.last == first { closeAll() } else { firsts.append(first) }
    }

    func dropAbove(_ position: UInt64) {
        firsts.removeAll { $0 > position }
        closeAll()
    }

    func closeAll() {
        for entry in open { entry.file.close() }
        open.removeAll()
    }

    /// The segment in which `position` lies: the last one that begins at or before it.
    func first(of position: UInt64) -> UInt64? {
        var low = 0
        var high = firsts.count
        while low < high {
            let middle = (low + high) / 2
            if firsts[middle] <= position { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : firsts[low - 1]
    }

    func file(_ first: UInt64) throws -> any File {
        // Newest first: what is read back is mostly young.
        if let entry = open.last(where: { $0.first == first }) { return entry.file }
        if open.count == Self.limit { open.removeFirst().file.close() }
        let file = try fileSystem.open("\(directory)/\(SegmentName.of(first))", .read)
        open.append((first, file))
        return file
    }
}
