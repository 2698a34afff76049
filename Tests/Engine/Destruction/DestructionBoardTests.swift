import Journey
import Records
import Testing

@testable import Engine

/// When what is to be destroyed is: erasures at once, the end of retention now and then, each until it is done.
@Suite struct DestructionBoardTests {
    private let board = DestructionBoard()
    private static let hour: Int64 = 3_600_000

    private func order(_ numbers: Range<UInt64>, isErasure: Bool, of partition: Int32 = 0) {
        var destructions: [ProspectKey: Destruction] = [:]
        for number in numbers {
            var destruction = Destruction(before: RecordPosition(rawValue: 5000), frame: 4096, isWhole: true)
            if isErasure {
                destruction.erasures = [
                    MessagePlace(topic: 0, offset: Int64(number), time: Instant(milliseconds: 1))
                ]
            }
            destructions[ProspectKey(high: number, low: 0)] = destruction
        }
        board.order(destructions, of: partition, upTo: 6000)
    }

    private func take(at now: Int64, limit: Int = 100) -> (partition: Int32, prospects: [UInt64])? {
        board.takeOrder(at: now, limit: limit).map { order in
            board.finish(order, [])
            return (order.partition, order.destructions.keys.map(\.high).sorted())
        }
    }

    @Test func erasuresAreDestroyedAtOnceAndWhoeverWaitsWithThem() {
        order(0..<2, isErasure: false)
        #expect(take(at: 0)?.prospects == [0, 1])
        order(2..<3, isErasure: false)
        #expect(take(at: 1) == nil)
        order(7..<8, isErasure: true)
        #expect(take(at: 2)?.prospects == [2, 7])
        order(3..<4, isErasure: false)
        #expect(take(at: Self.hour) == nil)
        #expect(take(at: 2 + Self.hour)?.prospects == [3])
    }

    @Test func aPassThatIsFullDoesNotWait() {
        order(0..<1, isErasure: false)
        _ = take(at: 0)
        order(0..<25, isErasure: false)
        #expect(take(at: 1, limit: 10)?.prospects.count == 10)
        #expect(take(at: 2, limit: 10)?.prospects.count == 10)
        #expect(take(at: 3, limit: 10) == nil)
    }

    @Test func theNextPassOfAShardWaitsUntilTheWorkerHasTakenTheResults() throws {
        order(1..<2, isErasure: true)
        let first = try #require(board.takeOrder(at: 0, limit: 10))
        let result = DestroyedRecords(
            prospect: ProspectKey(high: 1, low: 0), before: RecordPosition(rawValue: 5000), count: 3)
        board.finish(first, [result])
        order(2..<3, isErasure: true)
        order(9..<10, isErasure: true, of: 1)
        #expect(take(at: 1)?.partition == 1)
        #expect(take(at: 1) == nil)
        #expect(board.takeResults(0, limit: 10) == [result])
        #expect(take(at: 1)?.prospects == [2])
    }

    @Test func whatFailedIsTriedAgainAndTold() throws {
        order(1..<2, isErasure: true)
        let failure = DestructionFailure(message: "the disk is gone", failedSegment: 4096)
        board.fail(try #require(board.takeOrder(at: 0, limit: 10)), failure, at: 0)
        #expect(board.takeFailure(0) == failure)
        #expect(board.takeFailure(0) == nil)
        #expect(board.status.heldUp.map(\.why) == ["the disk is gone"])
        #expect(take(at: 9_999) == nil)
        board.fail(try #require(board.takeOrder(at: 10_000, limit: 10)), failure, at: 10_000)
        #expect(take(at: 29_999) == nil)
        #expect(take(at: 30_000)?.prospects == [1])
        #expect(board.status.heldUp == [])
    }

    @Test func aShardThatBeginsAnewSaysAgainWhatIsToBeDone() {
        order(1..<3, isErasure: true)
        board.begin(0)
        #expect(take(at: 0) == nil)
    }
}
