import Configuration
import Journey

/// Lines of a policy as its configuration has them, so that whoever reads an answer finds them there.
enum PolicyLine {
    static func opensOn(_ policy: Policy) -> String { "opensOn: \(list(policy.opensOn))" }
    static func convertsOn(_ policy: Policy) -> String { "convertsOn: \(list(policy.convertsOn))" }
    static func anchor(_ policy: Policy) -> String { "anchor: \(policy.anchor.rawValue)" }
    static func scope(_ policy: Policy) -> String { "scope: \(policy.scope.rawValue)" }
    static func supersedes(_ policy: Policy) -> String { "supersedes: [\(policy.supersedes.joined(separator: ", "))]" }
    static func hold(_ policy: Policy) -> String { "hold: {max: \(policy.holdMaximum.shortText)}" }
    static func retention(_ policy: Policy) -> String { "retention: \(policy.retention.shortText)" }
    static func backfill(_ policy: Policy) -> String { "backfill: \(policy.backfill.shortText)" }
    static func consent(_ policy: Policy) -> String { "consent: \(policy.consentRequired ? "required" : "optional")" }
    static func enabled(_ policy: Policy) -> String { "enabled: \(policy.enabled)" }
    static func skew(_ settings: DecisionSettings) -> String {
        "conversion: {skew: \(settings.conversionSkew.shortText)}"
    }

    static func reentry(_ policy: Policy) -> String {
        policy.reentryWindow.map { "reentry: {window: \($0.shortText)}" } ?? "no reentry window"
    }

    static func appliesTo(_ policy: Policy) -> String {
        var parts: [String] = []
        if !policy.tenants.isEmpty { parts.append("tenants: [\(policy.tenants.joined(separator: ", "))]") }
        if !policy.products.isEmpty { parts.append("products: [\(policy.products.joined(separator: ", "))]") }
        return "appliesTo: {\(parts.joined(separator: ", "))}"
    }

    /// - Parameter index: from 0.
    static func step(_ policy: Policy, _ index: Int, lateness: Bool = false) -> String {
        let step = policy.steps[index]
        var text = "step \(index + 1): {after: \(step.after.shortText)"
        if step.from == .previous { text += ", from: previous" }
        text += ", template: \(step.template)"
        if lateness { text += ", maxLateness: \(step.maxLateness.shortText)" }
        return text + "}"
    }

    static func field(_ field: Policy.Field) -> String {
        switch field.source {
        case .pointer(let pointer, _): "fields: {\(field.name): \(pointer)}"
        case .constant(let text): "fields: {\(field.name): {value: \(text)}}"
        }
    }

    private static func list(_ types: EventTypeSet) -> String {
        "[\(types.types.map(\.name).joined(separator: ", "))]"
    }
}
