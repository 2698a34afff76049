import Configuration
import Kafka
import Terminal

struct TopicsCreateCommand: Command {
    static let name = "topics create"
    static let summary = "Make the topics of the configuration that are missing, with sound settings"
    static let details = """
        The event topics get equal partition counts and the broker's timestamps (LogAppendTime), none is compacted, and \
        retention is long enough for an outage. Topics that are there already stay as they are: `winback topics check` \
        compares them. Choose the number of partitions for years: adding some later moves every prospect.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, partitions, replication,
    ]
    static let examples = [
        Example(
            "winback topics create --partitions 12 --replication 3", help: "For a cluster of three brokers or more.")
    ]

    private static let partitions = Option<Int>.integer(
        "partitions", short: "p", in: 1...10_000, default: 6, help: "Partitions of each topic")
    private static let replication = Option<Int?>.integer(
        "replication", short: "r", in: 1...32, help: "Copies of each partition (default: the broker's)")
    /// How long the broker may take to make them.
    private static let timeoutMilliseconds: Int32 = 30_000

    private let configuration: ConfigurationOptions
    private let partitions: Int32
    private let replication: Int32?

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        partitions = Int32(arguments[Self.partitions])
        replication = arguments[Self.replication].map(Int32.init)
    }

    func run() throws -> ExitCode {
        let configuration = try configuration.loadAndWarn()
        let plan = TopicPlan(topics: configuration.topics)
        let admin = try TopicAdmin(settings: configuration.kafkaSettings)
        defer { admin.close() }
        let existing = try ExistingTopics.read(plan, admin)
        // Event topics that come later must have as many partitions as those that are there.
        let counts = Set(plan.topics.events.compactMap { existing[$0]?.partitions })
        let partitions = counts.count == 1 ? counts.first! : partitions
        for spec in plan.specs(partitions: partitions, replication: replication) {
            if let topic = existing[spec.name] {
                Screen.output.line("\(spec.name): is there, with \(topic.partitions) partitions")
                continue
            }
            do {
                try admin.create([spec], timeoutMilliseconds: Self.timeoutMilliseconds)
                Screen.output.line("\(spec.name): made, with \(spec.partitions) partitions")
            } catch {
                guard error.code == .topicExists else { throw error }
                Screen.output.line("\(spec.name): is there; somebody has just made it")
            }
        }
        return .ok
    }
}
