import DiskTestSupport
import Synchronization
import Testing

@testable import Journal

/// Going on in a new segment: what the disk does for it is waited for when a frame is to be written there, not before.
@Suite struct RollTests {
    /// Work that is begun and waits for the test.
    private final class HeldWork: Sendable {
        private let held = Mutex<[@Sendable () -> Void]>([])

        var settings: JournalSettings {
            var settings = inOneThread
            settings.background = { [self] work in held.withLock { $0.append(work) } }
            return settings
        }

        var count: Int { held.withLock { $0.count } }

        func run() {
            let works = held.withLock { held in
                defer { held = [] }
                return held
            }
            for work in works { work() }
        }
    }

    private static let text = String(repeating: "x", count: 3000)

    /// A journal whose next frame goes to a new segment, which is prepared.
    private func full(_ disk: SimulatedDisk, _ work: HeldWork) throws -> ShardJournal {
        let journal = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: work.settings)
        while journal.frameBytesLimit >= work.settings.maximumFrameBytes {
            try journal.append(Self.text)
            work.run()
        }
        return journal
    }

    @Test func nothingIsWaitedForWhileAFrameIsFilled() throws {
        let (fortune, work) = (Fortune(seed: 1), HeldWork())
        let disk = SimulatedDisk(fortune)
        let journal = try full(disk, work)
        let (end, segment, operations) = (journal.head, journal.currentSegment, fortune.operations)
        try journal.beginFrame()
        #expect(fortune.operations == operations)
        #expect(work.count == 1)
        #expect(journal.currentSegment == segment)
        #expect(journal.durable < end.position)
        work.run()
        _ = try journal.appendFrame()
        #expect(journal.currentSegment == end.position)
        #expect(journal.durable == end.position)
        work.run()
        try journal.sync()
        try journal.close()

        let again = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: inOneThread)
        #expect(again.head == journal.head)
        #expect(again.currentSegment == end.position)
    }

    /// What was appended before is made durable by whoever commits it, whether the old segment has been synced or not.
    @Test func theFullSegmentIsSyncedByACommitAsWell() throws {
        let (fortune, work) = (Fortune(seed: 1), HeldWork())
        let journal = try full(SimulatedDisk(fortune), work)
        try journal.beginFrame()
        let sync = try journal.beginSync()
        try journal.endSync(sync, Result { try sync.run() })
        #expect(journal.durable == journal.head.position)
        work.run()
        _ = try journal.appendFrame()
        #expect(journal.durable < journal.head.position)
        work.run()
    }

    @Test func aFrameIsDiscardedAndAnotherBegun() throws {
        let work = HeldWork()
        let journal = try full(SimulatedDisk(Fortune(seed: 1)), work)
        try journal.beginFrame()
        journal.discardFrame()
        try journal.beginFrame()
        #expect(work.count == 1)
        work.run()
        _ = try journal.appendFrame()
        work.run()
    }

    @Test func aFailureIsToldWhenTheFrameIsWritten() throws {
        for operation in 1...3 {
            let (fortune, work) = (Fortune(seed: 1), HeldWork())
            let journal = try full(SimulatedDisk(fortune), work)
            let end = journal.head
            try journal.beginFrame()
            fortune.plan = FaultPlan(scheduled: [fortune.operations + operation: .inputOutput])
            work.run()
            fortune.plan = FaultPlan()
            #expect(code { _ = try journal.appendFrame() } == .inputOutput, "operation \(operation)")
            #expect(code { try journal.sync() } == .failed)
            #expect(journal.head == end)
        }
    }

    /// The kernel tells of lost pages once: to whoever asks first.
    @Test func aFailedSyncFailsEverybody() throws {
        let (fortune, work) = (Fortune(seed: 1), HeldWork())
        let journal = try full(SimulatedDisk(fortune), work)
        let commit = try journal.beginSync()
        try journal.beginFrame()
        fortune.plan = FaultPlan(scheduled: [fortune.operations + 1: .inputOutput])
        work.run()
        fortune.plan = FaultPlan()
        #expect(code { try commit.run() } == .inputOutput)
    }
}
