import Journey
import Testing

@testable import Configuration

@Suite struct PolicyComparisonTests {
    private static func text(_ policies: String, _ settings: String = "") throws -> PolicyText {
        PolicyText(
            try Configuration.parse(
                text:
                    "kafka: {bootstrap.servers: localhost:9092}\ntemplates: [a, b]\n\(settings)\npolicies:\n\(policies)"
            ))
    }

    private static func policy(_ name: String, _ more: String = "", steps: String = "[{after: 1h, template: a}]")
        -> String
    {
        "  - {name: \(name), opensOn: [checkout.started], convertsOn: [checkout.completed], steps: \(steps)\(more)}\n"
    }

    @Test func nothingHasChangedInTheSameConfiguration() throws {
        let text = try Self.text(Self.policy("p"))
        let comparison = PolicyComparison(old: text, new: text)
        #expect(comparison.isEmpty)
        #expect(comparison.policies == [.init(name: "p", kind: .unchanged)])
    }

    @Test func withNothingInUseAllPoliciesAreNew() throws {
        let comparison = PolicyComparison(old: nil, new: try Self.text(Self.policy("p")))
        #expect(comparison.policies == [.init(name: "p", kind: .new)])
        #expect(comparison.settings.isEmpty && !comparison.isEmpty)
    }

    @Test func policiesComeGoAndAreSwitched() throws {
        let comparison = PolicyComparison(
            old: try Self.text(
                ["a", "b", "d"].map { Self.policy($0) }.joined() + Self.policy("c", ", enabled: false")),
            new: try Self.text(
                Self.policy("e") + Self.policy("d", ", enabled: false") + Self.policy("c") + Self.policy("b")))
        #expect(
            comparison.policies.map { "\($0.name) \($0.kind.rawValue)" }
                == ["e new", "d switched off", "c switched on", "b unchanged", "a gone"])
    }

    @Test func everyChangedKeyIsNamedAsInTheFileWithItsValues() throws {
        let comparison = PolicyComparison(
            old: try Self.text(Self.policy("p", ", hold: {max: 90m}, command: {fields: {x: /data/x}}")),
            new: try Self.text(
                Self.policy(
                    "p",
                    ", consent: required, retention: 30d, reentry: {window: 7d}, appliesTo: {tenants: [t, u]}"
                        + ", command: {campaign: spring, fields: {x: {from: /data/x, fallback: y}, z: {value: v}}}",
                    steps: "[{after: 90m, template: b, maxLateness: 2h}, {after: 1d, from: previous, template: a}]"),
                "conversion: {skew: 5m}"))
        #expect(comparison.settings == [.init(key: "conversion.skew", old: "10m", new: "5m")])
        let changes = try #require(comparison.policies.first).changes
        #expect(
            changes.map { "\($0.key): \($0.old ?? "-") > \($0.new ?? "-")" } == [
                "appliesTo.tenants: - > [t, u]", "command.campaign: - > spring",
                "command.fields.x.fallback: - > y", "command.fields.z.value: - > v", "consent: optional > required",
                "hold.max: 1h30m > 1d", "reentry.window: - > 7d", "retention: 90d > 30d", "steps[1].after: 1h > 1h30m",
                "steps[1].maxLateness: 1d > 2h", "steps[1].template: a > b", "steps[2].after: - > 1d",
                "steps[2].from: - > previous", "steps[2].maxLateness: - > 1d", "steps[2].template: - > a",
            ])
    }
}
