import Engine
import Journey

/// A lead, and where events about it belong.
public struct AddressedLead: Sendable, Equatable {
    public var lead: Lead
    public var journey: JourneyReference
    /// What the lead is about, by its policy.
    public var scope: Policy.Scope
    public var opening: JournalState.Opening

    public init(lead: Lead, journey: JourneyReference, scope: Policy.Scope, opening: JournalState.Opening) {
        self.lead = lead
        self.journey = journey
        self.scope = scope
        self.opening = opening
    }
}

/// One `lead.cancelled` event: what it names, and the leads of the person that it ends.
public struct LeadCancellation: Sendable, Equatable {
    /// Says who the person is, and the key.
    public var opening: JournalState.Opening
    public var partition: Int32
    /// Empty: it names none, and so is about all.
    public var product: String
    public var subject: String
    public var ends: [AddressedLead]

    /// The fewest events that end these leads of one person.
    ///
    /// An event that names nothing is about all leads. Where not all are wanted, each event names what its lead is about;
    /// what else that is about ends with it, as `ends` says.
    public static func plan(_ wanted: [AddressedLead], of person: [AddressedLead]) -> [LeadCancellation] {
        guard let first = wanted.first else { return [] }
        if wanted.count == person.count {
            return [
                LeadCancellation(
                    opening: first.opening, partition: first.lead.partition, product: "", subject: "", ends: person)
            ]
        }
        var plan: [LeadCancellation] = []
        for lead in wanted where !plan.contains(where: { $0.ends.contains(lead) }) {
            let (product, subject) = (lead.opening.product, lead.opening.subject)
            plan.append(
                LeadCancellation(
                    opening: lead.opening, partition: lead.lead.partition, product: product, subject: subject,
                    ends: person.filter { $0.isEnded(product: product, subject: subject) }))
        }
        return plan
    }

    /// The leads that it ends besides those that are wanted.
    public func others(than wanted: [AddressedLead]) -> [AddressedLead] { ends.filter { !wanted.contains($0) } }
}

extension AddressedLead {
    /// As the engine decides it: who names nothing is about all.
    fileprivate func isEnded(product: String, subject: String) -> Bool {
        func covers(_ a: String, _ b: String) -> Bool { a.isEmpty || b.isEmpty || a == b }
        return switch scope {
        case .prospect: true
        case .product: covers(product, opening.product)
        case .subject: covers(subject, opening.subject)
        }
    }
}
