/// What the writer reads back from its own journal.
extension ShardJournal {
    /// The hash of the frame that ends at a position; nil if none does.
    ///
    /// Throws `.damaged` if the frame that begins there, and whose header says so, is not intact.
    public func hash(at position: UInt64) throws -> FrameHash? {
        if position == head.position { return head.hash }
        if position == JournalHead.start.position { return JournalHead.start.hash }
        guard position < head.position, let first = files.first(of: position) else { return nil }
        let segment = try SegmentFile(
            directory: directory, first: first, mode: .read, fileSystem: fileSystem, sha: SHA256())
        guard (position - first) % 8 == 0 else { return nil }
        switch try segment.look(at: position) {
        case .frame(let frame): return frame.header.previousHash
        case .blank, .misplaced, .broken(_, nil): return nil
        case .broken(let reason, .some):
            throw JournalReader.damage(segment, at: position, reason, remains: try segment.remains(from: position))
        }
    }

    /// Hands out the personal data that begins at a position: of any frame, also the one being built.
    ///
    /// Throws `.destroyed` if it was destroyed, `.damaged` if it does not match its digest, `.notFound` if no personal
    /// record can begin there, and what `use` throws.
    public func withPersonal<Value>(
        at position: UInt64, _ use: (UnsafeRawBufferPointer) throws -> Value
    ) throws -> Value {
        if position >= head.position {
            guard isBuilding, let bytes = builder.personal(at: position) else { throw noPersonal(position) }
            return try use(bytes)
        }
        guard let first = files.first(of: position) else { throw noPersonal(position) }
        return try use(
            try personalReader.read(position, from: try files.file(first), first: first, head: head.position))
    }

    private func noPersonal(_ position: UInt64) -> JournalError {
        JournalError(
            .notFound, path: directory, message: "no personal data begins at position \(position) of this journal")
    }
}
