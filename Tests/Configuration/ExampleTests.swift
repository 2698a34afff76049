import Configuration
import Journey
import Testing

@Suite struct ExampleTests {
    static let text = """
        kafka:
          bootstrap.servers: localhost:9092
        topics:
          events: checkout-events
          reminders: send-reminder
          deadLetters: checkout-events.dead-letters
        templates: [lead-reminder, offer-reminder, spot-saved, act-now]   # a step may only name one of these
        policies:
          - name: unconverted-lead            # insurance: a lead that is not a policy after three days
            opensOn: [sales-lead.created]
            convertsOn: [policy.issued]
            scope: product
            anchor: opened
            steps: [{after: 3d, template: lead-reminder}]
          - name: unconverted-offer
            opensOn: [offer.created]
            convertsOn: [policy.issued]
            scope: subject                    # each offer is a journey of its own
            supersedes: [unconverted-lead]
            anchor: opened
            steps: [{after: 12h, template: offer-reminder}]
          - name: abandoned-checkout          # memberships: one hour, then a day after the first mail
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            reentry: {window: 7d}
            retention: 90d
            steps:
              - {after: 1h, template: spot-saved}
              - {after: 24h, from: previous, template: act-now}
            command:
              campaign: winback
              tags: [abandoned-cart]
              fields: {membership_name: /data/product/name, checkout_url: /data/checkout/url, first_name: {from: /data/prospect/firstName, fallback: there}, brand: {value: Example Academy}}
        """

    static var policies: [Policy] {
        var lead = Policy(
            name: "unconverted-lead", opensOn: EventTypeSet(.salesLeadCreated), convertsOn: EventTypeSet(.policyIssued),
            steps: [Policy.Step(after: .days(3), template: "lead-reminder")])
        lead.scope = .product
        lead.anchor = .opened
        var offer = Policy(
            name: "unconverted-offer", opensOn: EventTypeSet(.offerCreated), convertsOn: EventTypeSet(.policyIssued),
            steps: [Policy.Step(after: .hours(12), template: "offer-reminder")])
        offer.scope = .subject
        offer.anchor = .opened
        offer.supersedes = ["unconverted-lead"]
        var checkout = Policy(
            name: "abandoned-checkout", opensOn: EventTypeSet(.checkoutStarted),
            convertsOn: EventTypeSet(.checkoutCompleted),
            steps: [
                Policy.Step(after: .hours(1), template: "spot-saved"),
                Policy.Step(after: .hours(24), from: .previous, template: "act-now"),
            ])
        checkout.reentryWindow = .days(7)
        checkout.retention = .days(90)
        checkout.command.campaign = "winback"
        checkout.command.tags = ["abandoned-cart"]
        checkout.command.fields = [
            Policy.Field(name: "brand", source: .constant("Example Academy")),
            Policy.Field(name: "checkout_url", source: .pointer("/data/checkout/url", fallback: nil)),
            Policy.Field(name: "first_name", source: .pointer("/data/prospect/firstName", fallback: "there")),
            Policy.Field(name: "membership_name", source: .pointer("/data/product/name", fallback: nil)),
        ]
        return [lead, offer, checkout]
    }

    @Test func theExampleGivesExactlyItsPolicies() throws {
        let configuration = try Configuration.parse(text: Self.text)
        #expect(configuration.policies == Self.policies)
        #expect(configuration.templates == ["lead-reminder", "offer-reminder", "spot-saved", "act-now"])
        #expect(configuration.topics == Topics())
        #expect(configuration.kafka.map(\.description) == ["bootstrap.servers=localhost:9092"])
    }

    @Test func whatIsNotSetHasItsDefault() throws {
        let configuration = try Configuration.parse(text: minimal())
        #expect(configuration.data == "./winback-data")
        #expect(configuration.group == "winback")
        #expect(configuration.instance == nil)
        #expect(configuration.identity == .prospect)
        #expect(configuration.conversionSkew == .minutes(10))
        #expect(configuration.clock.lateness == .seconds(5))
        #expect(configuration.clock.maxAge == .seconds(10))
        #expect(configuration.clock.maxGap == .days(30))
        #expect(configuration.clock.interval == .seconds(1))
        #expect(configuration.commitInterval == Span(milliseconds: 100))
        #expect(configuration.snapshotBytes == 64 << 20)
        #expect(configuration.unknownEvents == .ignore)
        #expect(configuration.topics.events == ["checkout-events"])
        #expect(configuration.topics.deadLetters == "checkout-events.dead-letters")
        #expect(configuration.topics.leads == nil)
        #expect(configuration.topics.key == .identity)
        #expect(configuration.warnings.isEmpty)
        let policy = configuration.policies[0]
        #expect(policy.retention == .days(90))
        #expect(policy.holdMaximum == .hours(24))
        #expect(policy.reentryWindow == nil)
        #expect(policy.anchor == .lastActivity)
        #expect(policy.steps[0].maxLateness == .hours(24))
    }

    @Test func everySettingCanBeSet() throws {
        let configuration = try Configuration.parse(
            text: minimal(
                """
                topics: {events: [one, two], reminders: out, deadLetters: dead, leads: crm, key: any}
                data: /var/lib/winback
                group: shop
                instance: shop-1
                identity: email
                conversion: {skew: PT5M}
                clock: {lateness: 2s, maxAge: 8s, maxGap: P2W, interval: 500ms}
                commit: {interval: 50ms}
                snapshots: {every: 1GiB}
                events: {unknown: refuse}
                """,
                policy: """
                    enabled: false
                    appliesTo: {tenants: [b, a], products: gold}
                    activityOn: [offer.created]
                    scope: prospect
                    anchor: lastActivity
                    supersedes: []
                    hold: {max: 2h}
                    consent: required
                    backfill: 3d
                    """))
        #expect(configuration.topics.events == ["one", "two"])
        #expect(configuration.topics.reminders == "out")
        #expect(configuration.topics.deadLetters == "dead")
        #expect(configuration.topics.leads == "crm")
        #expect(configuration.topics.key == .any)
        #expect(configuration.data == "/var/lib/winback")
        #expect(configuration.group == "shop")
        #expect(configuration.instance == "shop-1")
        #expect(configuration.identity == .email)
        #expect(configuration.conversionSkew == .minutes(5))
        #expect(configuration.clock.lateness == .seconds(2))
        #expect(configuration.clock.maxAge == .seconds(8))
        #expect(configuration.clock.maxGap == .days(14))
        #expect(configuration.clock.interval == Span(milliseconds: 500))
        #expect(configuration.commitInterval == Span(milliseconds: 50))
        #expect(configuration.snapshotBytes == 1 << 30)
        #expect(configuration.unknownEvents == .refuse)
        let policy = configuration.policies[0]
        #expect(!policy.enabled)
        #expect(policy.tenants == ["a", "b"])
        #expect(policy.products == ["gold"])
        #expect(policy.activityOn == EventTypeSet(.offerCreated))
        #expect(policy.holdMaximum == .hours(2))
        #expect(policy.consentRequired)
        #expect(policy.backfill == .days(3))
    }

    @Test func aliasesStandForTheirAnchors() throws {
        let configuration = try Configuration.parse(
            text: """
                kafka: {bootstrap.servers: localhost}
                templates: [a]
                policies:
                  - {name: p, opensOn: [checkout.started], convertsOn: [checkout.completed], steps: &steps [{after: 1h, template: a}]}
                  - {name: q, opensOn: [offer.created], convertsOn: [policy.issued], steps: *steps}
                """)
        #expect(configuration.policies[0].steps == configuration.policies[1].steps)
    }

    @Test func aFieldWithoutFallbackIsAWarning() throws {
        let configuration = try Configuration.parse(text: Self.text, file: "w.yaml")
        #expect(
            configuration.warnings.map(\.description) == [
                "w.yaml:33:33: field `membership_name` has no fallback: "
                    + "a reminder for an event without `/data/product/name` is skipped",
                "w.yaml:33:67: field `checkout_url` has no fallback: "
                    + "a reminder for an event without `/data/checkout/url` is skipped",
            ])
    }
}
