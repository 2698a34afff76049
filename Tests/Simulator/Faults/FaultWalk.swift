import Configuration
import DiskTestSupport
import Foundation
import Journal
import Kafka

/// Plays one fixed history again and again, and each time something else goes wrong: every call to disk and brokers with every
/// fault that it can meet, and pairs of them around commits.
public struct FaultWalk {
    /// A call of the history as it goes when nothing fails.
    public struct Step: Sendable {
        public var number: Int
        public var call: Call
        public var what: String
        public var description: String { "call \(number), \(call.rawValue)\(what.isEmpty ? "" : " of \(what)")" }
    }

    public struct Outcome: Sendable {
        /// Broken promises, in words.
        public var violations: [String] = []
        public var happened: [Fault: Int] = [:]
        public var struck: [Strike: Int] = [:]
        /// The last call before the engine was stopped in the middle.
        public var stoppedAt: Int?
        public var steps: [Step] = []
        /// How the processes ended, in their order.
        public var endings: [String] = []
    }

    private let configuration: Configuration
    private let values: [[UInt8]?]
    private static let start: Int64 = 1_780_000_000_000
    private static let topic = "checkout-events"
    private static let silenceMilliseconds: Int64 = 3_600_000
    /// Between a tick's time and its commit: the allowed lateness, the age of a sample, and what two machines' clocks differ by.
    private static let departureMilliseconds: Int64 = 180_000
    /// Many times what the history takes when nothing fails.
    private static let callLimit = 60_000

    public init() throws {
        var configuration = try Configuration.parse(text: FixedHistory.configuration)
        configuration.snapshotBytes = 4096
        self.configuration = configuration
        values = FixedUpstream.values(start: Self.start)
    }

    /// Plays the history. What goes wrong is named by the numbers of calls.
    public func play(
        _ scheduled: [Int: Fault] = [:], _ strike: Strike? = nil, keepsSteps: Bool = false
    ) -> Outcome {
        let world = World(seed: 1, start: Self.start + FixedHistory.startMinute * FixedHistory.minute)
        let cluster = SimulatedCluster(world: world)
        cluster.makeTopic(Self.topic, partitions: 2)
        cluster.makeTopic("send-reminder", partitions: 2)
        cluster.makeTopic("checkout-events.dead-letters", partitions: 1)
        world.plan = FaultPlan(scheduled: scheduled)
        world.callLimit = Self.callLimit
        let upstream = FixedUpstream(cluster: cluster, topic: Self.topic, start: Self.start, values: values)
        let installation = Installation(
            world: world, cluster: cluster, configuration: configuration,
            settings: JournalSettings(segmentBytes: 8192, maximumFrameBytes: 4096),
            longestSilenceMilliseconds: Self.silenceMilliseconds, publish: upstream.work)
        installation.strike = strike
        var outcome = Outcome()
        world.witness = { number, call, what in
            if keepsSteps { outcome.steps.append(Step(number: number, call: call, what: what)) }
        }
        installation.run(until: Self.start + FixedHistory.stopMinute * FixedHistory.minute)
        outcome.stoppedAt = world.operations
        installation.makeBackup()
        installation.run(until: Self.start + FixedHistory.endMinute * FixedHistory.minute)
        world.rest()
        outcome.happened = world.happened
        outcome.struck = installation.struck
        outcome.endings = installation.endings
        outcome.violations = installation.violations + cluster.violations
        if outcome.violations.isEmpty { outcome.violations = judge(cluster, installation) }
        return outcome
    }

    public func play(_ point: FaultPoint) -> Outcome { play(point.scheduled, point.strike) }

    // MARK: What must hold

    private func judge(_ cluster: SimulatedCluster, _ installation: Installation) -> [String] {
        var violations: [String] = []
        var sent: [String: Int] = [:]
        for (_, _, record) in cluster.read("send-reminder") {
            guard let command = SentCommand(record.value ?? []) else {
                violations.append("a reminder can't be read")
                continue
            }
            sent[command.name, default: 0] += 1
            // A tick's time is some seconds before the commit; what a wrong clock shows is far from it.
            if abs(record.appended - command.emittedAt) > Self.departureMilliseconds {
                violations.append(
                    "\(command.name) was decided at \(command.emittedAt) and published at \(record.appended)")
            }
        }
        for (name, count) in sent.sorted(by: { $0.key < $1.key }) {
            if count > 1 { violations.append("reminder twice: \(name) was sent \(count) times") }
            if !FixedHistory.reminders.contains(name) { violations.append("false reminder: \(name)") }
        }
        for name in FixedHistory.reminders.sorted() where sent[name] == nil {
            violations.append("missed reminder: \(name)")
        }
        let letters = cluster.read("checkout-events.dead-letters").count
        if letters != FixedHistory.deadLetters { violations.append("\(letters) dead letters") }
        return violations + unread(cluster) + damage(installation)
    }

    /// Everything was folded, and that is committed.
    private func unread(_ cluster: SimulatedCluster) -> [String] {
        (0..<Int32(2)).compactMap { partition in
            let place = TopicPartition(Self.topic, partition)
            let log = cluster.logs[place] ?? []
            let last = log.indices.last { cluster.isVisible(log[$0]) }.map { Int64($0) + 1 } ?? 0
            let committed = cluster.committed[place]?.offset ?? -1
            return committed >= last && committed <= Int64(log.count)
                ? nil : "partition \(partition) ends at \(last), and \(committed) is committed"
        }
    }

    private func damage(_ installation: Installation) -> [String] {
        (0..<Int32(2)).compactMap { partition in
            do {
                let reader = try JournalReader(
                    directory: "/simulated/shards/\(partition)", fileSystem: installation.disk)
                while let frame = try reader.next() { try frame.forEachPersonal { _ in } }
                return nil
            } catch {
                return "the journal of partition \(partition) does not verify: \(error)"
            }
        }
    }
}

/// A reminder as a worker reads it.
private struct SentCommand {
    var name: String
    var emittedAt: Int64

    init?(_ value: [UInt8]) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(value)) as? [String: Any],
            let data = object["data"] as? [String: Any],
            let policy = (data["policy"] as? [String: Any])?["name"] as? String,
            let prospect = (data["prospect"] as? [String: Any])?["id"] as? String,
            let step = (data["step"] as? [String: Any])?["number"] as? Int,
            let text = data["emittedAt"] as? String,
            let emitted = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        else { return nil }
        name = "\(prospect) \(policy) \(step)"
        emittedAt = Int64((emitted.timeIntervalSince1970 * 1000).rounded())
    }
}
