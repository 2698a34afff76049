import DiskTestSupport
import Engine
import Journey

/// Time, chance and electricity of one run. Everything happens on one thread, so the seed alone says what.
public final class World: Fortune, @unchecked Sendable {
    /// What everybody's clock shows, but for the engine's machine where that one is wrong.
    public private(set) var wall: Int64
    public private(set) var boot: Int64 = 1_000_000
    /// By how much the engine's machine is ahead of everybody else.
    public var clockError: Int64 = 0
    /// Called whenever time has passed.
    var timePassed: () -> Void = {}
    /// Called when the process has slept, before it goes on.
    var wokeUp: (Fault) -> Void = { _ in }
    static let sleepMilliseconds: Int64 = 3_600_000
    /// How far a clock is set: enough to expire every lead.
    static let jumpMilliseconds: Int64 = 200 * 86_400_000

    public init(seed: UInt64, start: Int64) {
        wall = start
        super.init(seed: seed)
    }

    public func advance(_ milliseconds: Int64) {
        wall += milliseconds
        boot += milliseconds
        timePassed()
    }

    /// Nothing happens to anybody any more. What was to be called holds the world that holds it: a walk through many
    /// thousand of them would keep them all.
    func rest() {
        timePassed = {}
        wokeUp = { _ in }
        witness = nil
        plan = FaultPlan()
    }

    /// What happens elsewhere meanwhile takes no time here.
    func aside<R>(_ body: () throws -> R) rethrows -> R {
        let (wall, boot) = (wall, boot)
        defer { (self.wall, self.boot) = (wall, boot) }
        return try body()
    }

    public override func suffer(_ fault: Fault) {
        switch fault {
        case .sleep:
            advance(Self.sleepMilliseconds)
            wokeUp(fault)
        case .successor: wokeUp(fault)
        case .clockForward: clockError += Self.jumpMilliseconds
        case .clockBack: clockError -= Self.jumpMilliseconds
        default: break
        }
    }
}

/// The world's clock as the engine sees it; waiting makes it go on.
struct WorldTime: TimeSource {
    let world: World
    var wall: Instant { Instant(milliseconds: world.wall + world.clockError) }
    var bootMilliseconds: Int64 { world.boot }
    var rate: Double { 1 }

    func pause(milliseconds: Int, unless stop: StopSignal) {
        if !stop.isRequested { world.advance(Int64(milliseconds)) }
    }
}
