import Configuration
import Journey
import Testing

/// Policies that could not do what they say.
@Suite struct PolicyMistakeTests {
    @Test(arguments: types) func eventTypesMustMakeSense(_ case: Case) { `case`.check() }
    @Test(arguments: steps) func aStepThatCanNeverFireIsRefused(_ case: Case) { `case`.check() }
    @Test(arguments: rules) func aRuleThatIsWrongIsNamed(_ case: Case) { `case`.check() }
    @Test(arguments: across) func policiesMustFitTogether(_ case: Case) { `case`.check() }
    @Test(arguments: commands) func aCommandThatIsWrongIsNamed(_ case: Case) { `case`.check() }

    /// A configuration whose one policy has these lines, from line 4 and column 5 on.
    static func policy(_ lines: String...) -> String {
        "kafka: {bootstrap.servers: localhost}\ntemplates: [spot-saved, act-now]\npolicies:\n"
            + "  - " + lines.joined(separator: "\n    ") + "\n"
    }

    static func policy(steps: String, _ more: String...) -> String {
        let lines =
            ["name: p", "opensOn: [checkout.started]", "convertsOn: [checkout.completed]", "steps: \(steps)"] + more
        return "kafka: {bootstrap.servers: localhost}\ntemplates: [spot-saved, act-now]\npolicies:\n"
            + "  - " + lines.joined(separator: "\n    ") + "\n"
    }

    static let step = "[{after: 1h, template: act-now}]"

    static let types: [Case] = [
        Case(
            "misspelt", policy("name: p", "opensOn: [checkout.start]", "convertsOn: []", "steps: \(step)"),
            "w.yaml:5:15: unknown event type `checkout.start` (did you mean `checkout.started`?)"),
        Case(
            "far off", policy("name: p", "opensOn: [order.placed]", "convertsOn: []", "steps: \(step)"),
            "w.yaml:5:15: unknown event type `order.placed`: known are `sales-lead.created`, "),
        Case(
            "no opening", policy("name: p", "convertsOn: [policy.issued]", "steps: \(step)"),
            "w.yaml:4:5: `opensOn` is missing"),
        Case(
            "empty opening", policy("name: p", "opensOn: []", "convertsOn: [policy.issued]", "steps: \(step)"),
            "w.yaml:5:14: `opensOn` is empty"),
        Case(
            "no conversion", policy("name: p", "opensOn: [offer.created]", "steps: \(step)"),
            "w.yaml:4:5: `convertsOn` is missing"),
        Case(
            "in both",
            policy(
                "name: p", "opensOn: [offer.created]", "convertsOn: [policy.issued, offer.created]", "steps: \(step)"),
            "w.yaml:6:33: `offer.created` cannot both open a journey and convert it"),
        Case(
            "twice", policy("name: p", "opensOn: [offer.created, offer.created]", "convertsOn: []", "steps: \(step)"),
            "w.yaml:5:30: `offer.created` is listed twice"),
        Case(
            "an opt-out opens", policy("name: p", "opensOn: [contact.opted-out]", "convertsOn: []", "steps: \(step)"),
            "w.yaml:5:15: `contact.opted-out` ends all journeys of a person by itself"),
        Case(
            "a cancellation converts",
            policy("name: p", "opensOn: [offer.created]", "convertsOn: [lead.cancelled]", "steps: \(step)"),
            "w.yaml:6:18: `lead.cancelled` ends journeys as cancelled by itself"),
        Case(
            "an opt-in is activity",
            policy(
                "name: p", "opensOn: [offer.created]", "convertsOn: []", "activityOn: contact.opted-in",
                "steps: \(step)"),
            "w.yaml:7:17: `contact.opted-in` only lifts an opt-out"),
    ]

    static let steps: [Case] = [
        Case("none", policy(steps: "[]"), "w.yaml:7:12: `steps` is empty"),
        Case(
            "not given", policy("name: p", "opensOn: [offer.created]", "convertsOn: []"),
            "w.yaml:4:5: `steps` is missing"),
        Case("no time", policy(steps: "[{template: act-now}]"), "w.yaml:7:13: `after` is missing"),
        Case("no template", policy(steps: "[{after: 1h}]"), "w.yaml:7:13: `template` is missing"),
        Case(
            "bad duration", policy(steps: "[{after: 3 days, template: act-now}]"),
            "w.yaml:7:21: `after`: `3 days` is no duration: write `90m`, `12h`, `3d`, `1h30m` or an ISO 8601 duration "
                + "such as `PT1H` (did you mean `3d`?)"),
        Case(
            "zero", policy(steps: "[{after: 0s, template: act-now}]"), "w.yaml:7:21: `after` must be from 1ms to 3660d"),
        Case("negative", policy(steps: "[{after: -1h, template: act-now}]"), "w.yaml:7:21: `after`: `-1h` is negative"),
        Case("a month", policy(steps: "[{after: P1M, template: act-now}]"), "w.yaml:7:21: `after`: `P1M` has months"),
        Case(
            "a template that is not listed", policy(steps: "[{after: 1h, template: spotsaved}]"),
            "w.yaml:7:35: template `spotsaved` is not listed under `templates` (did you mean `spot-saved`?)"),
        Case(
            "after its retention", policy(steps: "[{after: 91d, template: act-now}]"),
            "w.yaml:7:21: step 1 could never fire: it is due 91d after the opening, and the lead expires after 90d"),
        Case(
            "after its retention by sum",
            policy(
                steps: "[{after: 2d, template: spot-saved}, {after: 2d, from: previous, template: act-now}]",
                "retention: 3d"),
            "w.yaml:7:56: step 2 could never fire: it is due 4d after the opening, and the lead expires after 3d"),
        Case(
            "not later than the one before",
            policy(steps: "[{after: 24h, template: spot-saved}, {after: 1h, template: act-now}]"),
            "w.yaml:7:57: step 2 is due 1h after the anchor, no later than step 1 (1d), which could then never fire"),
        Case(
            "together with a sum",
            policy(
                steps: "[{after: 1h, template: act-now}, {after: 1h, from: previous, template: act-now}, "
                    + "{after: 2h, template: act-now}]"),
            "w.yaml:7:101: step 3 is due 2h after the anchor, no later than step 2 (2h)"),
        Case(
            "the first after a previous one", policy(steps: "[{after: 1h, from: previous, template: act-now}]"),
            "w.yaml:7:31: the first step has no previous one"),
        Case(
            "no lateness", policy(steps: "[{after: 1h, template: act-now, maxLateness: 0s}]"),
            "w.yaml:7:57: `maxLateness` 0s lets no reminder through"),
        Case(
            "less lateness than the clock's", policy(steps: "[{after: 1h, template: act-now, maxLateness: 5s}]"),
            "w.yaml:7:57: `maxLateness` 5s lets no reminder through"),
        Case(
            "too many",
            policy(steps: "[" + (1...33).map { "{after: \($0)h, template: act-now}" }.joined(separator: ", ") + "]"),
            "w.yaml:7:1060: `steps` has 33 items: at most 32 are allowed"),
    ]

    static let rules: [Case] = [
        Case(
            "no name", policy("opensOn: [offer.created]", "convertsOn: []", "steps: \(step)"),
            "w.yaml:4:5: `name` is missing"),
        Case(
            "scope", policy(steps: step, "scope: offer"),
            "w.yaml:8:12: `scope` must be `prospect` or `product` or `subject`"),
        Case("anchor", policy(steps: step, "anchor: open"), "w.yaml:8:13: `anchor` must be"),
        Case(
            "no window", policy(steps: step, "reentry: {windw: 7d}"),
            "w.yaml:8:14: `window` is missing",
            "w.yaml:8:15: unknown key `windw` in `reentry` (did you mean `window`?)"),
        Case("window", policy(steps: step, "reentry: {window: 0d}"), "w.yaml:8:23: `window` must be from 1ms to 3660d"),
        Case("hold", policy(steps: step, "hold: {max: 0s}"), "w.yaml:8:17: `max` must be from 1ms"),
        Case("retention", policy(steps: step, "retention: 90"), "w.yaml:8:16: `retention`: `90` has no unit"),
        Case("consent", policy(steps: step, "consent: require"), "w.yaml:8:14: `consent` must be"),
        Case("backfill", policy(steps: step, "backfill: -3d"), "w.yaml:8:15: `backfill`: `-3d` is negative"),
        Case("nobody", policy(steps: step, "appliesTo: {tenants: []}"), "w.yaml:8:26: `tenants` is empty"),
        Case("tenant twice", policy(steps: step, "appliesTo: {tenants: [a, a]}"), "w.yaml:8:30: `a` is listed twice"),
    ]

    static let across: [Case] = [
        Case(
            "none", minimal().split(separator: "\n").prefix(2).joined(separator: "\n") + "\npolicies: []\n",
            "w.yaml:3:11: `policies` is empty"),
        Case(
            "one name",
            minimal("  - {name: p, opensOn: offer.created, convertsOn: [], steps: [{after: 1h, template: a}]}"),
            "w.yaml:9:12: two policies are named `p`, the first in line 4: rename one"),
        Case(
            "superseding itself", policy(steps: step, "supersedes: [p]"),
            "w.yaml:8:18: a policy cannot supersede itself"),
        Case(
            "superseding nobody", policy(steps: step, "supersedes: unconverted-led"),
            "w.yaml:8:17: `supersedes` names the policy `unconverted-led`, which does not exist"),
        Case(
            "superseding a misspelt one",
            minimal(
                "  - {name: offer, opensOn: offer.created, convertsOn: [], supersedes: [q], steps: [{after: 1h, template: a}]}"
            ),
            "w.yaml:9:72: `supersedes` names the policy `q`, which does not exist (did you mean `p`?)"),
        Case(
            "too many",
            "kafka: {bootstrap.servers: x}\ntemplates: [a]\npolicies:\n"
                + (0..<65).map {
                    "  - {name: p\($0), opensOn: offer.created, convertsOn: [], steps: [{after: 1h, template: a}]}\n"
                }.joined(),
            "w.yaml:68:5: `policies` has 65 items: at most 64 are allowed"),
        Case(
            "no templates", minimal().replacing("templates: [a, b]\n", with: ""), "w.yaml:1:1: `templates` is missing"),
    ]

    static let commands: [Case] = [
        Case(
            "no pointer", policy(steps: step, "command: {fields: {name: data.product.name}}"),
            "w.yaml:8:30: `data.product.name` is no JSON pointer: it begins with `/`, as in `/data/product/name`; "
                + "a constant is `{value: …}` (did you mean `/data/product/name`?)"),
        Case(
            "nothing between", policy(steps: step, "command: {fields: {name: /data//name}}"),
            "w.yaml:8:30: `/data//name` is no JSON pointer: there is nothing between two `/`"),
        Case(
            "bad escape", policy(steps: step, "command: {fields: {name: /data/a~2}}"),
            "w.yaml:8:30: `/data/a~2` is no JSON pointer: write `~0` for `~`"),
        Case("all data", policy(steps: step, "command: {fields: {name: /data}}"), "w.yaml:8:30: `/data` points at all"),
        Case(
            "outside of data", policy(steps: step, "command: {fields: {name: /product/name}}"),
            "w.yaml:8:30: `/product/name` points nowhere: it must begin with `/data/`, or be an attribute of the event "
                + "such as `/source` (did you mean `/data/product/name`?)"),
        Case(
            "constant and pointer", policy(steps: step, "command: {fields: {name: {value: x, from: /data/x}}}"),
            "w.yaml:8:30: `name` is either a constant (`value`) or read from the event (`from`)"),
        Case(
            "fallback alone", policy(steps: step, "command: {fields: {name: {fallback: x}}}"),
            "w.yaml:8:30: `from` is missing"),
        Case(
            "bad name", policy(steps: step, "command: {fields: {'a b': {value: x}}}"), "w.yaml:8:24: `a b` is no name"),
        Case(
            "a long constant",
            policy(steps: step, "command: {fields: {a: {value: \(String(repeating: "x", count: 1025))}}}"),
            "w.yaml:8:35: `value` is longer than 1024 bytes"),
        Case(
            "too many pointers",
            policy(
                steps: step,
                "command: {fields: {" + (0..<49).map { "f\($0): /data/f\($0)" }.joined(separator: ", ") + "}}"),
            "w.yaml:8:777: more than 48 different JSON pointers in all policies"),
        Case("tags", policy(steps: step, "command: {tags: [a, a]}"), "w.yaml:8:25: `a` is listed twice"),
    ]

    @Test func aStepThatIsDueWhenItsLeadExpiresStillFires() throws {
        let text = Self.policy(steps: "[{after: 3d, template: act-now}]", "retention: 3d")
        #expect(try Configuration.parse(text: text).policies[0].retention == .days(3))
    }

    @Test func oneMistakeDoesNotCauseAnother() {
        let retention = Self.policy(steps: "[{after: 100d, template: act-now}]", "retention: 120 days")
        #expect(mistakes(retention).count == 1)
        let name = minimal(
            "  - {name: q r, opensOn: offer.created, convertsOn: [], steps: [{after: 1h, template: a}]}",
            policy: "supersedes: [q r]")
        #expect(mistakes(name).allSatisfy { $0.contains("is no name") })
    }

    @Test func aKeyInTheWrongPlaceIsShownItsOwn() {
        let printed = mistakes(Self.policy(steps: Self.step, "window: 7d", "tags: [a]"))
        #expect(printed[0].hasSuffix("unknown key `window` in `policies[0]` (did you mean `reentry.window`?)"))
        #expect(printed[1].hasSuffix("unknown key `tags` in `policies[0]` (did you mean `command.tags`?)"))
    }

    @Test func stepsThatAreDueAtOneTickAreAWarning() throws {
        let text = Self.policy(steps: "[{after: 1h, template: act-now}, {after: 60m500ms, template: act-now}]")
        let warnings = try Configuration.parse(text: text, file: "w.yaml").warnings
        #expect(warnings.map(\.description).first?.hasPrefix("w.yaml:7:53: step 1 may never fire") == true)
    }

    @Test func shortLatenessAndNoConversionAreWarnings() throws {
        let text = Self.policy(
            "name: p", "opensOn: [offer.created]", "convertsOn: []", "enabled: false",
            "steps: [{after: 1h, template: act-now, maxLateness: 15s}]")
        let warnings = try Configuration.parse(text: text, file: "w.yaml").warnings.map(\.description)
        #expect(warnings.count == 3)
        #expect(warnings[0].hasPrefix("w.yaml:4:3: no policy is enabled"))
        #expect(warnings[1].hasPrefix("w.yaml:6:17: `convertsOn` is empty: whoever buys is still reminded"))
        #expect(warnings[2].hasPrefix("w.yaml:8:57: `maxLateness` 15s may expire before a reminder is sent"))
    }

    @Test func theSamePointersInSeveralPoliciesCountOnce() throws {
        let fields = "command: {fields: {" + (0..<48).map { "f\($0): /data/f\($0)" }.joined(separator: ", ") + "}}"
        let policies = ["p", "q"].map {
            "  - {name: \($0), opensOn: offer.created, convertsOn: [], steps: [{after: 1h, template: a}], \(fields)}\n"
        }
        let text = "kafka: {bootstrap.servers: x}\ntemplates: [a]\npolicies:\n" + policies.joined()
        #expect(try Configuration.parse(text: text).policies.count == 2)
    }

    @Test func aStepOneDayAfterTheFirstMailIsFine() throws {
        let text = Self.policy(
            steps: "[{after: 90m, template: act-now}, {after: 1d, from: previous, template: act-now}, "
                + "{after: P3D, template: act-now, maxLateness: PT1H}]")
        let steps = try Configuration.parse(text: text).policies[0].steps
        #expect(steps.map(\.after) == [.minutes(90), .days(1), .days(3)])
        #expect(steps.map(\.maxLateness) == [.hours(24), .hours(24), .hours(1)])
    }
}
