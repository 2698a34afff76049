import Engine
import RandomTestSupport

/// Everything of a run that does not happen by chance while it goes on: who does what, and what operators do.
public struct Plan: Sendable {
    public var seed: UInt64
    /// What the world's chances follow from: the seed, but for another course of the same events.
    public var chance: UInt64
    public var settings: Simulation.Settings
    public var stories: [Story]
    /// The configuration of the first start, and the one of the starts after `changesAt`.
    public var configuration = PlainConfiguration()
    public var change: PlainConfiguration?
    public var changesAt = Int64.max
    /// Whether the change comes with `--migrate`.
    public var migrates = false

    /// How many due actions a tick decides: from one, where most wait for the next tick, to as many as in service.
    public var maximumDuePerTick: Int

    /// Makes what a run leaves behind look otherwise, to try the oracle.
    var forges: (@Sendable (inout Evidence) -> Void)?

    /// When the engine is started for the first time.
    static let start: Int64 = 1_780_000_000_000
    private static let dueBounds = [1, 2, 5, EngineOptions().maximumDuePerTick]

    public init(seed: UInt64, settings: Simulation.Settings) {
        self.seed = seed
        chance = seed
        self.settings = settings
        maximumDuePerTick = Self.dueBounds[Int(seed % UInt64(Self.dueBounds.count))]
        var random = SeededGenerator(seed: seed &* 0x9E37_79B9)
        configuration.identity = random.chance(20) ? .email : .prospect
        configuration.refusesUnknownTypes = random.chance(30)
        let length = Int64(settings.days) * PlainPolicy.day
        if random.chance(60) {
            change = configuration
            change?.policies = PlainConfiguration.changed
            changesAt = Self.start + Int64.random(in: 0...length, using: &random)
            migrates = random.chance(50)
        }
        var teller = Storyteller(
            seed: random.next(), identity: configuration.identity, start: Self.start, length: length)
        teller.troublePercent = settings.troublePercent
        stories = (0..<settings.prospects).map { teller.tell($0) }
    }
}
