import RandomTestSupport

/// The process is dead, or its machine has no power: nothing happens any more until it is started again.
public struct Death: Error {}

/// Chance and electricity of one run: numbers every call to disk and brokers, and says what goes wrong with it. There is one
/// thread, so the seed and the plan alone say what happens.
open class Fortune: @unchecked Sendable {
    // Unchecked, because there is one thread.
    public var random: SeededGenerator
    public var plan = FaultPlan()
    /// How many calls there were.
    public private(set) var operations = 0
    /// The call at which the power fails, beside what the plan says.
    public var powerFailsAt: Int?
    /// So many calls are more than a run may take: the process dies at each one behind it.
    public var callLimit = Int.max
    /// How often each fault has happened.
    public private(set) var happened: [Fault: Int] = [:]
    /// What ended the process.
    public private(set) var death: Fault?
    /// Sees every call: its number, what it is, and of what.
    public var witness: ((Int, Call, String) -> Void)?

    public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    public var isDead: Bool { death != nil }

    public func note(_ fault: Fault) { happened[fault, default: 0] += 1 }

    /// Time passes while the process stands still.
    open func suffer(_ fault: Fault) {}

    /// Every call asks first. What can be answered here is; the rest is the caller's to answer.
    public func meet(_ call: Call, _ what: @autoclosure () -> String = "") throws -> Fault? {
        if isDead { throw Death() }
        operations += 1
        witness?(operations, call, what())
        if operations >= callLimit { return try die(.killBefore, call) }
        if let limit = powerFailsAt, operations >= limit {
            // Of a write a part may have happened.
            return try die(.powerBefore, call)
        }
        guard let fault = plan.fault(at: operations, call) else { return nil }
        switch fault {
        case .powerBefore, .killBefore: return try die(fault, call)
        case .sleep, .successor, .clockForward, .clockBack:
            note(fault)
            suffer(fault)
            if isDead { throw Death() }
            return nil
        default:
            note(fault)
            return fault
        }
    }

    private func die(_ fault: Fault, _ call: Call) throws -> Fault? {
        note(fault)
        death = fault
        guard call == .write else { throw Death() }
        return fault
    }

    /// After a call that has happened: whether it was the last one.
    public func survive(_ fault: Fault?) throws {
        guard let fault, fault.isDeath else { return }
        death = fault
        throw Death()
    }

    /// The process can be started again.
    public func revive() {
        death = nil
        powerFailsAt = nil
    }
}
