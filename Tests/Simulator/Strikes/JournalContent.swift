import Journal

/// A shard's journal as somebody finds it who knows nothing of the engine's recovery: every frame that can be read.
struct JournalContent {
    struct Frame: Equatable {
        /// Where it ends.
        var end: UInt64
        var hash: FrameHash
        /// `nil`: destroyed.
        var personal: [[UInt8]?]
    }

    private(set) var frames: [Frame] = []
    private(set) var confirmed: UInt64 = 0

    var end: UInt64 { frames.last?.end ?? 0 }
    var isConfirmed: Bool { end == confirmed }

    /// - Throws: `JournalError` on damage.
    init(ofPartition partition: Int32, on disk: any FileSystem) throws {
        let directory = "/simulated/shards/\(partition)"
        guard try disk.exists(directory), try !JournalReader.beginnings(of: directory, fileSystem: disk).isEmpty else {
            return
        }
        let reader = try JournalReader(directory: directory, fileSystem: disk, verification: .everything)
        while let frame = try reader.next() {
            var personal: [[UInt8]?] = []
            try frame.forEachPersonal { personal.append($0.bytes.map { Array($0) }) }
            frames.append(Frame(end: frame.head.position, hash: frame.head.hash, personal: personal))
        }
        confirmed = try reader.confirmation().position
    }

    func hash(at position: UInt64) -> FrameHash? { frames.first { $0.end == position }?.hash }
}
