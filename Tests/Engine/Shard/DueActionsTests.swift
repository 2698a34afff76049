import Journey
import RandomTestSupport
import Testing

@testable import Engine

@Suite("Actions that are due") struct DueActionsTests {
    @Test(arguments: UInt64(1)...6)
    func theyComeByTimeAndJourneyAndNoneBeforeTheHorizonIsKnown(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var actions = DueActions()
        var waiting: [DueActions.Action] = []
        for _ in 0..<2000 {
            if random.chance(30) {
                let action = Self.action(&random)
                actions.append(action)
                waiting.append(action)
            } else if random.chance(10) {
                let count = Int.random(in: 0..<20, using: &random)
                var more = ContiguousArray((0..<count).map { _ in Self.action(&random) })
                waiting += more
                actions.take(&more)
                #expect(more.isEmpty)
            } else {
                let horizon = Instant(milliseconds: Int64.random(in: 0..<50, using: &random))
                let expected = waiting.filter { $0.due < horizon }.min()
                #expect(actions.hasNext(before: horizon) == (expected != nil))
                #expect(actions.next(before: horizon) == expected)
                waiting.removeAll { $0 == expected }
            }
            #expect(actions.count == waiting.count)
        }
    }

    private static func action(_ random: inout SeededGenerator) -> DueActions.Action {
        DueActions.Action(
            due: Instant(milliseconds: Int64.random(in: 0..<50, using: &random)),
            journey: JourneyReference(rawValue: UInt64.random(in: 0..<4, using: &random)), prospect: random.key())
    }

    @Test func ofTwoTimesTheEarlierComesFirstAndOfTwoJourneysTheLower() {
        let order: [(due: Int64, journey: UInt64)] = [(1, 7), (1, 9), (2, 3), (2, 8), (5, 1)]
        var actions = DueActions()
        for place in [3, 0, 4, 2, 1] {
            actions.append(
                DueActions.Action(
                    due: Instant(milliseconds: order[place].due),
                    journey: JourneyReference(rawValue: order[place].journey), prospect: ProspectKey(high: 0, low: 0)))
        }
        for expected in order {
            let action = actions.next(before: .distantFuture)
            #expect(action?.due.milliseconds == expected.due && action?.journey.rawValue == expected.journey)
        }
    }
}
