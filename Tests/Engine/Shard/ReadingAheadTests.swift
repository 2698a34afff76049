import Configuration
import DiskTestSupport
import Foundation
import Journal
import Journey
import Kafka
import RandomTestSupport
import Testing

@testable import Engine

@Suite("Reading ahead of the fold") struct ReadingAheadTests {
    /// Events of every kind that the border tells apart, in batches large and small.
    private func play(_ harness: OfflineHarness, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var time = OfflineHarness.start
        for size in [900, 3, 700, 300, 40] {
            try harness.together(before: time + .hours(2)) {
                for _ in 0..<size {
                    time = time + .seconds(1)
                    let prospect = "p-\(Int.random(in: 0..<150, using: &random))"
                    switch Int.random(in: 0..<20, using: &random) {
                    case 0: try harness.fold("{\"no\": \"event\"}", at: time)
                    case 1: try harness.fold("{\"broken", at: time)
                    case 2: try harness.event("cart.viewed", at: time, prospect: prospect)
                    case 3: try harness.event("checkout.completed", at: time, prospect: prospect)
                    case 4: try harness.event("contact.opted-out", at: time, prospect: prospect)
                    case 5...8:
                        try harness.event(
                            "checkout.updated", at: time, prospect: prospect,
                            data: ["product": ["id": "gold", "name": "Gold \(size)"]])
                    default: try harness.start(prospect, at: time)
                    }
                }
            }
        }
        try harness.tick(time + .days(3))
    }

    @Test(arguments: [3, 4, 5] as [UInt64]) func itChangesNothing(seed: UInt64) throws {
        let alone = try OfflineHarness()
        let helped = try OfflineHarness(readsAhead: true)
        for harness in [alone, helped] { try play(harness, seed: seed) }
        #expect(alone.reminderBytes.count > 50 && alone.deadLetters > 100)
        #expect(helped.reminderBytes == alone.reminderBytes, "seed \(seed)")
        #expect(helped.deadLetters == alone.deadLetters)
        #expect(helped.engine.counters == alone.engine.counters)
        #expect(try helped.records() == alone.records())
    }

    /// A disk that refuses a frame ends the fold in the middle of a batch, while the helper reads what lies behind it.
    @Test func aFailureInTheMiddleOfABatchLeavesNothingUnderWay() throws {
        let fortune = Fortune(seed: 1)
        var configuration = try Configuration.parse(text: OfflineHarness.memberships)
        configuration.data = "/data"
        let engine = try OfflineEngine(
            configuration: configuration, partitions: 1, activation: OfflineHarness.start,
            fileSystem: SimulatedDisk(fortune),
            journal: JournalSettings(segmentBytes: 1 << 20, maximumFrameBytes: 64 << 10), readsAhead: true)
        try engine.commit()
        let batch = MessageBatch(capacity: 2000)
        for number in 0..<2000 {
            let event =
                #"{"specversion":"1.0","id":"\#(number)","source":"/c","type":"checkout.started","time":"2027-01-15T08:00:00Z","data":{"prospect":{"id":"p-\#(number)","email":"p-\#(number)@example.com"}}}"#
            Array(event.utf8).withUnsafeBytes { value in
                _ = batch.append(
                    partition: 0, offset: Int64(number), timestampMilliseconds: OfflineHarness.start.milliseconds,
                    key: nil, value: value)
            }
        }
        let calls = fortune.operations
        fortune.plan = FaultPlan(
            scheduled: Dictionary(uniqueKeysWithValues: (calls + 1...calls + 100).map { ($0, .inputOutput) }))
        #expect(thrown(JournalError.self) { try engine.fold(batch) }?.code == .inputOutput)
        // Whoever still read there would read what is no longer anybody's.
        batch.release()
        fortune.plan = FaultPlan()
        try engine.close()
    }
}
