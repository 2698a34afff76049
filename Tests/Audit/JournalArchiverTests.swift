import Foundation
import Journal
import Journey
import Leads
import RandomTestSupport
import Records
import Telemetry
import Testing

@testable import Audit
@testable import Engine

@Suite("Archiving journals") struct JournalArchiverTests {
    private static let start = AuditHarness.start
    /// Behind the end of the old leads' retention.
    private static let date = start + .days(100) + .hours(1)
    private let archive = FileManager.default.temporaryDirectory.path + "/winback-archive-\(UUID().uuidString)"
    private let disk = POSIXFileSystem()

    private func withHarness(_ body: (AuditHarness) throws -> Void) throws {
        defer { try? FileManager.default.removeItem(atPath: archive) }
        try body(try AuditHarness(segmentBytes: 16384))
    }

    private func shard(_ harness: AuditHarness) -> String { harness.directory + "/shards/0" }

    /// Sixty people whose leads have reached the end of their retention; then ten who wait for a reminder.
    private func story(_ harness: AuditHarness) throws {
        for number in 0..<60 {
            try harness.event("checkout.started", "old-\(number)", at: Self.start + .minutes(Int64(number)))
        }
        for hours in [3, 30] as [Int64] { try harness.tick(Self.start + .hours(hours)) }
        try harness.tick(Self.start + .days(100))
        for number in 0..<10 {
            let time = Self.start + .days(101) + .minutes(Int64(number))
            try harness.event("checkout.started", "new-\(number)", at: time)
        }
        for number in 0..<30 {
            try harness.event("checkout.updated", "new-1", at: Self.start + .days(101) + .minutes(Int64(20 + number)))
        }
    }

    /// Zeroes the personal records that lie before a position, as their destruction does.
    private func destroyPersonal(_ harness: AuditHarness, before end: UInt64) throws {
        var places: [(position: UInt64, bytes: Int)] = []
        let reader = try JournalReader(directory: shard(harness), fileSystem: disk)
        while reader.head.position < end, let frame = try reader.next() {
            try frame.forEachPersonal { places.append(($0.position, $0.bytes?.count ?? 0)) }
        }
        let firsts = try JournalReader.beginnings(of: shard(harness), fileSystem: disk)
        for place in places where place.position < end {
            let first = try #require(firsts.last { $0 <= place.position })
            let file = try disk.open("\(shard(harness))/\(SegmentName.of(first))", .write)
            try [UInt8](repeating: 0, count: 16 + place.bytes).withUnsafeBytes {
                try file.write($0, at: place.position - first + 16)
            }
            file.close()
        }
    }

    private func run(_ harness: AuditHarness, before date: Instant) throws -> JournalArchiver.Outcome {
        let archiver = try JournalArchiver(data: harness.directory, to: archive, fileSystem: disk, log: .silent)
        defer { archiver.close() }
        return try #require(try archiver.run(before: date).first)
    }

    /// What happened to be decided, as text; from where the source can be read.
    private func records(_ source: AuditSource) throws -> [String] {
        let path = source.directory.shardPath(0)
        let first = try #require(try JournalReader.beginnings(of: path, fileSystem: source.fileSystem).first)
        let reader = try JournalReader(directory: path, fileSystem: source.fileSystem, from: first)
        var texts: [String] = []
        while let frame = try reader.next() {
            var records = try RecordReader(frame.body, position: frame.position)
            while let record = try records.next() {
                if case .activation = record { texts.append("activation") } else { texts.append("\(record)") }
            }
        }
        return texts
    }

    /// The state of everyone, for a comparison.
    private func people(_ source: AuditSource) throws -> [String] {
        var texts: [String] = []
        try JournalState(source.directory, partition: 0).visitProspects { key, state, _ in
            texts.append("\(key.high) \(state)")
        }
        return texts.sorted()
    }

    @Test func theEngineGoesOnAndReadersWithTheArchiveSeeEverything() throws {
        try withHarness { harness in
            try story(harness)
            let remindersBefore = harness.reminders.count
            let all = try records(try harness.source())
            let state = try people(try harness.source())
            try harness.engine.close()
            try destroyPersonal(harness, before: try firstOfTheNew(harness))

            let outcome = try run(harness, before: Self.date)
            #expect(outcome.moved.segments > 2, "\(outcome)")
            #expect(outcome.kept != nil)
            let known = try #require(try harness.source().knownSince(0))
            #expect(known.position == outcome.beginning)
            #expect(known.time > Self.start)

            // Without the archive the rest is there, and the same state.
            let rest = try records(try harness.source())
            #expect(rest.count < all.count && rest == Array(all.suffix(rest.count)))
            #expect(try people(try harness.source()) == state)
            // With it, all of it.
            let whole = try AuditSource(path: harness.directory, fileSystem: disk, archives: [archive])
            #expect(try records(whole) == all)
            #expect(try whole.knownSince(0) == nil)

            // Those who were waiting are reminded, and others come.
            try harness.reopenAfterClose()
            try harness.event("checkout.started", "later", at: Self.start + .days(101) + .hours(1))
            try harness.tick(Self.start + .days(101) + .hours(3))
            #expect(harness.reminders.count == remindersBefore + 11)
            let source = try AuditSource(path: harness.directory, fileSystem: disk, archives: [archive])
            #expect(Array(try records(source).prefix(all.count)) == all)
        }
    }

    /// Where the first frame lies that holds personal data of those who wait.
    private func firstOfTheNew(_ harness: AuditHarness) throws -> UInt64 {
        let state = try JournalState(try harness.source().directory, partition: 0)
        var lowest = UInt64.max
        state.visitProspects { _, prospect, _ in
            for journey in prospect.journeys where journey.opening != .none {
                lowest = min(lowest, journey.opening.rawValue)
            }
        }
        return lowest
    }

    @Test func whatHoldsReadablePersonalDataStaysAndIsNamed() throws {
        try withHarness { harness in
            for number in 0..<60 { try harness.event("checkout.started", "p-\(number)") }
            try harness.tick(Self.start + .hours(3))
            try harness.engine.close()
            let outcome = try run(harness, before: Self.start + .days(200))
            #expect(outcome.moved == SegmentArchive.Summary())
            guard case .personal(let records, let until?) = outcome.kept else {
                Issue.record("\(outcome)")
                return
            }
            #expect(records > 0)
            #expect(until == Self.start + .days(90))
            #expect(outcome.beginning == JournalHead.start.position)
            try harness.reopenAfterClose()
        }
    }

    @Test func readableDataThatNobodyRefersToStays() throws {
        try withHarness { harness in
            try story(harness)
            try harness.engine.close()
            let outcome = try run(harness, before: Self.date)
            guard case .personal(_, nil) = outcome.kept else {
                Issue.record("\(outcome)")
                return
            }
            #expect(outcome.moved.segments == 0)
            try harness.reopenAfterClose()
        }
    }

    @Test func whatIsNotBeforeTheDateStays() throws {
        try withHarness { harness in
            try story(harness)
            try harness.engine.close()
            try destroyPersonal(harness, before: try firstOfTheNew(harness))
            let outcome = try run(harness, before: Self.start)
            #expect(outcome.moved.segments == 0)
            guard case .young = outcome.kept else {
                Issue.record("\(outcome)")
                return
            }
            try harness.reopenAfterClose()
        }
    }

    @Test func aRunningEngineIsNotTouched() throws {
        try withHarness { harness in
            try story(harness)
            let error = thrown(JournalError.self) { try run(harness, before: Self.date) }
            #expect(error?.code == .locked)
        }
    }

    @Test func aStartNeedsOneOfTheTwoSnapshotsAndSaysSoWithoutAny() throws {
        try withHarness { harness in
            try story(harness)
            let state = try people(try harness.source())
            try harness.engine.close()
            try destroyPersonal(harness, before: try firstOfTheNew(harness))
            let outcome = try run(harness, before: Self.date)
            let snapshots = try SnapshotListing.read(shard(harness), fileSystem: disk)
            #expect(snapshots.filter { $0.state == .sound && $0.position >= outcome.beginning }.count >= 2)
            let files = try SnapshotFile.newest(in: shard(harness), disk, atOrBelow: .max)
            try disk.remove(files[0].path)
            #expect(try people(try harness.source()) == state)
            for file in files.dropFirst() { try disk.remove(file.path) }
            let error = thrown(JournalError.self) { try people(try harness.source()) }
            #expect(error?.message.contains("archive") == true)
            // The archived segments back in place are a journal as before.
            for name in try disk.list("\(archive)/0") {
                try FileManager.default.copyItem(atPath: "\(archive)/0/\(name)", toPath: "\(shard(harness))/\(name)")
            }
            #expect(try people(try harness.source()) == state)
            try harness.reopenAfterClose()
        }
    }

    @Test func aBackupOfWhatIsLeftCanBeStartedFrom() throws {
        try withHarness { harness in
            try story(harness)
            let state = try people(try harness.source())
            try harness.engine.close()
            try destroyPersonal(harness, before: try firstOfTheNew(harness))
            _ = try run(harness, before: Self.date)
            let copy = harness.directory + ".copy"
            defer { try? FileManager.default.removeItem(atPath: copy) }
            let directory = try DataDirectory.openForReading(harness.directory, fileSystem: disk)
            let indexes = try SegmentIndexes(directory: shard(harness), fileSystem: disk)
            for segment in indexes.segments {
                guard let next = segment.next else { continue }
                let contents = try SegmentContents(of: segment.first, upTo: next, in: shard(harness), disk)
                try SegmentIndexFile.write(contents.encodedIndex(), of: segment.first, in: shard(harness), disk)
            }
            let known = try ShardHead.read(try harness.source(), partition: 0)
            let end = known.head.position + known.pendingBytes
            _ = try DirectoryBackup(of: directory, to: copy).run(confirmed: [0: end]) { _ in }
            #expect(try people(try AuditSource(path: copy, fileSystem: disk)) == state)
            #expect(try AuditSource(path: copy, fileSystem: disk).knownSince(0) != nil)
            let copied = try SegmentIndexes(directory: copy + "/shards/0", fileSystem: disk)
            #expect(copied.segments.map { copied.hasIndex($0) } == copied.segments.map { $0.next != nil })
            try harness.reopenAfterClose()
        }
    }

    @Test func resultsCountWhatIsThereAndKnowSinceWhen() throws {
        try withHarness { harness in
            try story(harness)
            try harness.event("checkout.completed", "new-0", at: Self.start + .days(101) + .hours(1))
            // The frame that says that the purchase was committed.
            try harness.message(nil, at: Self.start + .days(101) + .hours(2))
            let period = Self.start + .days(101)..<Self.start + .days(102)
            let before = try ResultsTable(path: harness.directory, fileSystem: disk).results(openedIn: period)
            try harness.engine.close()
            try destroyPersonal(harness, before: try firstOfTheNew(harness))
            #expect(try ResultsTable(path: harness.directory, fileSystem: disk).knownSince() == nil)
            let outcome = try run(harness, before: Self.date)
            try #require(outcome.moved.segments > 0)
            let table = try ResultsTable(path: harness.directory, fileSystem: disk)
            #expect(try table.results(openedIn: period) == before)
            #expect(try #require(try table.knownSince()) > Self.start)
            try harness.reopenAfterClose()
        }
    }

    @Test func theListingNamesSegmentsAndSnapshotsWhereverTheyLie() throws {
        try withHarness { harness in
            try story(harness)
            try harness.engine.close()
            let before = try JournalListing.read(try harness.source(), partition: 0)
            try destroyPersonal(harness, before: try firstOfTheNew(harness))
            let outcome = try run(harness, before: Self.date)
            let source = try AuditSource(path: harness.directory, fileSystem: disk, archives: [archive])
            let listing = try JournalListing.read(source, partition: 0)
            #expect(listing.segments.map(\.first) == before.segments.map(\.first))
            #expect(listing.segments.map(\.summary) == before.segments.map(\.summary))
            #expect(
                listing.segments.map(\.isArchived) == before.segments.map { $0.first < outcome.beginning })
            #expect(listing.segments.filter(\.isArchived).allSatisfy { $0.fileBytes == $0.usedBytes })
            let last = listing.segments.count - 1
            #expect(listing.segments.map(\.isSealed) == listing.segments.indices.map { $0 < last })
            #expect(listing.snapshots.allSatisfy { $0.state == .sound } && listing.snapshots.count >= 2)
            #expect(before.segments.map(\.summary.commands).reduce(0, +) == UInt64(harness.reminders.count))
            #expect(before.segments[0].span?.lowerBound == Self.start)
            try harness.reopenAfterClose()
        }
    }
}
