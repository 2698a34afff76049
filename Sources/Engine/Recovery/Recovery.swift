import Configuration
import Journal
import Journey
import Kafka
import Telemetry

/// Finds out why an engine does not start, and does what an operator has decided.
///
/// It holds the data directory's lock and sees the group empty, so that what it has found stays true until it acts. Before
/// that it changes nothing. What it does can be interrupted anywhere and be done again: journals are changed first, and the
/// committed offsets, which say what of them counts, last.
public final class Recovery {
    let configuration: Configuration
    let broker: any Broker
    let fileSystem: any FileSystem
    let log: Log
    let options: EngineOptions
    /// When the recovery began; everything that it writes bears this time.
    private let time: any TimeSource
    let now: Instant
    let reader: any BrokerReader
    let since: Instant?
    let progress: (_ topic: String, _ messages: Int) -> Void
    /// `nil` where there is none (any more).
    private(set) var directory: DataDirectory?

    static let callMilliseconds: Int32 = 5_000
    /// How often a call that finds no broker is made.
    private static let attempts = 6

    var topics: [String] { configuration.topics.events }

    /// Takes the data directory's lock. Throws `.locked` while an engine runs.
    ///
    /// - Parameters:
    ///   - since: from when on a rebuilt journal's policies act; `nil`: as is known of the one that was lost.
    ///   - progress: hears how far a topic has been read.
    public init(
        configuration: Configuration, broker: any Broker, options: EngineOptions = EngineOptions(),
        time: any TimeSource, since: Instant? = nil, fileSystem: any FileSystem, log: Log,
        progress: @escaping (String, Int) -> Void = { _, _ in }
    ) throws {
        self.configuration = configuration
        self.broker = broker
        self.options = options
        self.since = since
        self.fileSystem = fileSystem
        self.log = log
        self.progress = progress
        self.time = time
        now = time.wall
        if try fileSystem.exists("\(configuration.data)/format") {
            directory = try DataDirectory.open(configuration.data, fileSystem: fileSystem)
        }
        reader = try broker.makeReader()
    }

    /// Gives the lock back.
    public func close() {
        reader.close()
        directory?.close()
    }

    /// The data directory, made if there is none.
    func openDirectory() throws -> DataDirectory {
        if let directory { return directory }
        let made = try DataDirectory.open(configuration.data, fileSystem: fileSystem)
        directory = made
        return made
    }

    /// Asks for the group's offsets and commits them, without being a member.
    func makeConsumer() throws -> any BrokerConsumer {
        try broker.makeConsumer(GroupMembership(group: configuration.group, instance: nil, topics: []))
    }

    func shardPath(_ partition: Int32) -> String { "\(configuration.data)/shards/\(partition)" }

    /// Offsets can be committed to an empty group alone, and what an engine elsewhere does would make the diagnosis untrue.
    /// A member that was killed stays until its session ends.
    func requireEmptyGroup() throws {
        let session = WorkerContext.sessionTimeout(configuration)
        var waited: Int64 = 0
        while true {
            // First something that librdkafka 2.0.2 survives without a broker, as in `GroupCheck`.
            _ = try insist { try reader.partitionCount(topics[0], timeoutMilliseconds: Self.callMilliseconds) }
            let members = try insist {
                try reader.groupMembers(configuration.group, timeoutMilliseconds: Self.callMilliseconds)
            }
            guard let member = members.first else { return }
            guard waited <= session.milliseconds + Self.graceMilliseconds else {
                throw EngineError(
                    .otherInstance,
                    """
                    \(member.groupInstanceID ?? member.memberID) on \(member.host) is a member of group \
                    \(configuration.group). Stop it first: nothing can be recovered while an engine runs.
                    """)
            }
            log.warning(
                "a member of the group is left; waiting until its session ends",
                ["member": .text(member.groupInstanceID ?? member.memberID), "host": .text(member.host)],
                limit: .once(per: .seconds(10)))
            time.pause(milliseconds: Self.stepMilliseconds, unless: StopSignal())
            waited += Int64(Self.stepMilliseconds)
        }
    }

    private static let stepMilliseconds = 500
    /// The broker notices the end of a session a little later.
    private static let graceMilliseconds: Int64 = 5_000

    /// Asks again where no broker answered, or a transaction that was left open has not timed out yet.
    func insist<R>(_ ask: () throws -> R) throws -> R {
        var attempt = 1
        while true {
            do { return try ask() } catch let error as KafkaError
                where error.isRetriable || error.code == .timedOut || error.code == .brokerUnavailable
            {
                if attempt == Self.attempts { throw error }
                attempt += 1
                log.warning("asking the broker again", ["why": .text(error.message)])
            }
        }
    }
}
