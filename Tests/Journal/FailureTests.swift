import DiskTestSupport
import Testing

@testable import Journal

@Suite struct FailureTests {
    /// Every call of some time fails.
    private func failing(behind calls: Int) -> FaultPlan {
        FaultPlan(scheduled: Dictionary(uniqueKeysWithValues: (calls + 1...calls + 100).map { ($0, .inputOutput) }))
    }

    @Test func afterAFailedWriteOrSyncNothingIsWrittenAnyMore() throws {
        for operations in 0..<4 {
            let fortune = Fortune(seed: 1)
            let journal = try ShardJournal.open(
                directory: "shard", fileSystem: SimulatedDisk(fortune), settings: inOneThread)
            try journal.append("before")
            try journal.sync()
            fortune.plan = failing(behind: fortune.operations + operations)
            var error: JournalError.Code?
            for _ in 0..<3 where error == nil {
                error = code {
                    try journal.append("now")
                    try journal.sync()
                }
            }
            #expect(error == .inputOutput)
            // The disk works again, but nobody knows what is on it.
            fortune.plan = FaultPlan()
            #expect(code { try journal.append("later") } == .failed)
            #expect(code { try journal.sync() } == .failed)
            #expect(code { try journal.markCleanStop() } == .failed)
            #expect(code { try journal.cut(to: .start) } == .failed)
        }
    }

    @Test func aFailedSyncIsToldAndNeverTriedAgain() throws {
        let fortune = Fortune(seed: 1)
        let journal = try ShardJournal.open(
            directory: "shard", fileSystem: SimulatedDisk(fortune), settings: inOneThread)
        try journal.append("now")
        fortune.plan = failing(behind: fortune.operations)
        #expect(code { try journal.sync() } == .inputOutput)
        // The next one would succeed, and say nothing of the pages that the failed one dropped.
        fortune.plan = FaultPlan()
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
