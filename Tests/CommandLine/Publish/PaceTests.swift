import Testing

@testable import winback

@Suite struct PaceTests {
    private func times(_ kind: Pace.Kind, _ own: [Int64?]) -> [Duration] {
        var pace = Pace(kind)
        return own.map { pace.next(time: $0) }
    }

    @Test func withoutAPaceNothingWaits() {
        #expect(times(.unlimited, [0, 5_000, nil]) == [.zero, .zero, .zero])
    }

    @Test func aRateSpreadsEventsEvenly() {
        #expect(
            times(.rate(4), [0, 0, nil, 9]) == [.zero, .milliseconds(250), .milliseconds(500), .milliseconds(750)])
    }

    @Test func aReplayKeepsTheDistancesOfTheEventsOwnTimes() {
        #expect(times(.speed(60), [1_000, 61_000, 181_000]) == [.zero, .seconds(1), .seconds(3)])
        #expect(times(.speed(0.5), [1_000, 2_000]) == [.zero, .seconds(2)])
    }

    @Test func anEventThatComesTooLateInTheFileGoesAtOnce() {
        #expect(times(.speed(1), [10_000, 12_000, 9_000, 13_000]) == [.zero, .seconds(2), .seconds(2), .seconds(3)])
    }

    @Test func anEventWithoutATimeGoesWithTheOneBefore() {
        #expect(times(.speed(1), [nil, 10_000, 12_000, nil]) == [.zero, .zero, .seconds(2), .seconds(2)])
    }
}
