import Foundation
import Journey

/// Why a text is no policy text. The journal that holds it is damaged, or of a newer version of Winback.
public struct PolicyTextError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        /// Not JSON, or not of this shape.
        case malformed
        /// Written by a newer Winback.
        case unsupportedVersion = "unsupported-version"
        /// It can be read, but is not byte for byte what Winback writes.
        case notCanonical = "not-canonical"
    }

    public var code: Code
    public var message: String

    public var description: String { "policy text: \(message)" }
}

extension PolicyText {
    /// Reads a text that `text` gave, and nothing else: what it does not write byte for byte is refused, because a key
    /// that went unread would change decisions silently.
    public init(text: String) throws(PolicyTextError) {
        let data = Data(text.utf8)
        do {
            let version = try JSONDecoder().decode(Versioned.self, from: data).version
            guard version == Self.version else {
                throw PolicyTextError(
                    code: .unsupportedVersion,
                    message: "version \(version) is not known, only \(Self.version): use the Winback that wrote it")
            }
            let stored = try JSONDecoder().decode(Stored.self, from: data)
            self.init(
                policies: try stored.policies.map { try $0.policy() },
                settings: DecisionSettings(conversionSkew: Span(milliseconds: stored.conversionSkew)),
                identity: try value(stored.identity), eventTopics: stored.eventTopics,
                topicKey: try value(stored.topicKey), unknownEvents: try value(stored.unknownEvents))
        } catch let error as PolicyTextError {
            throw error
        } catch {
            throw PolicyTextError(code: .malformed, message: "it cannot be read: \(error)")
        }
        guard self.text.utf8.elementsEqual(text.utf8) else {
            throw PolicyTextError(code: .notCanonical, message: "it is not as Winback writes it: it was changed")
        }
    }
}

private struct Versioned: Decodable {
    var version: Int
}

private struct Stored: Decodable {
    var conversionSkew: Int64
    var identity: String
    var eventTopics: [String]
    var topicKey: String
    var unknownEvents: String
    var policies: [StoredPolicy]
}

private struct StoredPolicy: Decodable {
    var name: String
    var enabled: Bool
    var tenants: [String]
    var products: [String]
    var opensOn: [String]
    var convertsOn: [String]
    var activityOn: [String]
    var scope: String
    var anchor: String
    var supersedes: [String]
    var reentryWindow: Int64?
    var holdMaximum: Int64
    var retention: Int64
    var consentRequired: Bool
    var backfill: Int64
    var steps: [StoredStep]
    var command: StoredCommand

    func policy() throws -> Policy {
        var policy = Policy(
            name: name, opensOn: try types(opensOn), convertsOn: try types(convertsOn),
            steps: try steps.map { try $0.step() })
        policy.enabled = enabled
        policy.tenants = tenants
        policy.products = products
        policy.activityOn = try types(activityOn)
        policy.scope = try value(scope)
        policy.anchor = try value(anchor)
        policy.supersedes = supersedes
        policy.reentryWindow = reentryWindow.map { Span(milliseconds: $0) }
        policy.holdMaximum = Span(milliseconds: holdMaximum)
        policy.retention = Span(milliseconds: retention)
        policy.consentRequired = consentRequired
        policy.backfill = Span(milliseconds: backfill)
        policy.command = try command.template()
        return policy
    }
}

private struct StoredStep: Decodable {
    var after: Int64
    var from: String
    var template: String
    var maxLateness: Int64

    func step() throws -> Policy.Step {
        Policy.Step(
            after: Span(milliseconds: after), from: try value(from), template: template,
            maxLateness: Span(milliseconds: maxLateness))
    }
}

private struct StoredCommand: Decodable {
    var campaign: String?
    var tags: [String]
    var fields: [StoredField]

    func template() throws -> Policy.CommandTemplate {
        var template = Policy.CommandTemplate()
        template.campaign = campaign
        template.tags = tags
        template.fields = try fields.map { try $0.field() }
        return template
    }
}

private struct StoredField: Decodable {
    var name: String
    var from: String?
    var fallback: String?
    var value: String?

    func field() throws -> Policy.Field {
        switch (from, value) {
        case (let from?, nil): Policy.Field(name: name, source: .pointer(from, fallback: fallback))
        case (nil, let value?): Policy.Field(name: name, source: .constant(value))
        default: throw PolicyTextError(code: .malformed, message: "field `\(name)` needs `from` or `value`")
        }
    }
}

private func value<T: RawRepresentable>(_ name: String) throws -> T where T.RawValue == String {
    guard let value = T(rawValue: name) else {
        throw PolicyTextError(code: .malformed, message: "`\(name)` is not known here")
    }
    return value
}

private func types(_ names: [String]) throws -> EventTypeSet {
    EventTypeSet(
        try names.map { name in
            guard let type = EventType.allCases.first(where: { $0.name == name }) else {
                throw PolicyTextError(code: .malformed, message: "event type `\(name)` is not known")
            }
            return type
        })
}
