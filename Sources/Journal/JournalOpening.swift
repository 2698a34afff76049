/// What a writer does before its first append: finishes a cut, finds the end, and cuts a torn tail.
struct JournalOpening {
    let directory: String
    let fileSystem: any FileSystem
    let settings: JournalSettings
    /// Known from elsewhere to have been made durable; 0 if nothing is known.
    let committedPosition: UInt64
    let sha = SHA256()

    struct Result {
        var segments: [UInt64]
        var head: JournalHead
        var confirmed: Confirmation
    }

    func run() throws -> Result {
        try finishCut()
        var segments = try SegmentName.list(directory, fileSystem)
        if segments.isEmpty {
            guard committedPosition <= JournalHead.start.position else {
                throw JournalError(
                    .notFound, path: directory,
                    message: """
                        there is no journal, but frames up to position \(committedPosition) were committed: restore \
                        the shard's folder from a backup
                        """)
            }
            try createFirst()
            segments = [JournalHead.start.position]
        }
        guard let beginning = try JournalBeginning.find(in: directory, fileSystem) else {
            throw missing(before: segments[0])
        }
        let mark = try PositionMark.read(PositionMark.confirmed, in: directory, fileSystem)
        let (head, inFrames) = try findEnd(
            segments, beginning, known: max(committedPosition, mark?.position ?? 0))
        return Result(
            segments: segments, head: head,
            confirmed: [mark, inFrames].compactMap { $0 }.max { $0.position < $1.position } ?? .none)
    }

    private func finishCut() throws {
        guard let cut = try PositionMark.read(PositionMark.cut, in: directory, fileSystem) else { return }
        // What a failed sync has left looks clean and may not be on the disk: all of it is overwritten again.
        try JournalCut(directory: directory, fileSystem: fileSystem).finish(cut.position, through: nil)
    }

    private func createFirst() throws {
        let preparing = "\(directory)/\(SegmentName.preparing)"
        try SegmentPreparer.writeZeros(preparing, bytes: settings.firstSegmentBytes, fileSystem)
        try fileSystem.rename(preparing, to: "\(directory)/\(SegmentName.of(JournalHead.start.position))")
        try fileSystem.syncDirectory(directory)
    }

    /// Only the last segment can have a torn tail: before another one is begun, its predecessor is synced.
    private func findEnd(
        _ segments: [UInt64], _ beginning: JournalHead, known: UInt64
    ) throws -> (JournalHead, Confirmation?) {
        let last = try segment(segments[segments.count - 1], .write)
        var (head, confirmed) = try walk(last)
        if head == nil {
            head = beginning
            if last.first > beginning.position {
                let previous = try segment(segments[segments.count - 2], .read)
                (head, confirmed) = try walk(previous)
                guard head?.position == last.first else { throw missing(before: last.first) }
            }
        } else if last.first > beginning.position {
            let previous = try segment(segments[segments.count - 2], .read)
            guard previous.limit >= last.first else { throw missing(before: last.first) }
        }
        let end = head ?? beginning
        try cutTail(last, at: end.position, known: known)
        return (end, confirmed)
    }

    private func segment(_ first: UInt64, _ mode: OpenMode) throws -> SegmentFile {
        try SegmentFile(directory: directory, first: first, mode: mode, fileSystem: fileSystem, sha: sha)
    }

    /// Follows checksums and chain to the end of the valid frames; nil if there is none.
    private func walk(_ segment: SegmentFile) throws -> (JournalHead?, Confirmation?) {
        var head: JournalHead?
        var confirmed: Confirmation?
        while case .frame(let frame) = try segment.look(at: head?.position ?? segment.first) {
            if let head, frame.header.previousHash != head.hash { break }
            head = frame.head
            confirmed = frame.confirmed
        }
        return (head, confirmed)
    }

    private func cutTail(_ segment: SegmentFile, at position: UInt64, known: UInt64) throws {
        if case .misplaced(let frame) = try segment.look(at: position) { throw misplaced(frame) }
        let remains = try segment.remains(from: position)
        let durable = max(known, remains.durable)
        guard durable <= position else {
            throw JournalReader.damage(
                segment, at: position, "frames up to position \(durable) were durable, but no intact one is here",
                remains: remains)
        }
        if let end = remains.end {
            try SegmentPreparer.overwrite(segment.file, position - segment.first..<max(end, position - segment.first))
        }
        // Also makes frames durable that were written, but not synced, when the last writer was killed.
        try segment.file.sync()
    }

    private func misplaced(_ frame: Frame) -> JournalError {
        frame.damage(0, "an intact frame lies where another one belongs, so files were renamed or copied")
    }

    private func missing(before position: UInt64) -> JournalError {
        JournalBeginning.missing(before: position, directory)
    }
}
