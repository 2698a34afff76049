import Foundation
import Journal
import Testing

@testable import Engine

@Suite("The survey of a journal") struct JournalSurveyTests {
    private let path = FileManager.default.temporaryDirectory.path + "/winback-survey-\(UUID().uuidString)"

    /// - Returns: where it ends.
    private func writeJournal(events: Int) throws -> JournalHead {
        let journal = try ShardJournal.open(
            directory: path, fileSystem: POSIXFileSystem(),
            settings: JournalSettings(segmentBytes: 8192, maximumFrameBytes: 4096))
        for number in 0..<events {
            try journal.beginFrame()
            // A body of the first version, without a record.
            for byte in [1, 0, 0xFF] as [UInt8] { journal.body.append(byte) }
            let head = try journal.appendFrame()
            try journal.sync()
            journal.confirm(Confirmation(position: head.position, hash: head.hash, offset: Int64(number)))
        }
        try journal.close()
        return journal.head
    }

    @Test(arguments: [1, 40, 400]) func aJournalOfAnyNumberOfSegmentsIsSurveyed(events: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let end = try writeJournal(events: events)
        let survey = try JournalSurvey.read(path, fileSystem: POSIXFileSystem(), committed: nil)
        #expect(survey.head == end)
        // Of the last frame's commit no other frame tells.
        #expect(survey.tail.map(\.head) == [end])
    }

    @Test(arguments: [1, 2, 3]) func aJournalWhoseFrontIsInAnArchiveIsSurveyedAsBefore(segments: Int) throws {
        let archive = path + "-archive"
        defer { for folder in [path, archive] { try? FileManager.default.removeItem(atPath: folder) } }
        _ = try writeJournal(events: 400)
        let disk = POSIXFileSystem()
        let beginnings = try JournalReader.beginnings(of: path, fileSystem: disk)
        let end = try #require(try SegmentArchive.boundary(at: beginnings[segments], in: path, disk))
        let before = try JournalSurvey.read(path, fileSystem: disk, committed: end.position)
        #expect(before.hashAtCommitted == end.hash)
        let moved = try SegmentArchive(of: path, to: archive, fileSystem: disk).move(upTo: end)
        #expect(moved.segments == segments)
        let after = try JournalSurvey.read(path, fileSystem: disk, committed: end.position)
        #expect(after.head == before.head && after.tail == before.tail && after.confirmed == before.confirmed)
        // The place where the journal begins now is known from the archive's mark.
        #expect(after.hashAtCommitted == end.hash)
        let earlier = try JournalSurvey.read(path, fileSystem: disk, committed: beginnings[0])
        #expect(earlier.hashAtCommitted == JournalHead.start.hash)
    }
}
