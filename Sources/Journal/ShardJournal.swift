/// A sync that is to be run: on whatever thread.
public struct JournalSync: Sendable {
    /// `nil`: everything is durable already.
    let segment: CurrentSegment?
    /// The position up to which the journal is durable when it has succeeded.
    public let end: UInt64

    public func run() throws { try segment?.sync() }
}

/// The append-only journal of one shard, as its one writer sees it.
///
/// A frame is begun, filled and appended; ``sync()`` makes what was appended durable. After the first failure of a
/// write or a sync every call that touches the disk throws: what is on it is unknown, and only opening the journal
/// again finds out. Not for use by several threads at once.
public final class ShardJournal {
    /// The end of the last appended frame.
    public private(set) var head: JournalHead
    /// The newest known confirmation: at open the one found on disk, later the one handed to ``confirm(_:)``.
    public private(set) var confirmed: Confirmation
    /// The journal is durable up to here.
    public private(set) var durable: UInt64

    let directory: String
    let fileSystem: any FileSystem
    let files: OpenSegments
    private let settings: JournalSettings
    private let lock: any FileLock
    private let preparer: SegmentPreparer
    let builder: FrameBuilder
    let personalReader: PersonalReader
    private(set) var isBuilding = false
    private var failed: (any Error)?
    private var current: CurrentSegment
    /// While the current segment is full and the next one, which begins at `first`, is made ready.
    private var rolling: (first: UInt64, work: BackgroundWork)?

    /// Opens a shard's folder, or makes it; finishes an interrupted cut and cuts a torn tail.
    ///
    /// - Parameter committedPosition: a position that is known to have been made durable, from a committed offset's
    ///   metadata for example: a journal that ends before it is damaged, not torn. 0 if none is known.
    /// - Throws: `.locked` while another owner has it open, `.damaged` (and nothing has been changed) if frames are
    ///   missing that were durable, `.diverged` if the journal is not the one that was confirmed.
    public static func open(
        directory: String, fileSystem: any FileSystem, settings: JournalSettings, committedPosition: UInt64 = 0
    ) throws -> ShardJournal {
        try settings.validate(directory)
        if try !fileSystem.exists(directory) { try fileSystem.makeDirectory(directory, permissions: 0o700) }
        let lock = try fileSystem.lock("\(directory)/lock")
        do {
            let opening = JournalOpening(
                directory: directory, fileSystem: fileSystem, settings: settings, committedPosition: committedPosition)
            let journal = try ShardJournal(
                directory, fileSystem, settings, lock: lock, opened: try opening.run())
            try journal.checkConfirmed()
            return journal
        } catch {
            lock.release()
            throw error
        }
    }

    private init(
        _ directory: String, _ fileSystem: any FileSystem, _ settings: JournalSettings, lock: any FileLock,
        opened: JournalOpening.Result
    ) throws {
        self.directory = directory
        self.fileSystem = fileSystem
        self.settings = settings
        self.lock = lock
        head = opened.head
        durable = opened.head.position
        confirmed = opened.confirmed
        current = try CurrentSegment(
            directory: directory, first: opened.segments[opened.segments.count - 1], fileSystem: fileSystem)
        files = OpenSegments(directory: directory, fileSystem: fileSystem, firsts: opened.segments)
        preparer = SegmentPreparer(directory: directory, fileSystem: fileSystem, settings: settings)
        builder = FrameBuilder(random: settings.random)
        personalReader = PersonalReader(directory: directory)
    }

    private func checkConfirmed() throws {
        guard try hash(at: confirmed.position) == confirmed.hash else {
            throw JournalError(
                .diverged, path: directory,
                message: """
                    no frame with the confirmed hash \(confirmed.hash) ends at position \(confirmed.position): the \
                    files are of another history; restore the shard's folder as a whole
                    """)
        }
    }

    /// Begins a frame; one that was being built is discarded.
    ///
    /// - Parameter bytes: the room the frame will need at most, ``JournalSettings/maximumFrameBytes`` if nil. Rolls to
    ///   a new segment when this one has less left.
    public func beginFrame(reserving bytes: Int? = nil) throws {
        try check()
        let wanted = UInt64(bytes ?? settings.maximumFrameBytes)
        if UInt64(frameBytesLimit) < wanted {
            guard wanted <= settings.segmentBytes else { throw tooLarge(Int(wanted)) }
            try guarding { try roll() }
        } else if frameBytesLimit < settings.segmentBytes / 2 {
            preparer.prepare()
        }
        builder.begin(at: head.position)
        isBuilding = true
    }

    /// Adds personal data to the frame being built and returns the position by which to refer to it; never 0.
    public func appendPersonal(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        precondition(isBuilding, "personal data is appended to a frame: begin one first")
        return builder.appendPersonal(bytes)
    }

    /// The position that the next personal record of the frame being built gets.
    public var nextPersonal: UInt64 { builder.nextPersonal }

    /// The position of the newest personal record of the frame being built; the frame's own before the first.
    public var newestPersonal: UInt64 { builder.newestPersonal }

    /// The segment that is written to, as its first position.
    public var currentSegment: UInt64 { current.first }

    /// The body of the frame being built.
    public var body: ByteWriter {
        _read { yield builder.body }
        _modify { yield &builder.body }
    }

    /// The size of the frame being built if it were appended now, and the size at which it no longer can be.
    public var frameBytes: Int { builder.frameBytes }
    public var frameBytesLimit: Int {
        rolling == nil ? Int(current.limit - head.position) : settings.segmentBytes
    }

    /// Seals the frame being built and writes it. It is durable only after ``sync()``.
    public func appendFrame() throws -> JournalHead {
        precondition(isBuilding, "there is no frame to append: begin one first")
        try check()
        isBuilding = false
        guard builder.frameBytes <= frameBytesLimit else { throw tooLarge(builder.frameBytes) }
        try guarding { try finishRoll() }
        var header = FrameHeader()
        header.previousHash = head.hash
        header.durable = durable
        header.confirmed = confirmed
        header = try builder.seal(header)
        try guarding {
            // The body first: a reader that meets the header finds the frame whole.
            try current.write(builder.body.bytes, at: head.position + UInt64(builder.front.count))
            try current.write(builder.front.bytes, at: head.position)
        }
        head = header.head
        return head
    }

    /// Forgets the frame being built.
    public func discardFrame() { isBuilding = false }

    /// Makes everything that was appended durable.
    public func sync() throws {
        let sync = try beginSync()
        try endSync(sync, Result { try sync.run() })
    }

    /// What has to be done to make everything durable that was appended so far. It may be done by another thread while this
    /// one appends; its outcome comes back through ``endSync(_:_:)``, for one after the other.
    public func beginSync() throws -> JournalSync {
        try check()
        return JournalSync(segment: durable < head.position ? current : nil, end: head.position)
    }

    /// Takes note of the outcome, and throws it if it is a failure.
    public func endSync(_ sync: JournalSync, _ outcome: Result<Void, any Error>) throws {
        try guarding { try outcome.get() }
        durable = max(durable, sync.end)
    }

    /// Notes that the commit of a frame is known to have succeeded; written with the next frame.
    public func confirm(_ confirmation: Confirmation) {
        precondition(
            confirmation.position >= confirmed.position && confirmation.position <= durable,
            "only a durable frame is confirmed, and confirmations only move on")
        confirmed = confirmation
    }

    /// Writes the confirmation into a file of its own, durably: at a clean stop no frame follows that would hold it.
    public func markCleanStop() throws {
        try check()
        try guarding { try PositionMark.write(confirmed, to: PositionMark.confirmed, in: directory, fileSystem) }
    }

    /// Drops everything after `head`: snapshots and indexes above it first, then its frames, which are overwritten with zeros.
    ///
    /// Throws `.diverged`, and changes nothing, if no frame with that hash ends there or if frames would be dropped
    /// that are confirmed.
    public func cut(to target: JournalHead) throws {
        try check()
        isBuilding = false
        try guarding { try finishRoll() }
        guard try hash(at: target.position) == target.hash else { throw diverged(target, "no frame with that hash") }
        guard target.position >= confirmed.position else {
            throw diverged(target, "frames up to position \(confirmed.position) are confirmed")
        }
        guard target != head else {
            try guarding {
                try JournalCut.removeDerived(above: head.position, files.firsts, in: directory, fileSystem)
            }
            return
        }
        try guarding {
            preparer.rest()
            try JournalCut(directory: directory, fileSystem: fileSystem).perform(target, end: head.position)
            files.dropAbove(target.position)
            personalReader.forget()
            head = target
            durable = min(durable, target.position)
            current = try CurrentSegment(
                directory: directory, first: files.firsts[files.firsts.count - 1], fileSystem: fileSystem)
        }
    }

    /// Closes the files and gives the lock back.
    ///
    /// Does not sync: what was not synced was not promised to anyone.
    public func close() throws {
        isBuilding = false
        leave()
        current.close()
        files.closeAll()
        failed = failed ?? JournalError(.failed, path: directory, message: "the journal has been closed")
        lock.release()
    }

    deinit {
        leave()
        lock.release()
    }

    /// Waits for whoever works in the background: no other owner may find them at it.
    private func leave() {
        try? rolling?.work.wait()
        preparer.cancel()
    }

    /// Goes on in a new segment. The one before is durable as a whole before a frame is written to the next: a torn tail is
    /// only ever in the last one. The disk has as long for that, and for the new name, as the frame takes to be filled.
    private func roll() throws {
        try preparer.finish()
        let (full, preparer) = (current, preparer)
        let (isDurable, end) = (durable >= head.position, head.position)
        let work = BackgroundWork(settings.background) {
            if !isDurable { try full.sync() }
            // A small first segment that is still empty is replaced: the new one has its name.
            try preparer.take(as: end)
        }
        rolling = (end, work)
    }

    /// The old segment is closed with its last reference: another thread may be at syncing it.
    private func finishRoll() throws {
        guard let (first, work) = rolling else { return }
        try work.wait()
        rolling = nil
        durable = max(durable, first)
        files.add(first)
        current = try CurrentSegment(directory: directory, first: first, fileSystem: fileSystem)
        // Who fills segments needs the next one soon; a quiet shard, which never comes here, does not pay for one.
        preparer.prepare()
    }

    func check() throws {
        guard let failed else { return }
        throw JournalError(
            .failed, path: directory, message: "nothing more is written after an earlier failure (\(failed)): recover")
    }

    private func guarding(_ work: () throws -> Void) throws {
        do { try work() } catch {
            failed = error
            throw error
        }
    }

    private func tooLarge(_ bytes: Int) -> JournalError {
        JournalError(
            .frameTooLarge, path: directory,
            message: """
                a frame of \(bytes) bytes does not fit: \(frameBytesLimit) are left in the segment; make batches \
                smaller or segments larger
                """)
    }

    private func diverged(_ target: JournalHead, _ reason: String) -> JournalError {
        JournalError(
            .diverged, path: directory,
            message: """
                cannot be cut to position \(target.position) with hash \(target.hash): \(reason); its end is \
                \(head.position) with \(head.hash). Find out which of journal and broker was restored from a backup
                """)
    }
}
