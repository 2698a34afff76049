import Journey

/// Everything in a configuration that a decision reads, and its one text: what a journal keeps as "policy activated", and
/// what recovery and audits read back.
///
/// The text is canonical JSON (see `CanonicalJSON`) on one line, durations in milliseconds. Every key is always there, but
/// for those marked with `?`:
/// ```
/// {"conversionSkew":600000, "eventTopics":["checkout-events"], "identity":"prospect",
///  "policies":[{"activityOn":[], "anchor":"opened", "backfill":0,
///               "command":{"campaign"?:"winback", "fields":[{"fallback"?:"there","from":"/data/…","name":"first_name"},
///                                                          {"name":"brand","value":"Example"}], "tags":[]},
///               "consentRequired":false, "convertsOn":["policy.issued"], "enabled":true, "holdMaximum":86400000,
///               "name":"unconverted-lead", "opensOn":["sales-lead.created"], "products":[], "reentryWindow"?:604800000,
///               "retention":7776000000, "scope":"product",
///               "steps":[{"after":259200000,"from":"anchor","maxLateness":86400000,"template":"lead-reminder"}],
///               "supersedes":[], "tenants":[]}],
///  "topicKey":"identity", "unknownEvents":"ignore", "version":1}
/// ```
/// A change to it is a new version, and every older version stays readable.
public struct PolicyText: Hashable, Sendable {
    public static let version = 1

    public var policies: [Policy]
    public var settings: DecisionSettings
    public var identity: Configuration.Identity
    /// An input's topic number is a place in this list.
    public var eventTopics: [String]
    public var topicKey: Topics.Key
    public var unknownEvents: Configuration.UnknownEvents

    public init(
        policies: [Policy], settings: DecisionSettings = DecisionSettings(),
        identity: Configuration.Identity = .prospect, eventTopics: [String] = Topics().events,
        topicKey: Topics.Key = .identity, unknownEvents: Configuration.UnknownEvents = .ignore
    ) {
        self.policies = policies
        self.settings = settings
        self.identity = identity
        self.eventTopics = eventTopics
        self.topicKey = topicKey
        self.unknownEvents = unknownEvents
    }

    public init(_ configuration: Configuration) {
        self.init(
            policies: configuration.policies, settings: configuration.decisionSettings,
            identity: configuration.identity, eventTopics: configuration.topics.events,
            topicKey: configuration.topics.key, unknownEvents: configuration.unknownEvents)
    }

    /// The canonical text. Equal values have equal texts.
    public var text: String {
        CanonicalJSON.object([
            "version": .number(Int64(Self.version)),
            "conversionSkew": settings.conversionSkew.json,
            "identity": .text(identity.rawValue),
            "eventTopics": .texts(eventTopics),
            "topicKey": .text(topicKey.rawValue),
            "unknownEvents": .text(unknownEvents.rawValue),
            "policies": .array(policies.map(\.json)),
        ]).encoded
    }
}

extension Configuration {
    public var decisionSettings: DecisionSettings { DecisionSettings(conversionSkew: conversionSkew) }

    /// The text of all that decisions read: policies and some settings. See `PolicyText`.
    public var canonicalPolicyText: String { PolicyText(self).text }
}

extension Span {
    fileprivate var json: CanonicalJSON { .number(milliseconds) }
}

extension EventTypeSet {
    fileprivate var json: CanonicalJSON { .texts(types.map(\.name)) }
}

extension Policy {
    fileprivate var json: CanonicalJSON {
        var members: [String: CanonicalJSON] = [
            "name": .text(name),
            "enabled": .boolean(enabled),
            "tenants": .texts(tenants),
            "products": .texts(products),
            "opensOn": opensOn.json,
            "convertsOn": convertsOn.json,
            "activityOn": activityOn.json,
            "scope": .text(scope.rawValue),
            "anchor": .text(anchor.rawValue),
            "supersedes": .texts(supersedes),
            "holdMaximum": holdMaximum.json,
            "retention": retention.json,
            "consentRequired": .boolean(consentRequired),
            "backfill": backfill.json,
            "steps": .array(steps.map(\.json)),
            "command": command.json,
        ]
        members["reentryWindow"] = reentryWindow?.json
        return .object(members)
    }
}

extension Policy.Step {
    fileprivate var json: CanonicalJSON {
        .object([
            "after": after.json, "from": .text(from.rawValue), "template": .text(template),
            "maxLateness": maxLateness.json,
        ])
    }
}

extension Policy.CommandTemplate {
    fileprivate var json: CanonicalJSON {
        var members: [String: CanonicalJSON] = ["tags": .texts(tags), "fields": .array(fields.map(\.json))]
        members["campaign"] = campaign.map { .text($0) }
        return .object(members)
    }
}

extension Policy.Field {
    fileprivate var json: CanonicalJSON {
        var members: [String: CanonicalJSON] = ["name": .text(name)]
        switch source {
        case .constant(let value): members["value"] = .text(value)
        case .pointer(let pointer, let fallback):
            members["from"] = .text(pointer)
            members["fallback"] = fallback.map { .text($0) }
        }
        return .object(members)
    }
}
