import Foundation
import Journal
import Testing

@testable import Engine

@Suite("The survey of a journal") struct JournalSurveyTests {
    @Test(arguments: [1, 40, 400]) func aJournalOfAnyNumberOfSegmentsIsSurveyed(events: Int) throws {
        let path = FileManager.default.temporaryDirectory.path + "/winback-survey-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
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
        let survey = try JournalSurvey.read(path, fileSystem: POSIXFileSystem(), committed: nil)
        #expect(survey.head == journal.head)
        // Of the last frame's commit no other frame tells.
        #expect(survey.tail.map(\.head) == [journal.head])
    }
}
