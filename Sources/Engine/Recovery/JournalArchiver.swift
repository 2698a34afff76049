import Journal
import Journey
import Records
import Telemetry

/// Moves what lies before a date from a data directory's journals to an archive, as far as nobody needs it in place: it goes
/// on to start from two snapshots, and no erasure ever has to reach into an archive. The engine is stopped.
public final class JournalArchiver {
    private let directory: DataDirectory
    private let target: String
    private let fileSystem: any FileSystem
    private let topicCount: Int
    private let log: Log

    /// What was done with a shard's journal.
    public struct Outcome: Sendable, Equatable {
        public var partition: Int32
        public var moved = SegmentArchive.Summary()
        /// Where the journal in place begins afterwards.
        public var beginning: UInt64
        /// Why the segment at `beginning`, and so all behind it, stays; `nil` where the journal is empty.
        public var kept: Reason?
    }

    /// Why a segment stays.
    public enum Reason: Sendable, Equatable {
        /// It holds something of then, which is not before the date.
        case young(last: Instant)
        /// No other segment follows, or not all of it and what follows is known to be committed.
        case unfinished
        /// It holds readable personal data. `until`: when the last of the leads that it belongs to reaches the end of its
        /// retention; `nil`: it belongs to none any more, and has not been destroyed yet.
        case personal(records: Int, until: Instant?)
    }

    /// Takes the data directory's lock. Throws `.locked` while an engine runs, `.notFound` where there is none.
    public init(data: String, to target: String, fileSystem: any FileSystem, log: Log) throws {
        // One that is not there must not be made.
        _ = try DataDirectory.openForReading(data, fileSystem: fileSystem)
        directory = try DataDirectory.open(data, fileSystem: fileSystem)
        self.target = target
        self.fileSystem = fileSystem
        self.log = log
        topicCount = try directory.eventTopics()?.count ?? 1
    }

    /// Gives the lock back.
    public func close() { directory.close() }

    /// Moves what can be moved of each shard. What it throws leaves the journals as they are or partly moved, which another run
    /// goes on with; they can be started from in any case.
    ///
    /// - Parameter progress: hears which partition is looked at.
    public func run(before date: Instant, progress: (Int32) -> Void = { _ in }) throws -> [Outcome] {
        guard try directory.rebuilding().isEmpty else { throw EngineError.rebuildInterrupted(directory.path) }
        if try !fileSystem.exists(target) { try fileSystem.makeDirectory(target, permissions: 0o700) }
        return try directory.shards().map { partition in
            progress(partition)
            return try archive(partition, before: date)
        }
    }

    private func archive(_ partition: Int32, before date: Instant) throws -> Outcome {
        let path = directory.shardPath(partition)
        guard try !SegmentArchive.isCutPending(in: path, fileSystem) else {
            throw JournalError(
                .diverged, path: path,
                message: "a cut of it was interrupted: start the engine once, stop it, and archive then")
        }
        let survey = try JournalSurvey.read(path, fileSystem: fileSystem, committed: nil)
        let indexes = try SegmentIndexes(directory: path, fileSystem: fileSystem)
        guard let beginning = try JournalBeginning.find(in: path, fileSystem) else {
            return Outcome(partition: partition, beginning: JournalHead.start.position)
        }
        let segments = indexes.segments.filter { $0.first >= beginning.position }
        var (end, kept) = try young(segments, indexes, survey, before: date)
        if end > beginning.position {
            let state = try restorer(path).restore(to: survey.confirmed.head)
            (end, kept) = try personal(segments, upTo: end, state, path) ?? (end, kept)
        }
        var outcome = Outcome(partition: partition, beginning: end, kept: kept)
        guard let head = end == beginning.position ? beginning : try boundary(end, path) else { return outcome }
        if end > beginning.position { try ensureSnapshots(after: head, survey.confirmed.head, path) }
        // Also where nothing new is to be moved: an archiving that was interrupted may have left something.
        outcome.moved = try SegmentArchive(of: path, to: "\(target)/\(partition)", fileSystem: fileSystem).move(
            upTo: head)
        return outcome
    }

    private func boundary(_ position: UInt64, _ path: String) throws -> JournalHead? {
        try SegmentArchive.boundary(at: position, in: path, fileSystem)
    }

    private func restorer(_ path: String) -> Restorer {
        Restorer(path: path, key: directory.key, fileSystem: fileSystem, topicCount: topicCount, log: log)
    }

    /// Up to where segments lie before the date, and why the next one does not, or has to stay in any case.
    private func young(
        _ segments: [SegmentIndexes.Segment], _ indexes: SegmentIndexes, _ survey: JournalSurvey, before date: Instant
    ) throws -> (end: UInt64, Reason) {
        for segment in segments {
            // A frame that follows, and is committed, proves the segment's hash and is never cut.
            guard let next = segment.next, next < survey.confirmed.position else { return (segment.first, .unfinished) }
            let summary = try indexes.summary(of: segment, upTo: next)
            guard summary.last < date else { return (segment.first, .young(last: summary.last)) }
        }
        return (segments.last?.first ?? JournalHead.start.position, .unfinished)
    }

    /// The first of the segments that holds readable personal data, or whose data the state refers to; `nil`: none does.
    private func personal(
        _ segments: [SegmentIndexes.Segment], upTo end: UInt64, _ state: ShardFold, _ path: String
    ) throws -> (end: UInt64, Reason)? {
        let references = references(of: state, before: end)
        for segment in segments where segment.first < end {
            guard let next = segment.next else { break }
            let records = try readableRecords(segment.first, next, path)
            let until = references.filter { (segment.first..<next).contains($0.record) }.map(\.until).max()
            if records > 0 || until != nil { return (segment.first, .personal(records: records, until: until)) }
        }
        return nil
    }

    /// The records before a position that the state refers to, and when the retention of the leads that do ends.
    private func references(of state: ShardFold, before end: UInt64) -> [(record: UInt64, until: Instant)] {
        var references: [(record: UInt64, until: Instant)] = []
        state.visitProspects { _, prospect in
            var last = Instant.distantPast
            for journey in prospect.journeys {
                let until = journey.openedAt + state.policies[journey.policy].policy.retention
                last = max(last, until)
                for record in [journey.details.record, journey.opening] where record != .none && record.rawValue < end {
                    references.append((record.rawValue, until))
                }
            }
            let contact = prospect.contact.record
            if contact != .none && contact.rawValue < end { references.append((contact.rawValue, last)) }
        }
        return references
    }

    private func readableRecords(_ first: UInt64, _ next: UInt64, _ path: String) throws -> Int {
        var count = 0
        let reader = try JournalReader(
            directory: path, fileSystem: fileSystem, from: first, verification: .everything)
        while reader.head.position < next, let frame = try reader.next(knownEnd: next) {
            try frame.forEachPersonal { if $0.bytes != nil { count += 1 } }
        }
        return count
    }

    /// A start needs a snapshot from behind what is archived, and another one for the day that the first is damaged.
    private func ensureSnapshots(after end: JournalHead, _ confirmed: JournalHead, _ path: String) throws {
        for place in [confirmed, end] {
            let sound = try soundSnapshots(path).filter { $0 >= end.position }
            if sound.count >= 2 { return }
            guard !sound.contains(place.position) else { continue }
            let fold = try restorer(path).restore(to: place)
            try StateSnapshot.write(fold, at: place, directory: path, fileSystem)
        }
        guard try soundSnapshots(path).filter({ $0 >= end.position }).count >= 2 else {
            throw JournalError(
                .damaged, path: path,
                message: "two intact snapshots could not be made, so nothing was moved: check the disk")
        }
    }

    /// The positions of the newest two that can be loaded.
    private func soundSnapshots(_ path: String) throws -> [UInt64] {
        var positions: [UInt64] = []
        var limit = JournalHead.positionLimit
        while positions.count < 2 {
            let position = try SnapshotFile.withNewest(in: path, fileSystem, atOrBelow: limit) { _, _ in
            } _: { snapshot in
                _ = try StateSnapshot.load(snapshot, key: directory.key)
                return snapshot.head.position
            }
            guard let position else { break }
            positions.append(position)
            limit = position - 1
        }
        return positions
    }
}
