import Journey

/// Policies that are tried out: a file with nothing but `templates` and `policies`, or a whole `winback.yaml`.
public struct ProposedPolicies: Sendable {
    public var policies: [Policy]
    /// By how much the clocks of upstream services may differ; `nil` where the file does not say.
    public var conversionSkew: Span?
    /// Who a prospect is; `nil` where the file does not say.
    public var identity: Configuration.Identity?
    public var warnings: [Mistake]

    /// Reads a file. What concerns brokers is passed over, secrets included.
    ///
    /// - Throws: every mistake at once.
    public static func load(
        path: String, environment: [String: String] = [:]
    ) throws(ConfigurationError) -> ProposedPolicies {
        try read(try FileText.readSettings(path, "the policies"), file: path, environment: environment)
    }

    /// Reads a text; `file` is what messages call it.
    public static func parse(
        text: String, file: String = "policies.yaml"
    ) throws(ConfigurationError) -> ProposedPolicies {
        try read(Array(text.utf8), file: file, environment: [:])
    }

    private static func read(
        _ bytes: [UInt8], file: String, environment: [String: String]
    ) throws(ConfigurationError) -> ProposedPolicies {
        let findings = Findings()
        let substitution = Substitution(environment: environment)
        var proposed = ProposedPolicies(policies: [], warnings: [])
        if let root = YAMLReader.read(bytes, file: file, substitution: substitution, findings: findings),
            let section = Section(Value(node: root, path: "", findings: findings), keys: SettingKeys.top)
        {
            var configuration = Configuration()
            configuration.readSettings(section)
            // Without `events` it is not known where the fields of messages lie.
            let takesAnyPointer = section["events"] == nil || configuration.events.hasJSON
            let reader = PoliciesReader(clock: configuration.clock, takesAnyPointer: takesAnyPointer)
            proposed.policies = reader.read(section).policies
            let conversion = section["conversion"].flatMap { Section($0, keys: SettingKeys.conversion) }
            if conversion?["skew"] != nil { proposed.conversionSkew = configuration.conversionSkew }
            if section["identity"] != nil { proposed.identity = configuration.identity }
        }
        if let error = findings.error { throw error }
        proposed.warnings = findings.orderedWarnings
        return proposed
    }
}
