import Configuration
import Foundation
import Journal
import Journey
import Kafka
import Records
import Testing

@testable import Engine

@Suite("The segment indexer") struct SegmentIndexerTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("winback-\(UUID().uuidString)")
        .path
    private var shard: String { "\(path)/shards/0" }

    private func partition(heldBackBy why: String?) -> EngineStatus.Partition {
        EngineStatus.Partition(
            partition: 0, topics: [], clock: nil, heldBackBy: why, lastCommitAt: nil, journalPosition: 0,
            confirmedPosition: 0, prospects: 0, waiting: 0, overdue: 0, events: 0, opened: 0, reminders: 0, skipped: 0,
            converted: 0, deadLetters: 0, unusableAddresses: 0)
    }

    @Test func itMakesAnIndexOfEverySegmentThatIsFinishedAndConfirmedOneATurn() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        var configuration = try Configuration.parse(text: OfflineHarness.memberships)
        configuration.data = path
        let engine = try OfflineEngine(
            configuration: configuration, partitions: 1, activation: OfflineHarness.start,
            fileSystem: POSIXFileSystem(), journal: JournalSettings(segmentBytes: 16384, maximumFrameBytes: 8192))
        let batch = MessageBatch(capacity: 1)
        for number in 0..<120 {
            batch.release()
            let event =
                #"{"specversion":"1.0","id":"e-\#(number)","source":"/c","type":"checkout.started","time":"2027-01-15T08:00:00Z","data":{"prospect":{"id":"p-\#(number)","email":"p-\#(number)@example.com"}}}"#
            Array(event.utf8).withUnsafeBytes { value in
                _ = batch.append(
                    partition: 0, offset: Int64(number), timestampMilliseconds: OfflineHarness.start.milliseconds,
                    key: nil, value: value)
            }
            try engine.fold(batch)
            try engine.commit()
        }
        try engine.close()
        let segments = try SegmentIndexes(directory: shard, fileSystem: POSIXFileSystem()).segments
        try #require(segments.count > 3)

        let directory = try DataDirectory.openForReading(path, fileSystem: POSIXFileSystem())
        let context = WorkerContext.testing(configuration, directory)
        let indexer = SegmentIndexer(context: context)
        func made() throws -> [UInt64] { try SegmentIndexFile.list(shard, POSIXFileSystem()) }
        let end = JournalHead(position: JournalHead.positionLimit, hash: .zero)
        // While a backlog is read there is none.
        context.board.update([partition(heldBackBy: EngineStatus.Partition.lag)])
        indexer.makeIfDue(0, end)
        #expect(try made() == [])
        context.board.update([partition(heldBackBy: nil)])
        // Of the second segment the last frame is not confirmed yet.
        let confirmed = JournalHead(position: segments[1].next! - 8, hash: .zero)
        indexer.makeIfDue(0, confirmed)
        #expect(try made() == [segments[0].first])
        indexer.makeIfDue(0, confirmed)
        #expect(try made() == [segments[0].first])
        indexer.makeIfDue(0, end)
        #expect(try made() == segments.prefix(2).map(\.first))
        for _ in segments { indexer.makeIfDue(0, end) }
        #expect(try made() == segments.dropLast().map(\.first))
        let indexes = try SegmentIndexes(directory: shard, fileSystem: POSIXFileSystem())
        #expect(try indexes.segments.dropLast().allSatisfy { try indexes.verify($0) == .same })

        // One that is damaged is made anew by the next process.
        let damaged = "\(shard)/0000000000004096.index"
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: damaged))
        let next = SegmentIndexer(context: context)
        for _ in segments { next.makeIfDue(0, end) }
        #expect(try indexes.verify(segments[0]) == .same)
    }
}
