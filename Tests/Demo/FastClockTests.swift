import Engine
import Journey
import Synchronization
import Testing

@testable import Demo

@Suite struct FastClockTests {
    /// A clock that is set by hand.
    private final class HandClock: TimeSource {
        private let passed = Atomic<Int64>(0)
        static let start: Int64 = 1_800_000_000_000

        func pass(_ milliseconds: Int64) { passed.add(milliseconds, ordering: .relaxed) }

        var wall: Instant { Instant(milliseconds: Self.start + passed.load(ordering: .relaxed)) }
        var bootMilliseconds: Int64 { 5_000 + passed.load(ordering: .relaxed) }
        var rate: Double { 1 }
    }

    @Test func fourDaysPassInEightySeconds() {
        let hand = HandClock()
        let clock = FastClock(span: .days(4), in: .seconds(80), real: hand)
        #expect(clock.rate == 4320)
        #expect(clock.wall.milliseconds == HandClock.start - Span.days(4).milliseconds)
        hand.pass(20_000)
        #expect(clock.wall.milliseconds == HandClock.start - Span.days(3).milliseconds)
        #expect(clock.bootMilliseconds == 25_000)
    }

    @Test func itNeverRunsIntoTheFuture() {
        let hand = HandClock()
        let clock = FastClock(span: .days(4), in: .seconds(80), real: hand)
        hand.pass(80_000)
        #expect(clock.wall == clock.end)
        hand.pass(1_000_000)
        #expect(clock.wall == clock.end)
        #expect(clock.end.milliseconds == HandClock.start)
    }

    @Test func itNeverGoesBack() {
        let clock = FastClock(span: .days(4), in: .seconds(80))
        var last = clock.start
        for _ in 0..<10_000 {
            let now = clock.wall
            #expect(now >= last)
            last = now
        }
    }
}
