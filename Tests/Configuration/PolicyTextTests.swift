import Configuration
import Journey
import RandomTestSupport
import Testing

@Suite struct PolicyTextTests {
    /// The text is in journals for years: it must not change.
    @Test func theTextOfAConfigurationIsThis() throws {
        let text = minimal(
            "conversion: {skew: 5m}\nidentity: email\nevents: {unknown: refuse}\ntopics: {events: [b, a], key: any}",
            policy: """
                reentry: {window: 7d}
                command: {campaign: ü, tags: [y, x], fields: {u: /data/u, a: {from: /data/a, fallback: ''}, c: {value: "\\"/"}}}
                """)
        #expect(
            try Configuration.parse(text: text).canonicalPolicyText
                == #"{"conversionSkew":300000,"eventTopics":["b","a"],"identity":"email","policies":["#
                + #"{"activityOn":[],"anchor":"lastActivity","backfill":0,"command":{"campaign":"ü","fields":["#
                + #"{"fallback":"","from":"/data/a","name":"a"},{"name":"c","value":"\"/"},{"from":"/data/u","name":"u"}],"#
                + #""tags":["y","x"]},"consentRequired":false,"convertsOn":["checkout.completed"],"enabled":true,"#
                + #""holdMaximum":86400000,"name":"p","opensOn":["checkout.started"],"products":[],"#
                + #""reentryWindow":604800000,"retention":7776000000,"scope":"prospect","#
                + #""steps":[{"after":3600000,"from":"anchor","maxLateness":86400000,"template":"a"}],"#
                + #""supersedes":[],"tenants":[]}],"topicKey":"any","unknownEvents":"refuse","version":1}"#)
    }

    @Test func theTextOfAConfigurationIsReadBack() throws {
        let configuration = try Configuration.parse(text: ExampleTests.text)
        let read = try PolicyText(text: configuration.canonicalPolicyText)
        #expect(read.policies == ExampleTests.policies)
        #expect(read == PolicyText(configuration))
    }

    @Test(arguments: [UInt64.random(in: 0 ... .max)])
    func anyPoliciesAreReadBack(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let value = PolicyText.random(using: &generator)
            let read = try PolicyText(text: value.text)
            #expect(read == value, "seed \(seed)")
            #expect(read.text == value.text, "seed \(seed)")
        }
    }

    @Test func orderInAListOfNamesDoesNotMatter() throws {
        let one = try Configuration.parse(text: minimal(policy: "appliesTo: {tenants: [a, b], products: [c, d]}"))
        let two = try Configuration.parse(text: minimal(policy: "appliesTo: {products: [d, c], tenants: [b, a]}"))
        #expect(one.canonicalPolicyText == two.canonicalPolicyText)
    }

    @Test func whatDecisionsDoNotReadIsNotInTheText() throws {
        let one = try Configuration.parse(text: minimal())
        let two = try Configuration.parse(text: minimal("group: x\ndata: /x\ncommit: {interval: 50ms}"))
        #expect(one.canonicalPolicyText == two.canonicalPolicyText)
    }

    @Test func aChangedTextIsRefused() throws {
        let text = PolicyText(policies: ExampleTests.policies).text
        let changes: [(String, String, PolicyTextError.Code)] = [
            (#""version":1"#, #""version":2"#, .unsupportedVersion),
            (#""version":1"#, #""version":1,"x":1"#, .notCanonical),
            (#""version":1"#, #""version": 1"#, .notCanonical),
            (#""enabled":true"#, #""enabled":true,"pause":1"#, .notCanonical),
            (#""enabled":true,"#, "", .malformed),
            (#""scope":"subject""#, #""scope":"cart""#, .malformed),
            ("offer.created", "offer.made", .malformed),
            ("}", "", .malformed),
        ]
        for (part, other, code) in changes {
            let changed = text.replacing(part, with: other)
            do throws(PolicyTextError) {
                _ = try PolicyText(text: changed)
                Issue.record("was accepted: \(changed)")
            } catch {
                #expect(error.code == code, "\(error)")
            }
        }
    }
}

extension PolicyText {
    static func random(using generator: inout SeededGenerator) -> PolicyText {
        PolicyText(
            policies: (0..<Int.random(in: 0...4, using: &generator)).map { _ in Policy.random(using: &generator) },
            settings: DecisionSettings(conversionSkew: Span.random(using: &generator)),
            identity: Configuration.Identity.allCases.randomElement(using: &generator) ?? .email,
            eventTopics: [String].random(using: &generator),
            topicKey: Topics.Key.allCases.randomElement(using: &generator) ?? .any,
            unknownEvents: Configuration.UnknownEvents.allCases.randomElement(using: &generator) ?? .refuse)
    }
}

extension Policy {
    static func random(using generator: inout SeededGenerator) -> Policy {
        var policy = Policy(
            name: String.random(using: &generator), opensOn: EventTypeSet.random(using: &generator),
            convertsOn: EventTypeSet.random(using: &generator),
            steps: (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                Step(
                    after: Span.random(using: &generator),
                    from: Step.Origin.allCases.randomElement(using: &generator) ?? .anchor,
                    template: String.random(using: &generator), maxLateness: Span.random(using: &generator))
            })
        policy.enabled = Bool.random(using: &generator)
        policy.tenants = [String].random(using: &generator)
        policy.products = [String].random(using: &generator)
        policy.activityOn = EventTypeSet.random(using: &generator)
        policy.scope = Scope.allCases.randomElement(using: &generator) ?? .subject
        policy.anchor = Anchor.allCases.randomElement(using: &generator) ?? .opened
        policy.supersedes = [String].random(using: &generator)
        policy.reentryWindow = Bool.random(using: &generator) ? Span.random(using: &generator) : nil
        policy.holdMaximum = Span.random(using: &generator)
        policy.retention = Span.random(using: &generator)
        policy.consentRequired = Bool.random(using: &generator)
        policy.backfill = Span.random(using: &generator)
        policy.command.campaign = Bool.random(using: &generator) ? String.random(using: &generator) : nil
        policy.command.tags = [String].random(using: &generator)
        policy.command.fields = [String].random(using: &generator).map { name in
            let text = String.random(using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: return Field(name: name, source: .constant(text))
            case 1: return Field(name: name, source: .pointer(text, fallback: nil))
            default: return Field(name: name, source: .pointer(text, fallback: String.random(using: &generator)))
            }
        }
        return policy
    }
}

extension Span {
    static func random(using generator: inout SeededGenerator) -> Span {
        Span(milliseconds: Int64.random(in: 0...316_224_000_000, using: &generator))
    }
}

extension EventTypeSet {
    static func random(using generator: inout SeededGenerator) -> EventTypeSet {
        EventTypeSet(EventType.allCases.filter { _ in Bool.random(using: &generator) })
    }
}

extension String {
    /// With whatever JSON has to escape, and more.
    static func random(using generator: inout SeededGenerator) -> String {
        let alphabet: [Character] = [
            "a", "Z", "0", "/", "\\", "\"", "\u{1}", "\n", "ü", "e\u{301}", "🛒", "\u{2028}", " ",
        ]
        return String(
            (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? "a"
            })
    }
}

extension [String] {
    static func random(using generator: inout SeededGenerator) -> [String] {
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in String.random(using: &generator) }
    }
}
