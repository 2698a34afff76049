import Configuration

/// The configuration that a demo plays: both products' policies, as somebody would write them.
enum DemoConfiguration {
    /// `winback.yaml`, which stays in the demo's folder so that other commands can be tried with it.
    static func text(broker: DemoBroker, directory: DemoDirectory) -> String {
        let topics = broker.topics
        // A group of its own: the data directory is a fresh one, and offsets of an earlier demo belong to another.
        let group = directory.path.split(separator: "/").last.map { String($0) } ?? "winback-demo"
        return """
            # Written by `winback demo`; try it with check, status and leads.
            kafka:
              bootstrap.servers: \(broker.bootstrapServers)
            topics:
              events: \(topics.events[0])
              reminders: \(topics.reminders)
              deadLetters: \(topics.deadLetters)
            data: "\(directory.data)"
            group: \(group)
            clock: {interval: 100ms}          # the demo's clock runs fast: an hour passes in less than a second
            templates: [lead-reminder, offer-reminder, spot-saved, act-now]
            policies:
              - name: unconverted-lead        # insurance: a lead that is not a policy after three days
                appliesTo: {tenants: [example-insurance]}
                opensOn: [sales-lead.created]
                convertsOn: [policy.issued]
                scope: product
                anchor: opened
                steps: [{after: 3d, template: lead-reminder}]
                command: {campaign: insurance, fields: *fields}
              - name: unconverted-offer       # ... and an offer after twelve hours
                appliesTo: {tenants: [example-insurance]}
                opensOn: [offer.created]
                convertsOn: [policy.issued]
                scope: subject
                supersedes: [unconverted-lead]
                anchor: opened
                steps: [{after: 12h, template: offer-reminder}]
                command: {campaign: insurance, fields: *fields}
              - name: abandoned-checkout      # memberships: after an hour, and a day after that
                appliesTo: {tenants: [example-academy]}
                opensOn: [checkout.started]
                convertsOn: [checkout.completed]
                reentry: {window: 7d}
                retention: 90d
                steps:
                  - {after: 1h, template: spot-saved}
                  - {after: 24h, from: previous, template: act-now}
                command: {campaign: winback, tags: [abandoned-cart], fields: *fields}

            """.replacing("*fields", with: fields)
    }

    private static let fields = """
        {product_name: {from: /data/product/name, fallback: your choice}, \
        checkout_url: {from: /data/checkout/url, fallback: "https://example.com"}, \
        first_name: {from: /data/prospect/firstName, fallback: there}, \
        last_name: {from: /data/prospect/lastName, fallback: "-"}}
        """
}
