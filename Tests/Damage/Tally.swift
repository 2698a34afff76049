/// What came of one kind of damage.
public struct Tally: Sendable {
    public var name: String
    public var tried = 0
    /// Refused by whoever reads it, or of a snapshot that is not used then.
    public var detected = 0
    /// In space that nothing uses, or in what a start cuts: what is read is the same, or ends earlier at a whole frame.
    public var harmless = 0
    /// What was accepted though it is not what was written; the first few are described.
    public var missed = 0
    public var examples: [String] = []
    /// How long all took that was counted together, and how much processor time.
    public var seconds = 0.0
    public var processorSeconds = 0.0

    static let exampleLimit = 5

    public init(_ name: String) { self.name = name }

    mutating func detect() {
        tried += 1
        detected += 1
    }

    mutating func pass() {
        tried += 1
        harmless += 1
    }

    mutating func miss(_ what: @autoclosure () -> String) {
        tried += 1
        missed += 1
        if examples.count < Self.exampleLimit { examples.append(what()) }
    }

    mutating func add(_ other: Tally) {
        tried += other.tried
        detected += other.detected
        harmless += other.harmless
        missed += other.missed
        examples += other.examples.prefix(max(0, Self.exampleLimit - examples.count))
    }
}
