import Journey
import Testing

@testable import Engine

@Suite("The partition clock")
struct PartitionClockTests {
    private let noon = Instant(milliseconds: 1_800_000_000_000)

    private func clock(_ positions: [Int64] = [0]) -> PartitionClock {
        PartitionClock(
            now: .distantPast, positions: positions,
            settings: PartitionClock.Settings(lateness: .seconds(5), maxAge: .seconds(10)))
    }

    private func sample(_ ends: [Int64], boot: Int64 = 1000) -> EndSample {
        EndSample(takenAt: noon + Span(milliseconds: boot), bootMilliseconds: boot, ends: ends)
    }

    @Test func itTicksOnceWhenTheSampledEndHasBeenFolded() {
        var clock = clock()
        clock.offer(sample([3]))
        #expect(clock.tick(bootMilliseconds: 1000) == nil)
        clock.advance(topic: 0, to: 2)
        #expect(clock.tick(bootMilliseconds: 1100) == nil)
        clock.advance(topic: 0, to: 3)
        let tick = clock.tick(bootMilliseconds: 1200)
        #expect(tick?.clock == noon + Span(milliseconds: 1000) - .seconds(5))
        #expect(clock.tick(bootMilliseconds: 1300) == nil)
    }

    @Test func anIdlePartitionTicks() {
        var clock = clock([7])
        clock.offer(sample([7]))
        #expect(clock.tick(bootMilliseconds: 1001) != nil)
    }

    @Test func everyTopicOfTheShardMustHaveBeenFolded() {
        var clock = clock([5, 0])
        clock.offer(sample([5, 1]))
        #expect(clock.tick(bootMilliseconds: 1001) == nil)
        clock.advance(topic: 1, to: 1)
        #expect(clock.tick(bootMilliseconds: 1001) != nil)
    }

    @Test func anEndReportCountsForOffsetsThatNeverArrive() {
        var clock = clock([5])
        clock.offer(sample([6]))
        #expect(clock.tick(bootMilliseconds: 1001) == nil)
        clock.reachEnd(topic: 0, at: 6)
        #expect(clock.tick(bootMilliseconds: 1001) != nil)
    }

    @Test func aSampleOlderThanTenSecondsIsDropped() {
        var clock = clock([0])
        clock.offer(sample([1], boot: 1000))
        clock.advance(topic: 0, to: 1)
        #expect(clock.tick(bootMilliseconds: 11_001) == nil)
        clock.offer(sample([1], boot: 11_000))
        #expect(clock.tick(bootMilliseconds: 11_001) != nil)
    }

    @Test func aPartitionThatLagsLessThanTheMaximumAgeTicksLate() {
        var clock = clock([0])
        for second in 1...5 { clock.offer(sample([Int64(second)], boot: Int64(second) * 1000)) }
        clock.advance(topic: 0, to: 1)
        // The first sample is the one that was reached, though four younger ones came meanwhile.
        #expect(clock.tick(bootMilliseconds: 5500)?.clock == noon + .seconds(1) - .seconds(5))
    }

    @Test func itNeverGoesBack() {
        var clock = clock([0])
        clock.offer(sample([0], boot: 5000))
        let first = clock.tick(bootMilliseconds: 5000)
        clock.offer(EndSample(takenAt: noon, bootMilliseconds: 6000, ends: [0]))
        #expect(clock.tick(bootMilliseconds: 6000) == nil)
        #expect(clock.now == first?.clock)
    }

    @Test func anOpenTransactionIsToldFromLag() {
        var clock = clock([5])
        clock.offer(sample([8]))
        #expect(clock.heldBack(bootMilliseconds: 3500) == .lag)
        clock.reachEnd(topic: 0, at: 5)
        #expect(clock.heldBack(bootMilliseconds: 1500) == .lag)
        #expect(clock.heldBack(bootMilliseconds: 3000) == .openTransaction)
        #expect(clock.heldBack(bootMilliseconds: 20_000) == .noSample)
    }
}

@Suite("The clock guard")
struct ClockGuardTests {
    private let noon = Instant(milliseconds: 1_800_000_000_000)

    @Test(arguments: [(60_000, true), (60_001, false), (-60_000, true), (-60_001, false)] as [(Int64, Bool)])
    func aJumpOfMoreThanAMinuteStops(by: Int64, isGood: Bool) {
        var clockGuard = ClockGuard(rate: 1)
        _ = clockGuard.observe(wall: noon, bootMilliseconds: 0)
        let verdict = clockGuard.observe(wall: noon + Span(milliseconds: 1000 + by), bootMilliseconds: 1000)
        #expect((verdict == .good) == isGood)
    }

    @Test func onceStoppedItStaysStopped() {
        var clockGuard = ClockGuard(rate: 1)
        _ = clockGuard.observe(wall: noon, bootMilliseconds: 0)
        _ = clockGuard.observe(wall: noon + .days(90), bootMilliseconds: 1000)
        let verdict = clockGuard.observe(wall: noon + .days(90) + .seconds(1), bootMilliseconds: 2000)
        #expect(verdict != .good)
    }

    @Test func aSleepOfTheMachineIsNoJump() {
        var clockGuard = ClockGuard(rate: 1)
        _ = clockGuard.observe(wall: noon, bootMilliseconds: 0)
        #expect(clockGuard.observe(wall: noon + .hours(8), bootMilliseconds: 8 * 3_600_000) == .good)
    }
}
