import Configuration
import Foundation
import Journal
import Journey
import Kafka
import Testing

@testable import Engine

@Suite("The snapshot maker") struct SnapshotMakerTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("winback-\(UUID().uuidString)")
        .path
    private var shard: String { "\(path)/shards/0" }

    private func opening(_ number: Int64, in batch: MessageBatch) {
        let event =
            #"{"specversion":"1.0","id":"e-\#(number)","source":"/checkout","type":"checkout.started","time":"2027-01-15T08:00:00Z","data":{"prospect":{"id":"p-\#(number)","email":"p-\#(number)@example.com"},"product":{"id":"gold","name":"Gold"}}}"#
        batch.release()
        Array(event.utf8).withUnsafeBytes { value in
            _ = batch.append(
                partition: 0, offset: number, timestampMilliseconds: OfflineHarness.start.milliseconds, key: nil,
                value: value)
        }
    }

    private func end() throws -> JournalHead {
        let reader = try JournalReader(directory: shard, fileSystem: POSIXFileSystem())
        while try reader.next() != nil {}
        return reader.head
    }

    @Test func itMakesSnapshotsOfConfirmedFramesOnly() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        var configuration = try Configuration.parse(text: OfflineHarness.memberships)
        configuration.data = path
        configuration.snapshotBytes = 1
        let engine = try OfflineEngine(
            configuration: configuration, partitions: 1, activation: OfflineHarness.start,
            fileSystem: POSIXFileSystem(), journal: JournalSettings(segmentBytes: 1 << 20, maximumFrameBytes: 256 << 10)
        )
        let batch = MessageBatch(capacity: 1)
        opening(0, in: batch)
        try engine.fold(batch)
        try engine.commit()
        let confirmed = try end()
        // Written, and durable perhaps, but nobody knows that it is committed.
        opening(1, in: batch)
        try engine.fold(batch)
        try engine.beginCommit()
        try engine.close()
        #expect(try end().position > confirmed.position)

        let directory = try DataDirectory.openForReading(path, fileSystem: POSIXFileSystem())
        let context = WorkerContext.testing(configuration, directory)
        let confirmation = Journal.Confirmation(position: confirmed.position, hash: confirmed.hash, offset: 1)
        context.board.confirmed([(0, confirmation)], at: OfflineHarness.start)
        SnapshotMaker(context: context).makeIfDue()
        let made = try SnapshotFile.newest(in: shard, POSIXFileSystem(), atOrBelow: .max)
        #expect(made.map(\.position) == [confirmed.position])
        let count = try SnapshotFile.withNewest(in: shard, POSIXFileSystem(), atOrBelow: .max) { _, _ in
        } _: {
            try StateSnapshot.load($0, key: directory.key).prospects.count
        }
        #expect(count == 1)
    }
}
