import Testing

@testable import Journal

@Suite struct FailureTests {
    @Test func afterAFailedWriteOrSyncNothingIsWrittenAnyMore() throws {
        for operations in 0..<4 {
            let disk = CrashingDisk(seed: 1)
            var settings = small
            settings.background = { $0() }
            let journal = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: settings)
            try journal.append("before")
            try journal.sync()
            disk.stop(after: operations)
            var error: JournalError.Code?
            for _ in 0..<3 where error == nil {
                error = code {
                    try journal.append("now")
                    try journal.sync()
                }
            }
            #expect(error == .inputOutput)
            // The disk works again, but nobody knows what is on it.
            disk.stop(after: nil)
            #expect(code { try journal.append("later") } == .failed)
            #expect(code { try journal.sync() } == .failed)
            #expect(code { try journal.markCleanStop() } == .failed)
            #expect(code { try journal.cut(to: .start) } == .failed)
        }
    }

    @Test func aFailedSyncIsToldAndNeverTriedAgain() throws {
        let disk = CrashingDisk(seed: 1)
        var settings = small
        settings.background = { $0() }
        let journal = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: settings)
        try journal.append("now")
        disk.stop(after: 0)
        #expect(code { try journal.sync() } == .inputOutput)
        // The next one would succeed, and say nothing of the pages that the failed one dropped.
        disk.stop(after: nil)
        #expect(code { try journal.sync() } == .failed)
        #expect(journal.durable < journal.head.position)
    }

    @Test func withoutRandomSaltsNoPersonalDataIsWritten() throws {
        var settings = small
        settings.random = RandomSource { _ in throw JournalError(.inputOutput, path: "random", message: "none") }
        let scratch = Scratch()
        let journal = try open(scratch, settings: settings)
        #expect(code { try journal.append("frame", personal: ["someone"]) } == .inputOutput)
        #expect(try readAll(scratch).isEmpty)
    }

    @Test func aMissingFolderIsReportedWithItsPath() {
        do {
            _ = try disk.list("/nowhere/at/all")
            Issue.record("no error")
        } catch {
            #expect("\(error)".contains("/nowhere/at/all: cannot be listed: No such file or directory"))
        }
    }
}
