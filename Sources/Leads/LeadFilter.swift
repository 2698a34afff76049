import Journey

/// Which leads are wanted; an empty filter wants all.
public struct LeadFilter: Sendable {
    public var tenant: String?
    public var policy: String?
    public var product: String?
    public var email: String?
    public var prospectID: String?
    public var statuses: Set<Lead.Status> = []
    /// Opened at or after this time.
    public var since: Instant?

    public init() {}

    /// What can be told without reading the person's data.
    func admits(_ journey: JourneyState, _ status: Lead.Status, policy name: String) -> Bool {
        if let policy, policy != name { return false }
        if let since, journey.openedAt < since { return false }
        return statuses.isEmpty || statuses.contains(status)
    }

    func admits(_ lead: Lead) -> Bool {
        func fits(_ wanted: String?, _ value: String) -> Bool { wanted.map { $0 == value } ?? true }
        return fits(tenant, lead.tenant) && fits(product, lead.product) && fits(prospectID, lead.prospectID)
            && (email.map { $0.lowercased() == lead.email.lowercased() } ?? true)
    }
}
