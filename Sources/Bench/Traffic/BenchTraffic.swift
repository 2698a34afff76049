import Configuration
import Demo
import Foundation
import Journey

/// The traffic and the policies that every figure is measured with: both products, some four events a prospect.
struct BenchTraffic {
    static let start = Instant(milliseconds: 1_767_225_600_000)

    var events: Int
    var prospects: Int
    /// When the first event happens; the last one does so much later.
    var start = Self.start
    static let duration = Span.days(10)

    var settings: TrafficSettings {
        var settings = TrafficSettings(start: start)
        settings.events = events
        settings.prospects = prospects
        settings.duration = Self.duration
        settings.mix.furtherUpdates = 3
        return settings
    }

    /// `events:` for events of another shape than the default.
    static let mapping = """
        events:
          format: json
          type: /kind
          id: /eventId
          source: /service
          time: /occurredAt
          timeFormat: milliseconds
          tenant: /body/tenant
          prospect: /body/prospect/id
          email: /body/prospect/email
          product: /body/product/id
          subject: /about
          about: /body/subject
          consent: /body/consent
          fields:
            /data/product/name: /body/product/name
            /data/checkout/url: /body/checkout/url
            /data/prospect/firstName: /body/prospect/firstName
        """

    static func configuration(
        data: String, names: TopicNames = TopicNames(), group: String = "winback-bench", publishesLeads: Bool = false,
        events: String = ""
    ) throws -> Configuration {
        try Configuration.parse(
            text: """
                kafka: {bootstrap.servers: "\(names.bootstrapServers)"}
                topics:
                  events: \(names.events)
                  reminders: \(names.reminders)
                  deadLetters: \(names.deadLetters)
                  \(publishesLeads ? "leads: \(names.leads)" : "")
                data: \(data)
                group: \(group)
                \(events)
                templates: [lead-reminder, offer-reminder, spot-saved, act-now]
                policies:
                  - name: unconverted-lead
                    opensOn: [sales-lead.created]
                    convertsOn: [policy.issued]
                    scope: product
                    anchor: opened
                    backfill: 3650d
                    steps: [{after: 3d, template: lead-reminder}]
                  - name: unconverted-offer
                    opensOn: [offer.created]
                    convertsOn: [policy.issued]
                    scope: subject
                    supersedes: [unconverted-lead]
                    anchor: opened
                    backfill: 3650d
                    steps: [{after: 12h, template: offer-reminder}]
                  - name: abandoned-checkout
                    opensOn: [checkout.started]
                    convertsOn: [checkout.completed]
                    reentry: {window: 7d}
                    retention: 90d
                    backfill: 3650d
                    steps:
                      - {after: 1h, template: spot-saved}
                      - {after: 24h, from: previous, template: act-now}
                    command:
                      campaign: winback
                      tags: [abandoned-cart]
                      fields:
                        membership_name: {from: /data/product/name, fallback: your membership}
                        checkout_url: {from: /data/checkout/url, fallback: "https://example.com"}
                        first_name: {from: /data/prospect/firstName, fallback: there}
                """)
    }
}
