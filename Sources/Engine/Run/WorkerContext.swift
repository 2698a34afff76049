import Configuration
import Contract
import Foundation
import Journal
import Journey
import Telemetry

/// What a worker needs from its engine: settings, and everything that is handed in.
struct WorkerContext: Sendable {
    var configuration: Configuration
    var broker: any Broker
    var time: any TimeSource
    var log: Log
    var directory: DataDirectory
    var instance: String
    var partitionCount: Int
    var messages: MessageLimits
    var samples: SampleBoard
    var board: StatusBoard
    var stop: StopSignal
    var options: EngineOptions
    var destructions = DestructionBoard()
    /// Where nothing has a thread of its own: what the worker gives a turn.
    var companions: Companions?

    var topics: [String] { configuration.topics.events }
    /// `group.instance.id` and `transactional.id` of the worker.
    var memberName: String { "\(configuration.group)-\(instance)-0" }

    /// How long the broker waits for a silent member: librdkafka's default, unless the configuration says otherwise.
    var sessionTimeout: Span { Self.sessionTimeout(configuration) }

    static func sessionTimeout(_ configuration: Configuration) -> Span {
        let names = ["session.timeout.ms", "consumer.session.timeout.ms"]
        let configured = names.compactMap { name in configuration.kafka.last { $0.key == name } }.last
        return Span(milliseconds: configured.flatMap { Int64($0.value) } ?? 45_000)
    }

    var shardSettings: ShardSettings {
        ShardSettings(
            clock: PartitionClock.Settings(lateness: configuration.clock.lateness, maxAge: configuration.clock.maxAge),
            maximumDuePerTick: options.maximumDuePerTick, hash: KeyedHash(key: directory.key),
            commandSource: configuration.commandSource,
            publishesLeads: configuration.topics.leads != nil, frameBytes: options.journal.frameBytes)
    }
}

/// What an operator or a program decides for one run.
public struct EngineOptions: Sendable {
    /// The operator has checked the wall clock after it stopped the ticks.
    public var acceptsClock = false
    /// An older configuration than the newest activated one is meant.
    public var allowsRollback = false
    /// Journeys that are under way move to the newest versions of their policies, once the configuration is activated.
    public var migrates = false
    /// The engine ends where it would begin to read events.
    public var endsAfterActivation = false
    /// Asked once everything is recovered, and before the configuration is activated: the files are then what has been
    /// committed, and nobody else writes them. False: the engine ends, and nothing is changed.
    public var approvesActivation: (@Sendable () throws -> Bool)?
    /// There is nobody else on this broker, and it cannot describe groups: the embedded one.
    public var isAlone = false
    public var journal = JournalSettings()
    /// One tick decides at most so many due actions of a shard, so that the normal traffic behind them does not wait long.
    public var maximumDuePerTick = ShardSettings.maximumDuePerTick
    /// Everything happens on the calling thread, one thing after the other: in a simulation, which then repeats itself.
    public var hasOneThread = false
    /// A second core reads events ahead of the fold. There is no use in that on a machine with one.
    var readsAhead: Bool { !hasOneThread && ProcessInfo.processInfo.activeProcessorCount > 1 }
    public init() {}
}

extension JournalSettings {
    /// A frame that has grown to this is sealed: what still comes to it then fits.
    var frameBytes: Int { min(WorkerLimits.frameBytes, maximumFrameBytes / 2) }
}

/// Bounds of one worker.
enum WorkerLimits {
    /// Messages a poll hands over.
    static let pollMessages = 20_000
    /// How long a poll waits on a quiet line: a stop, a sample and a commit are seen at most so much later.
    static let pollMilliseconds = 20
    /// The same while a commit is under way: its end is seen at most so much later.
    static let settleMilliseconds = 5
    /// A frame that has grown to this is sealed, and the next one begun; half of what a smaller journal's frames may have.
    static let frameBytes = 4 << 20
    /// Prospects whose destroyed records are journalled between two polls.
    static let destroyedProspects = 1_000
    /// What waits for a commit: beyond it the worker commits at once.
    static let outboxBytes = 64 << 20
    /// How long one call to the broker may take: a stop has to be seen within five seconds.
    static let callMilliseconds = 2_000
    /// A transaction that has not ended after this is given up, and its outcome asked for after a recovery.
    static let transactionMilliseconds = 10_000
    /// How long a stop may try to commit what has been folded.
    static let stopMilliseconds = 1_500
    /// Wait between two attempts to recover; doubles up to the maximum.
    static let backoffMilliseconds = 100
    static let maximumBackoffMilliseconds = 1_000
}
