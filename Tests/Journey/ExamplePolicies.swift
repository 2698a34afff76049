@testable import Journey

/// The policies of both products, as their configuration has them.
enum ExamplePolicies {
    static let productName = "/data/product/name"
    static let checkoutURL = "/data/checkout/url"
    static let firstName = "/data/prospect/firstName"

    /// What the checkout policy needs and has no fallback for.
    static let fields = [productName, checkoutURL]

    /// Insurance: a lead that is not a policy after three days.
    static var lead: Policy {
        var policy = Policy(
            name: "unconverted-lead", opensOn: [.init(.salesLeadCreated)], convertsOn: [.init(.policyIssued)],
            steps: [.init(after: 3.days, template: "lead-reminder")])
        policy.scope = .product
        policy.anchor = .opened
        return policy
    }

    /// Insurance: each offer is a journey of its own, and takes over from the lead.
    static var offer: Policy {
        var policy = Policy(
            name: "unconverted-offer", opensOn: [.init(.offerCreated)], convertsOn: [.init(.policyIssued)],
            steps: [.init(after: 12.hours, template: "offer-reminder")])
        policy.scope = .subject
        policy.anchor = .opened
        policy.supersedes = ["unconverted-lead"]
        return policy
    }

    static var kasko: [Policy] { [lead, offer] }

    /// Memberships: one hour after the last activity, then a day after the first mail.
    static var checkout: Policy {
        var policy = Policy(
            name: "abandoned-checkout", opensOn: [.init(.checkoutStarted)], convertsOn: [.init(.checkoutCompleted)],
            steps: [
                .init(after: 1.hours, template: "spot-saved"),
                .init(after: 24.hours, from: .previous, template: "act-now"),
            ])
        policy.reentryWindow = 7.days
        policy.retention = 90.days
        policy.command.campaign = "winback"
        policy.command.tags = ["abandoned-cart"]
        policy.command.fields = [
            .init(name: "brand", source: .constant("Example Academy")),
            .init(name: "checkout_url", source: .pointer(checkoutURL, fallback: nil)),
            .init(name: "first_name", source: .pointer(firstName, fallback: "there")),
            .init(name: "membership_name", source: .pointer(productName, fallback: nil)),
        ]
        return policy
    }

    /// The checkout policy with one step and without a window: for rules that these only blur.
    static var oneHour: Policy {
        var policy = checkout
        policy.reentryWindow = nil
        policy.steps.removeLast()
        return policy
    }

    /// One step a day after the opening, whatever happens in between.
    static var oneDay: Policy {
        var policy = oneHour
        policy.anchor = .opened
        policy.steps[0].after = 24.hours
        return policy
    }
}

extension Policy {
    /// The same policy with one thing changed.
    func with(_ change: (inout Policy) -> Void) -> Policy {
        var policy = self
        change(&policy)
        return policy
    }
}
