import Foundation
import Journey

/// What a configuration changes of what decisions read, against the one that is in use: policy by policy, key by key, in the
/// words of `winback.yaml`.
///
/// It compares canonical texts (see `PolicyText`), so nothing that decisions read can be left out of it.
public struct PolicyComparison: Sendable, Equatable {
    public struct Change: Sendable, Equatable {
        public var key: String
        /// `nil`: it was not there.
        public var old: String?
        /// `nil`: it is not there any more.
        public var new: String?
    }

    public struct Policy: Sendable, Equatable {
        public var name: String
        public var kind: Kind
        /// Of a policy that is there on both sides.
        public var changes: [Change] = []
    }

    public enum Kind: String, CaseIterable, Sendable {
        case new, changed, unchanged, gone
        case switchedOff = "switched off"
        case switchedOn = "switched on"
    }

    /// Settings besides policies, such as `conversion.skew`.
    public var settings: [Change]
    /// In the order of the new configuration, then those that are gone.
    public var policies: [Policy]

    public var isEmpty: Bool { settings.isEmpty && policies.allSatisfy { $0.kind == .unchanged } }

    /// - Parameter old: what is in use; `nil` where nothing is.
    public init(old: PolicyText?, new: PolicyText) {
        let before = old.map { Document($0) }
        let after = Document(new)
        settings = before.map { Self.changes(from: $0.settings, to: after.settings) } ?? []
        policies = after.policies.map { policy in
            guard let known = before?.policies.first(where: { $0.name == policy.name }) else {
                return Policy(name: policy.name, kind: .new)
            }
            let changes = Self.changes(from: known.keys, to: policy.keys)
            return Policy(name: policy.name, kind: Self.kind(of: changes), changes: changes)
        }
        for policy in before?.policies ?? [] where !after.policies.contains(where: { $0.name == policy.name }) {
            policies.append(Policy(name: policy.name, kind: .gone))
        }
    }

    private static func kind(of changes: [Change]) -> Kind {
        guard let enabled = changes.first(where: { $0.key == "enabled" }) else {
            return changes.isEmpty ? .unchanged : .changed
        }
        return enabled.new == "true" ? .switchedOn : .switchedOff
    }

    private static func changes(from old: [String: String], to new: [String: String]) -> [Change] {
        Set(old.keys).union(new.keys).sorted { $0.compare($1, options: .numeric) == .orderedAscending }
            .filter { old[$0] != new[$0] }
            .map { Change(key: $0, old: old[$0], new: new[$0]) }
    }
}

/// A canonical text as keys and values, each named as a configuration names it.
private struct Document {
    var settings: [String: String] = [:]
    var policies: [(name: String, keys: [String: String])] = []

    init(_ text: PolicyText) {
        guard let root = try? JSONDecoder().decode(JSON.self, from: Data(text.text.utf8)),
            case .object(let members) = root
        else { preconditionFailure("a canonical text is a JSON object") }
        for (key, value) in members where key != "version" && key != "policies" {
            Self.flatten(value, as: Self.names[key] ?? key, into: &settings)
        }
        guard case .array(let items)? = members["policies"] else { return }
        for case .object(let policy) in items {
            guard case .text(let name)? = policy["name"] else { continue }
            var keys: [String: String] = [:]
            for (key, value) in policy where key != "name" {
                Self.flatten(value, as: Self.names[key] ?? key, into: &keys)
            }
            policies.append((name, keys))
        }
    }

    /// Keys that the text calls otherwise than the configuration does.
    private static let names = [
        "consentRequired": "consent", "conversionSkew": "conversion.skew", "eventTopics": "topics.events",
        "holdMaximum": "hold.max", "products": "appliesTo.products", "reentryWindow": "reentry.window",
        "tenants": "appliesTo.tenants", "topicKey": "topics.key", "unknownEvents": "events.unknown",
    ]

    /// Those whose number is milliseconds.
    private static let spans: Set<String> = [
        "after", "backfill", "conversion.skew", "hold.max", "maxLateness", "reentry.window", "retention",
    ]

    private static func flatten(_ value: JSON, as key: String, into keys: inout [String: String]) {
        switch value {
        case .object(let members):
            for (name, member) in members { flatten(member, as: "\(key).\(name)", into: &keys) }
        case .array(let items):
            if case .object? = items.first {
                for (index, item) in items.enumerated() { flatten(item: item, index, of: key, into: &keys) }
            } else if !items.isEmpty {
                keys[key] = "[" + items.map { text($0, key) }.joined(separator: ", ") + "]"
            }
        case .boolean, .number, .text: keys[key] = text(value, key)
        }
    }

    /// Things that have a name go by it, all others by their number.
    private static func flatten(item: JSON, _ index: Int, of key: String, into keys: inout [String: String]) {
        guard case .object(var members) = item, case .text(let name)? = members.removeValue(forKey: "name") else {
            return flatten(item, as: "\(key)[\(index + 1)]", into: &keys)
        }
        flatten(.object(members), as: "\(key).\(name)", into: &keys)
    }

    private static func text(_ value: JSON, _ key: String) -> String {
        switch value {
        case .boolean(let value): key == "consent" ? (value ? "required" : "optional") : String(value)
        case .number(let value):
            spans.contains(key.split(separator: "]").last.map { $0.drop { $0 == "." } }.map(String.init) ?? key)
                ? Span(milliseconds: value).shortText : String(value)
        case .text(let value): value
        case .array, .object: ""
        }
    }
}

/// A value of a canonical text.
private enum JSON: Decodable {
    case boolean(Bool)
    case number(Int64)
    case text(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }
}
