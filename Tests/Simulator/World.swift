import Engine
import Journey
import RandomTestSupport

/// The power fails: nothing happens any more until it is back.
public struct PowerFailure: Error {}

/// Time, chance and electricity of one run. Everything happens on one thread, so the seed alone says what.
public final class World: @unchecked Sendable {
    // Unchecked, because there is one thread.
    public var random: SeededGenerator
    public private(set) var wall: Int64
    public private(set) var boot: Int64 = 1_000_000
    /// How many operations on disk and network there were, and at which the power fails.
    public private(set) var operations = 0
    public var powerFailsAt: Int?
    public private(set) var isDead = false
    /// Called whenever time has passed.
    var timePassed: () -> Void = {}

    public init(seed: UInt64, start: Int64) {
        random = SeededGenerator(seed: seed)
        wall = start
    }

    /// Each operation on disk and network asks first.
    func operate() throws {
        operations += 1
        if let limit = powerFailsAt, operations >= limit { isDead = true }
        if isDead { throw PowerFailure() }
    }

    func restorePower() {
        isDead = false
        powerFailsAt = nil
    }

    func advance(_ milliseconds: Int64) {
        wall += milliseconds
        boot += milliseconds
        timePassed()
    }
}

/// The world's clock as the engine sees it; waiting makes it go on.
struct WorldTime: TimeSource {
    let world: World
    var wall: Instant { Instant(milliseconds: world.wall) }
    var bootMilliseconds: Int64 { world.boot }
    var rate: Double { 1 }

    func pause(milliseconds: Int, unless stop: StopSignal) {
        if !stop.isRequested { world.advance(Int64(milliseconds)) }
    }
}
