import Journey

/// What `winback.yaml` says, with what the environment and the command line put over it.
///
/// A value from the command line comes before one from the environment, and that before one from the file.
public struct Configuration: Sendable {
    /// librdkafka's properties as they were written, for both sides unless prefixed with `consumer.` or `producer.`.
    public var kafka: [KafkaProperty] = []
    public var topics = Topics()
    /// The data directory, relative to the working directory.
    public var data = "./winback-data"
    /// The consumer group; part of the transactional id.
    public var group = "winback"
    /// This instance's name; `nil`: one drawn once and kept in the data directory.
    public var instance: String?
    public var identity = Identity.prospect
    /// By how much the clocks of upstream services may differ.
    public var conversionSkew = Span.minutes(10)
    public var clock = Clock()
    /// A commit comes at least this often while events arrive.
    public var commitInterval = Span(milliseconds: 100)
    /// A snapshot is made after so many bytes of journal.
    public var snapshotBytes = 64 << 20
    public var unknownEvents = UnknownEvents.ignore
    public var events = EventMappings()
    /// With less room than this on the data directory's disk there is a warning, and a clean stop; `nil`: by the disk's size.
    public var diskWarnBytes: Int?
    public var diskStopBytes: Int?
    /// What steps may name.
    public var templates: [String] = []
    public var policies: [Policy] = []
    /// What is probably not meant, though it can be used.
    public var warnings: [Mistake] = []

    /// Who a prospect is.
    public enum Identity: String, CaseIterable, Hashable, Sendable {
        /// Tenant and prospect id, or the address where an event has no id.
        case prospect
        /// Tenant and address, for checkouts that know no id.
        case email
    }

    /// What becomes of an event of a type that is none of ours.
    public enum UnknownEvents: String, CaseIterable, Hashable, Sendable {
        case ignore
        /// It goes to the dead-letter topic.
        case refuse
    }
}

extension Configuration {
    /// Reads a configuration file.
    ///
    /// - Parameters:
    ///   - environment: `WINBACK_…` names set settings; the file may refer to any name as `${NAME}`.
    ///   - overrides: `key=value` with dotted keys, such as `clock.lateness=10s`.
    ///   - rules: what librdkafka accepts.
    /// - Throws: every mistake at once.
    public static func load(
        path: String, environment: [String: String] = [:], overrides: [String] = [], rules: KafkaRules = KafkaRules()
    ) throws(ConfigurationError) -> Configuration {
        let bytes = try FileText.readSettings(
            path, "the configuration", advice: "; name another file with --config")
        return try read(bytes, file: path, environment: environment, overrides: overrides, rules: rules)
    }

    /// Reads a configuration from its text; `file` is what messages call it.
    public static func parse(
        text: String, file: String = "winback.yaml", environment: [String: String] = [:], overrides: [String] = [],
        rules: KafkaRules = KafkaRules()
    ) throws(ConfigurationError) -> Configuration {
        try read(Array(text.utf8), file: file, environment: environment, overrides: overrides, rules: rules)
    }

    /// Reads a configuration from its bytes, which need not be text.
    package static func read(
        _ bytes: [UInt8], file: String, environment: [String: String], overrides: [String], rules: KafkaRules
    ) throws(ConfigurationError) -> Configuration {
        let findings = Findings()
        let substitution = Substitution(environment: environment)
        var configuration = Configuration()
        if var root = YAMLReader.read(bytes, file: file, substitution: substitution, findings: findings) {
            let overlay = Overlay(environment: environment, overrides: overrides, findings: findings)
            overlay.apply(to: &root, used: substitution.used)
            if let section = Section(Value(node: root, path: "", findings: findings), keys: SettingKeys.top) {
                let kafka = KafkaReader(rules: rules, environment: environment, findings: findings)
                configuration.kafka = kafka.read(section["kafka"], root: section)
                configuration.readSettings(section)
                let takesAnyPointer = configuration.events.hasJSON
                (configuration.templates, configuration.policies) =
                    PoliciesReader(clock: configuration.clock, takesAnyPointer: takesAnyPointer).read(section)
                configuration.eventsReader.warnOfUnused(
                    section.section("events", keys: EventsReader.keys), configuration.policies)
            }
        }
        if let error = findings.error { throw error }
        configuration.warnings = findings.orderedWarnings
        return configuration
    }

    mutating func readSettings(_ root: Section) {
        topics = Topics.read(root.section("topics", keys: SettingKeys.topics))
        if let data = root["data"]?.text("a directory", maximumBytes: 4096) { self.data = data }
        if let group = root["group"]?.identifier("the name of a consumer group") { self.group = group }
        instance = root["instance"]?.identifier()
        if let identity = root["identity"]?.choice(of: Identity.self) { self.identity = identity }
        let conversion = root.section("conversion", keys: SettingKeys.conversion)
        if let skew = conversion?["skew"]?.span(.zero...Span.days(1)) { conversionSkew = skew }
        clock = Clock.read(root.section("clock", keys: SettingKeys.clock))
        let commit = root.section("commit", keys: SettingKeys.commit)
        if let interval = commit?["interval"]?.span(Span(milliseconds: 1)...Span.seconds(5)) {
            commitInterval = interval
        }
        let snapshots = root.section("snapshots", keys: SettingKeys.snapshots)
        if let bytes = snapshots?["every"]?.bytes((64 << 10)...(64 << 30)) { snapshotBytes = bytes }
        let disk = root.section("disk", keys: SettingKeys.disk)
        diskWarnBytes = disk?["warnFree"]?.bytesOrAutomatic(0...(1 << 50))
        diskStopBytes = disk?["stopFree"]?.bytesOrAutomatic(0...(1 << 50))
        let events = root.section("events", keys: EventsReader.keys)
        if let unknown = events?["unknown"]?.choice(of: UnknownEvents.self) { unknownEvents = unknown }
        self.events = eventsReader.read(events)
    }

    private var eventsReader: EventsReader { EventsReader(identity: identity, topics: topics.events) }
}
