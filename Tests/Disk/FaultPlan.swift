import RandomTestSupport

/// What goes wrong in a run: at named calls, or now and then.
public struct FaultPlan: Sendable {
    /// By the number of the call.
    public var scheduled: [Int: Fault] = [:]
    private var rates: [(fault: Fault, perMillion: UInt64)] = []
    /// Of its own, so that the plan changes nothing else of a run.
    private var random = SeededGenerator(seed: 0)

    public init(scheduled: [Int: Fault] = [:]) { self.scheduled = scheduled }

    /// - Parameter perMillion: how often in a million calls that can meet it.
    public init(seed: UInt64, perMillion: [Fault: Int]) {
        rates = perMillion.sorted { $0.key < $1.key }.map { ($0.key, UInt64($0.value)) }
        random = SeededGenerator(seed: seed ^ 0xFA17)
    }

    mutating func fault(at number: Int, _ call: Call) -> Fault? {
        if let fault = scheduled[number], fault.meets(call) { return fault }
        if rates.isEmpty { return nil }
        var roll = random.next() % 1_000_000
        for (fault, rate) in rates where fault.meets(call) {
            if roll < rate { return fault }
            roll -= rate
        }
        return nil
    }
}
