import RandomTestSupport

/// What is done to Winback, its broker, its network or its disk.
public enum Disturbance: String, CaseIterable, Sendable {
    case killAtRandom = "kill -9 at a random moment"
    case killAfterFsync = "kill -9 after the fsync"
    case killBeforeEnd = "kill -9 between AddOffsets and EndTxn"
    case killBeforeAnswer = "kill -9 after EndTxn, before its answer"
    case zombie = "stopped, replaced, continued"
    case brokerKill = "kill -9 of the broker"
    case slowNetwork = "network is slow"
    case hangingNetwork = "network hangs"
    case cutNetwork = "network is cut"
    case halfClosedNetwork = "network is half-closed"
    case fullDisk = "disk is full"
    case failingWrites = "writes fail"
    case secondInstance = "a second instance tries to join"

    /// How many cycles of a deck are of it: what takes long comes once.
    private var share: Int {
        switch self {
        case .killAtRandom: 5
        case .killAfterFsync, .killBeforeEnd, .killBeforeAnswer: 3
        case .hangingNetwork, .cutNetwork: 2
        case .zombie, .brokerKill, .slowNetwork, .halfClosedNetwork, .fullDisk, .failingWrites, .secondInstance: 1
        }
    }

    /// As many cycles as it takes for each to have its share.
    public static let deckSize = allCases.reduce(0) { $0 + $1.share }

    static func deck(of disturbances: [Disturbance], using random: inout SeededGenerator) -> [Disturbance] {
        disturbances.flatMap { Array(repeating: $0, count: $0.share) }.shuffled(using: &random)
    }
}
