import Journey

/// A file of cases that say what reminders a configuration's policies make of events: given / when / then.
public struct Scenario: Hashable, Sendable {
    public var file: String
    /// The configuration that the cases are about, as the file names it; relative to the file's folder.
    public var configuration: String?
    public var cases: [Case]

    public struct Case: Hashable, Sendable {
        public var name: String
        public var place: Place
        /// The time from which all others of the case are counted.
        public var start: Instant
        public var given: [Event]
        /// How much time passes from the start.
        public var when: Span
        public var then: [Reminder]
    }

    /// An event that arrives.
    public struct Event: Hashable, Sendable {
        /// After the start.
        public var at: Span
        public var place: Place
        /// Its key, the prospect's identity.
        public var key: String
        /// A CloudEvent as JSON, in structured mode.
        public var value: String
    }

    /// A reminder that is to be sent, and what it must say. What is not named may be anything.
    public struct Reminder: Hashable, Sendable {
        /// When it is due, after the start.
        public var at: Span
        public var place: Place
        /// By JSON pointer into the command, in the order of the file: text, or a list of texts.
        public var parts: [Part]

        public struct Part: Hashable, Sendable {
            /// As the file names it: `template`, `fields.first_name`.
            public var name: String
            public var pointer: String
            public var wanted: [String]
        }
    }
}

extension Scenario {
    /// How many cases a file may have, and how many events or reminders a case.
    static let maximumCases = 1_000
    static let maximumItems = 10_000

    /// Reads a scenario file. Throws every mistake at once.
    public static func load(path: String) throws(ConfigurationError) -> Scenario {
        try read(FileText.readSettings(path, "the scenario"), file: path)
    }

    /// Reads a scenario from its text; `file` is what messages call it.
    public static func parse(text: String, file: String) throws(ConfigurationError) -> Scenario {
        try read(Array(text.utf8), file: file)
    }

    private static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> Scenario {
        let findings = Findings()
        var scenario = Scenario(file: file, cases: [])
        let root = YAMLReader.read(bytes, file: file, substitution: Substitution(environment: [:]), findings: findings)
        if let root, let section = Section(Value(node: root, path: "", findings: findings), keys: ["config", "cases"]) {
            scenario.configuration = section["config"]?.text("a file", maximumBytes: 4096)
            let cases = section.required("cases", "list the cases to try")?.items(maximum: maximumCases)
            let reader = ScenarioReader()
            scenario.cases = (cases ?? []).compactMap(reader.read)
        }
        if let error = findings.error { throw error }
        return scenario
    }
}
