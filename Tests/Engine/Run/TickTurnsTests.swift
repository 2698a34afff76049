import Testing

@testable import Engine

@Suite("Turns in which shards tick") struct TickTurnsTests {
    /// What is due in each partition is decided at most three at a tick, and a turn ends when three have been decided.
    private func turns(due: [Int32: Int], count: Int) -> [[Int32]] {
        var due = due
        var turns = TickTurns()
        return (0..<count).map { _ in
            var ticked: [Int32] = []
            let decided = turns.turn(over: due.keys.sorted(), limit: 3) { partition in
                ticked.append(partition)
                let decided = min(3, due[partition] ?? 0)
                due[partition]? -= decided
                return decided
            }
            #expect(decided < 6)
            return ticked
        }
    }

    @Test func withLittleThatIsDueAllTickInTheirOrder() {
        #expect(turns(due: [4: 1, 0: 0, 2: 1], count: 2) == [[0, 2, 4], [0, 2, 4]])
        #expect(turns(due: [0: 2, 1: 2], count: 1) == [[0, 1]])
        #expect(turns(due: [:], count: 1) == [[]])
    }

    @Test func whoHadToWaitTicksFirstAtTheNextTurn() {
        #expect(
            turns(due: [0: 9, 1: 4, 2: 0, 3: 6], count: 7)
                == [[0], [1], [2, 3], [0], [1, 2, 3], [0], [1, 2, 3, 0]])
    }

    @Test func noShardWaitsForeverBehindOneThatIsAlwaysDue() {
        let ticked = turns(due: [0: 1000, 1: 1, 2: 1000], count: 30)
        for partition: Int32 in 0...2 {
            #expect(ticked.filter { $0.contains(partition) }.count >= 10, "partition \(partition)")
        }
    }
}
