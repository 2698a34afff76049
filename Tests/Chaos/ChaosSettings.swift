import Foundation

public struct ChaosSettings: Sendable {
    public var cycles: Int
    public var seed: UInt64
    /// No cycle begins after this.
    public var minutes: Double?
    /// What is done; each comes in every deck.
    public var disturbances = Disturbance.allCases
    /// People a second who open a journey.
    public var rate = 60
    /// Takes each line of progress.
    public var say: @Sendable (String) -> Void

    public init(cycles: Int, seed: UInt64, minutes: Double? = nil, say: @escaping @Sendable (String) -> Void) {
        (self.cycles, self.seed, self.minutes, self.say) = (cycles, seed, minutes, say)
    }
}
